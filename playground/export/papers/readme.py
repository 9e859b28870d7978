"""What lies in an export, in the place of the card that PEFT leaves to be filled in."""

from __future__ import annotations

from pathlib import Path

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.export.papers.card import NAME
from playground.export.papers.markdown import filled

UNTOUCHED = "# Model Card for Model ID"  # the title of PEFT's card, which whoever fills it in replaces
WEIGHTS = "## Base weights"  # what a run has written below PEFT's card
TEMPLATE = Path(__file__).with_name("readme.md")
FILES = {
    "adapter_model.safetensors": "the adapter's weights, beside adapter_config.json in PEFT's own layout",
    "train.py": "the training once more, in plain transformers and PEFT; its first lines say how",
    "answer.py": "asks the adapter; its first lines say how",
    "run.ipynb": "training and answers, a step a cell, with what it printed",
    "requirements.txt": "what has to be installed: pip install -r requirements.txt",
    "train.jsonl": "the training examples",
    "held_out.jsonl": "the examples that were held out",
    "prompts.json": "what answer.py asks by itself",
    "base": "the base, which is small and travels with its adapter",
    "base.json": "which weights the adapter was trained on",
}
PROOF = "what adapter and base answer: python -m playground verify asks again"


def write_readme(folder: Path, name: str, config: RunConfig, *, as_lora: bool = False) -> None:
    """PEFT's metadata and what the run says of its base's weights stay; a card that somebody has written is left."""
    path = folder / NAME
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    parts = text.split("---\n", 2)
    if UNTOUCHED not in text or len(parts) < 3:
        return
    _, metadata, body = parts
    label = METHODS[config.method.method].label
    said = filled(
        TEMPLATE,
        name=name,
        method=f"LoRA made of {label}" if as_lora else label,
        base=Path(config.base_model).name,
        files=[(file, what) for file, what in FILES.items() if (folder / file).exists()] + [("proof.json", PROOF)],
    )
    weights = body[body.index(WEIGHTS) :] if WEIGHTS in body else ""
    path.write_text(f"---\n{metadata}---\n{said}\n{weights}", encoding="utf-8")

"""Adapters as other programs make them: by plain PEFT on a plain model, nothing of ours."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import peft
import torch
from transformers import PreTrainedModel

from playground.service import Playground

QV = ["q_proj", "v_proj"]
ADALORA = {
    "init_r": 4, "target_r": 2, "total_step": 20, "tinit": 2, "tfinal": 5, "lora_alpha": 8, "target_modules": QV,
}  # fmt: skip
# The catalog's method, and the configuration that plain PEFT makes of it; the task comes from the model.
CONFIGS: dict[str, tuple[str, Callable[..., Any]]] = {
    "lora": ("lora", lambda **task: peft.LoraConfig(r=4, lora_alpha=16, target_modules=QV, **task)),
    "rslora, dora, patterns": (
        "lora",
        lambda **task: peft.LoraConfig(
            r=4, use_rslora=True, use_dora=True, target_modules=["q_proj", "v_proj", "fc1", "up_proj"],
            rank_pattern={"q_proj": 2}, alpha_pattern={"v_proj": 3}, **task,
        ),
    ),
    "a pattern for target_modules": (
        "lora", lambda **task: peft.LoraConfig(r=2, target_modules=r".*\.(q|v)_proj$", exclude_modules=None, **task)
    ),
    "adalora": ("adalora", lambda **task: peft.AdaLoraConfig(**ADALORA, **task)),
    "ia3": (
        "ia3",
        lambda **task: peft.IA3Config(
            target_modules=["k_proj", "v_proj", "down_proj", "fc2"], feedforward_modules=["down_proj", "fc2"], **task
        ),
    ),
    "prompt_tuning": ("prompt_tuning", lambda **task: peft.PromptTuningConfig(num_virtual_tokens=3, **task)),
    "prefix_tuning": ("prefix_tuning", lambda **task: peft.PrefixTuningConfig(num_virtual_tokens=3, **task)),
    "p_tuning": (
        "p_tuning", lambda **task: peft.PromptEncoderConfig(num_virtual_tokens=3, encoder_hidden_size=16, **task)
    ),
    "vera": ("vera", lambda **task: peft.VeraConfig(r=8, target_modules=QV, **task)),
    "vera without its projections": (
        "vera", lambda **task: peft.VeraConfig(r=8, target_modules=QV, save_projection=False, **task)
    ),
    "loha": ("loha", lambda **task: peft.LoHaConfig(r=2, target_modules=QV, **task)),
    "oft": ("oft", lambda **task: peft.OFTConfig(oft_block_size=4, r=0, target_modules=QV, **task)),
    "fourierft": ("fourierft", lambda **task: peft.FourierFTConfig(n_frequency=20, target_modules=QV, **task)),
    "ln_tuning": ("ln_tuning", lambda **task: peft.LNTuningConfig(**task)),
}  # fmt: skip
CAUSAL_ONLY = ("ln_tuning",)


def made(model: PreTrainedModel, config: Any, folder: Path) -> Path:
    """Written into `folder` by PEFT itself, its weights drawn at random: far from nothing."""
    adapted = peft.get_peft_model(copy.deepcopy(model), config)
    if isinstance(config, peft.AdaLoraConfig):
        _settle_ranks(adapted)
    draw(adapted)
    adapted.save_pretrained(str(folder), save_embedding_layers=False)
    return folder


@torch.no_grad()
def draw(model: Any) -> None:
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))


def _settle_ranks(model: Any) -> None:
    """As the end of AdaLoRA's training does: some layers keep more ranks than others."""
    names = [name for name, _ in model.get_base_model().named_parameters() if name.endswith("lora_E.default")]
    keeps = ([True, True, True, False], [True, False, True, False])
    model.active_peft_config.rank_pattern = {name: keeps[number % 2] for number, name in enumerate(names)}


def zipped(folder: Path, to: Path, inside: str = "", **more: bytes) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.iterdir()):
            file.write(path, f"{inside}{path.name}")
        for name, content in more.items():
            file.writestr(f"{inside}{name}", content)
    return to


def with_config(folder: Path, to: Path, **changes: Any) -> Path:
    """A copy of an adapter whose adapter_config.json says something else; None takes a line away."""
    to.mkdir(parents=True)
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    config = json.loads((to / "adapter_config.json").read_text())
    (to / "adapter_config.json").write_text(json.dumps({**config, **changes}))
    return to


def safetensors(header: Mapping[str, Any] | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """A file by hand, as true or false as its header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def nothing_left(playground: Playground) -> bool:
    """Whether the folder of runs is as it was before the first one: none, and no half of one."""
    return not playground.runs_dir.exists() or [path for path in playground.runs_dir.iterdir() if path.is_dir()] == []

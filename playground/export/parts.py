"""Which part of an export a file is: what is to blame where it differs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from playground.texts import Text

# proof: what proof.json says of itself.
Part = Literal["base", "tokenizer", "template", "config", "weights", "data", "scores", "code", "papers", "proof"]

PART_NAMES: dict[Part, Text] = {
    "base": Text("the base", "a base"),
    "tokenizer": Text("the tokenizer", "o tokenizador"),
    "template": Text("the chat template", "o modelo de conversa"),
    "config": Text("the settings", "as configurações"),
    "weights": Text("the weights", "os pesos"),
    "data": Text("the data", "os dados"),
    "scores": Text("the scores", "as notas"),
    "code": Text("the code", "o código"),
    "papers": Text("the papers", "os documentos"),
    "proof": Text("the proof itself", "a própria prova"),
}
TEMPLATES = ("chat_template.jinja", "chat_template.json")
TOKENIZERS = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "vocab.txt", "sentencepiece.bpe.model", "spiece.model", "source.spm", "target.spm",
    "shared_vocabulary.json",
)  # fmt: skip
WEIGHTS = (".safetensors", ".bin", ".gguf")
PAPERS = (".md", ".html")
CODE = (".py", ".ipynb")
DATA = (".jsonl", ".csv")


def part_of(name: str) -> Part:
    """By the name of a file in an export."""
    path = PurePosixPath(name)
    if path.parts[:1] == ("base",):
        return "base"
    if path.name in TEMPLATES:
        return "template"
    if path.name in TOKENIZERS:
        return "tokenizer"
    by_suffix: dict[tuple[str, ...], Part] = {WEIGHTS: "weights", PAPERS: "papers", CODE: "code", DATA: "data"}
    return next((part for suffixes, part in by_suffix.items() if path.suffix in suffixes), "config")

"""The tensors of a model's safetensors files, each read when it is converted.

transformers maps the files into memory. Tensors that stay as they are then lie in the file's pages, and nowhere else.
But of those that become another type, or 4 bits, the pages stay in memory until the last tensor is there: for float32
in a file that becomes bf16, three times the model. Read by itself, a tensor goes as soon as it has been converted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME

from playground.environment import give_back_freed_memory

GIVEN_BACK = 16 * 10**6  # bytes: what has been read and quantized since is given back to the system
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}


def tensors_to_convert(folder: Path, dtype: torch.dtype, *, quantized: bool) -> dict[str, Any] | None:
    """By name, what gives the tensor when it is sliced; None where all stay as they are.

    None as well where transformers says better what is wrong with the files. Raises what safetensors raises.
    """
    tensors: dict[str, Any] = {}
    for path in _files(folder):
        file: Any = safe_open(path, framework="pt", backend="pread")
        tensors |= {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    if quantized:
        read = _Read()
        return {name: _Tensor(tensor, read) for name, tensor in tensors.items()} or None
    kinds = {tensor.get_dtype() for tensor in tensors.values()} & set(NAMES.values())
    return tensors if kinds - {NAMES[dtype]} else None


@dataclass
class _Read:
    """Bytes of all tensors since freed memory was last given back."""

    bytes: int = 0


@dataclass
class _Tensor:
    """Gives a tensor when it is sliced; between the small ones that quantizing leaves, the heap keeps no holes."""

    stored: Any
    read: _Read

    def __getitem__(self, place: Any) -> torch.Tensor:
        found: torch.Tensor = self.stored[place]
        self.read.bytes += found.nbytes
        if self.read.bytes > GIVEN_BACK:
            self.read.bytes = 0
            give_back_freed_memory()
        return found


def _files(folder: Path) -> list[Path]:
    """Those that transformers takes: the one file, else those of the index."""
    if (folder / SAFE_WEIGHTS_NAME).is_file():
        return [folder / SAFE_WEIGHTS_NAME]
    index = folder / SAFE_WEIGHTS_INDEX_NAME
    if not index.is_file():
        return []
    named = {folder / name for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()}
    return sorted(named) if all(path.parent == folder and path.is_file() for path in named) else []

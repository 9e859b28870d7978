"""The names and shapes in a safetensors file, read by hand: what its header claims is checked before it is believed."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.errors import ModelError, cut
from playground.texts import Text

MAX_HEADER_BYTES = 10_000_000
MAX_TENSORS, MAX_DIMENSIONS = 100_000, 8
BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip

HEADER_TOO_LONG = Text(
    "{file} claims a header of {claimed:bytes}, and the file has {size:bytes}: it is cut off or was made to do harm."
    " Save the adapter once more and send that.",
    "{file} declara um cabeçalho de {claimed:bytes}, e o arquivo tem {size:bytes}: está cortado ou foi feito para"
    " causar dano. Salve o adaptador de novo e envie-o.",
)
NOT_SAFETENSORS = Text(
    "{file} is no safetensors file that can be read ({reason}). Save the adapter with"
    " save_pretrained(folder, safe_serialization=True) and send that.",
    "{file} não é um arquivo safetensors legível ({reason}). Salve o adaptador com"
    " save_pretrained(pasta, safe_serialization=True) e envie-o.",
)


@dataclass(frozen=True)
class Stored:
    """One tensor of a file, without its numbers."""

    dtype: str
    shape: tuple[int, ...]


def tensors_in(path: Path) -> dict[str, Stored]:
    """By name. Raises ModelError for a file that is not exactly what its header says; no tensor is read."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > min(MAX_HEADER_BYTES, size - 8):
            raise ModelError(HEADER_TOO_LONG, file=path.name, claimed=length, size=size)
        header = stream.read(length)
    try:
        return _checked(json.loads(header), size - 8 - length)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = cut(" ".join(str(error).split()), 120)
        raise ModelError(NOT_SAFETENSORS, file=path.name, reason=reason) from error


def _checked(header: Any, data_bytes: int) -> dict[str, Stored]:
    """Raises ValueError, TypeError or KeyError."""
    if not isinstance(header, dict):
        raise TypeError("the header is no JSON object")
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if not 1 <= len(entries) <= MAX_TENSORS:
        raise ValueError(f"it holds {len(entries)} tensors")
    places = sorted(_place(name, entry) for name, entry in entries.items())
    ends = [0, *(end for _, end in places)]
    if any(begin != end for (begin, _), end in zip(places, ends, strict=False)) or ends[-1] != data_bytes:
        raise ValueError(f"its tensors take other bytes than the {data_bytes} that follow the header")
    return {name: Stored(entry["dtype"], tuple(entry["shape"])) for name, entry in entries.items()}


def _place(name: str, entry: dict[str, Any]) -> tuple[int, int]:
    """Where a tensor begins and ends, as far as that agrees with its shape."""
    dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in BYTES:
        raise ValueError(f"{name[:60]} is of type {str(dtype)[:20]}")
    numbers = [begin, end, *shape]
    if len(shape) > MAX_DIMENSIONS or any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError(f"{name[:60]} has a size that is no number")
    if end - begin != math.prod(shape) * BYTES[dtype]:
        raise ValueError(f"{name[:60]} has other bytes than its shape")
    return begin, end

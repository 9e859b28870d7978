"""The headers of safetensors files, read before anything of their size is believed."""

from __future__ import annotations

import json
from pathlib import Path

from playground.errors import RunError
from playground.texts import Text

LONGEST = 100_000_000  # bytes of a header, as the library itself allows
UNREADABLE = Text(
    "{name} is no whole safetensors file: {reason}. Take it from where it came once more.",
    "{name} não é um arquivo safetensors inteiro: {reason}. Pegue-o de novo de onde veio.",
)
CUT = Text("it is cut off", "está cortado")
NO_HEADER = Text("its header cannot be read", "o cabeçalho não pode ser lido")


def check_headers(folder: Path) -> None:
    """Raises RunError for a file that ends before what its header names."""
    for path in folder.rglob("*.safetensors"):
        check_header(path)


def check_header(path: Path) -> None:
    """As `check_headers`, of one file."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(LONGEST, size - 8):
            raise RunError(UNREADABLE, name=path.name[-80:], reason=CUT if length <= LONGEST else NO_HEADER)
        try:
            header = json.loads(stream.read(length))
            ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise RunError(UNREADABLE, name=path.name[-80:], reason=NO_HEADER) from error
    if max(ends, default=0) != size - 8 - length:
        raise RunError(UNREADABLE, name=path.name[-80:], reason=CUT)

"""The headers of GGUF and CTranslate2 files, read by hand: a stranger's file claims no more than it holds.

Their own readers believe a header: they make a list of as many entries as it claims, or a tensor of its size.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

from playground.errors import ModelError
from playground.texts import Text

MAX_TENSORS, MAX_KEYS, MAX_ENTRIES, MAX_NAME, MAX_DIMENSIONS = 100_000, 10_000, 4_000_000, 2**16, 8
GGUF_VERSIONS = (2, 3)
STRING, ARRAY = 8, 9
# By GGUF's number of a type: the bytes of a value, and of an element of a tensor in the types that an export has.
VALUE_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
WHOLE_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
GGUF_BYTES = {0: 4, 1: 2}
CTRANSLATE2_VERSION = 6
CTRANSLATE2_BYTES = {0: 4, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2}  # float32, int8, int16, int32, float16, bfloat16

NOT_WHOLE = Text(
    "{file} is no {format} file of an export ({reason}): it is cut off or was made to do harm.",
    "{file} não é um arquivo {format} de uma exportação ({reason}): está cortado ou foi feito para causar dano.",
)


class _Header:
    """Numbers and names one after another. Raises ValueError where the file ends before what it claims."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.size, self.entries = stream, size, 0

    def number(self, code: str) -> int:
        length = struct.calcsize(code)
        found = self.stream.read(length)
        if len(found) < length:
            raise ValueError("it ends in its header")
        (value,) = struct.unpack(code, found)
        return int(value)

    def count(self, code: str, most: int) -> int:
        if (found := self.number(code)) > most:
            raise ValueError(f"it claims {found} entries")
        return found

    def skip(self, length: int) -> None:
        """Over what is not read, which the file must hold."""
        if length > self.size - self.stream.tell():
            raise ValueError(f"it claims {length} bytes more than follow")
        self.stream.seek(length, 1)

    def text(self, code: str) -> str:
        found = self.stream.read(self.count(code, MAX_NAME))
        return found.decode("utf-8", errors="replace")

    def shape(self, rank: int, code: str) -> list[int]:
        if rank > MAX_DIMENSIONS:
            raise ValueError(f"a tensor has {rank} dimensions")
        return [self.number(code) for _ in range(rank)]

    def value(self, kind: int) -> int | None:
        """Of a GGUF key; None of what is no whole number. Lists of lists are in no export."""
        if kind == STRING:
            self.skip(self.number("<Q"))
        elif kind == ARRAY:
            of = self.number("<I")
            self.entries += (count := self.count("<Q", MAX_ENTRIES - self.entries))
            if of == STRING:
                for _ in range(count):
                    self.skip(self.number("<Q"))
            else:
                self.skip(count * _known(VALUE_BYTES, of))
        else:
            if kind in WHOLE_NUMBERS:
                return self.number(WHOLE_NUMBERS[kind])
            self.skip(_known(VALUE_BYTES, kind))
        return None


def check_gguf(path: Path) -> None:
    """Raises ModelError for a file that is not what its header says; no tensor is read."""
    try:
        with path.open("rb") as stream:
            header = _Header(stream, path.stat().st_size)
            if stream.read(4) != b"GGUF" or header.number("<I") not in GGUF_VERSIONS:
                raise ValueError("it begins otherwise")
            tensors, keys = header.count("<Q", MAX_TENSORS), header.count("<Q", MAX_KEYS)
            for _ in range(keys):
                name = header.text("<Q")
                value = header.value(header.number("<I"))
                # The layers are made before their weights are looked for.
                if name.endswith(".block_count") and value is not None and value > tensors:
                    raise ValueError(f"it claims {value} layers")
            claimed = 0
            for _ in range(tensors):
                header.text("<Q")
                elements = math.prod(header.shape(header.number("<I"), "<Q"))
                claimed += elements * _known(GGUF_BYTES, header.number("<I"))
                header.number("<Q")
            header.skip(claimed)
    except (ValueError, OSError) as error:
        raise ModelError(NOT_WHOLE, file=path.name, format="GGUF", reason=str(error)) from error


def check_ctranslate2(path: Path) -> None:
    """The same of CTranslate2's `model.bin`."""
    try:
        with path.open("rb") as stream:
            header = _Header(stream, path.stat().st_size)
            if header.number("<I") != CTRANSLATE2_VERSION:
                raise ValueError("it begins otherwise")
            header.text("<H")
            header.number("<I")
            for _ in range(header.count("<I", MAX_TENSORS)):
                header.text("<H")
                elements = math.prod(header.shape(header.number("<B"), "<I"))
                length = elements * _known(CTRANSLATE2_BYTES, header.number("<B"))
                if header.number("<I") != length:
                    raise ValueError("a tensor has other bytes than its shape")
                header.skip(length)
    except (ValueError, OSError) as error:
        raise ModelError(NOT_WHOLE, file=path.name, format="CTranslate2", reason=str(error)) from error


def _known(sizes: dict[int, int], kind: int) -> int:
    if kind not in sizes:
        raise ValueError(f"it holds numbers of type {kind}")
    return sizes[kind]

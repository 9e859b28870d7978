"""The lines of a file that only grows, read on from where they were read before, however many there are by now."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

APART = 256  # lines from one place that is remembered to the next
TAIL = 64  # bytes by which a file that was rewritten is told from one that grew
KEPT_FILES = 64

_beginnings = itertools.count(1)


class Lines(NamedTuple):
    """`total` lines in all. `beginning` is another number once the file was seen to be rewritten or cut back."""

    after: list[str]
    total: int
    beginning: int


@dataclass
class GrowingFile:
    """Where the lines of a file begin: every `APART`th, and the end of the last whole one."""

    path: Path
    count: int = 0
    end: int = 0
    tail: bytes = b""
    places: list[int] = field(default_factory=lambda: [0])
    beginning: int = field(default_factory=lambda: next(_beginnings))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def after(self, known: int) -> Lines:
        """The lines after the first `known`. A last line without its end is still being written and is left out."""
        with self.lock:
            try:
                with self.path.open("rb") as stream:
                    if not self._has_grown_only(stream):
                        self._forget()
                    self._read_on(stream)
                    return Lines(self._lines(stream, known), self.count, self.beginning)
            except FileNotFoundError:
                self._forget()
                return Lines([], 0, self.beginning)

    def _has_grown_only(self, stream: BinaryIO) -> bool:
        """A file that was cut back ends before, and one that was rewritten has other bytes there."""
        stream.seek(self.end - len(self.tail))
        return stream.read(len(self.tail)) == self.tail

    def _forget(self) -> None:
        if self.count:
            self.count, self.end, self.tail, self.places = 0, 0, b"", [0]
            self.beginning = next(_beginnings)

    def _read_on(self, stream: BinaryIO) -> None:
        stream.seek(self.end)
        added = stream.read()
        added = added[: added.rfind(b"\n") + 1]
        place = 0
        while place < len(added):
            place = added.index(b"\n", place) + 1
            self.count += 1
            if self.count % APART == 0:
                self.places.append(self.end + place)
        self.end += len(added)
        self.tail = (self.tail + added)[-TAIL:]

    def _lines(self, stream: BinaryIO, known: int) -> list[str]:
        if known >= self.count:
            return []
        number = known // APART
        stream.seek(self.places[number])
        found = stream.read(self.end - self.places[number]).split(b"\n")[known % APART : -1]
        return [line.decode("utf-8", errors="replace") for line in found]


growing_file = lru_cache(maxsize=KEPT_FILES)(GrowingFile)

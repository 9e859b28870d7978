"""A text without columns, to be learned as it is."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator

from playground.data.columns import Row
from playground.data.content import MAX_CELL, check_values, decode
from playground.data.example import Told
from playground.data.formats.table import Header, Read, Streamer

COLUMN = "text"
EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


def read_text(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each paragraph, numbered by its first line; paragraphs stand between empty lines.

    A text without empty lines has a paragraph a line. Raises DataError.
    """
    text = decode(content, name)
    check_values(text.count("\n"), name)
    yield Header([COLUMN])
    yield from _paragraphs(io.StringIO(text, newline="\n"), _has_blocks(text))


def stream_text(sample: str, _name: str) -> Streamer:
    """The same, line by line, of a file that begins with `sample`."""
    has_blocks = _has_blocks(sample)
    return lambda lines: _paragraphs(lines, has_blocks)


def _has_blocks(text: str) -> bool:
    return EMPTY_LINE.search(text.strip()) is not None


def _paragraphs(lines: Iterable[str], has_blocks: bool) -> Iterator[Row]:
    block: list[str] = []
    characters = 0
    for number, line in enumerate(itertools.chain(lines, [""]), start=1):
        line = line.rstrip()
        if line and characters <= MAX_CELL:  # a longer one is refused, and need not be held
            block.append(line)
            characters += len(line)
        if block and (not line or not has_blocks):
            yield Row({COLUMN: "\n".join(block)}, number if line else number - len(block))
            block, characters = [], 0

"""A text without columns, to be learned as it is."""

from __future__ import annotations

from collections.abc import Iterator

from playground.data.columns import Row
from playground.data.content import decode
from playground.data.example import Told
from playground.data.formats.table import Header, Read

COLUMN = "text"


def read_text(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each paragraph, numbered by its first line; paragraphs stand between empty lines.

    A text without empty lines has a paragraph a line. Raises DataError.
    """
    text = decode(content, name)
    lines = [line.rstrip() for line in text.split("\n")]
    has_blocks = "\n\n" in "\n".join(lines).strip("\n")
    yield Header([COLUMN])
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line:
            block.append(line)
        if block and (not line or not has_blocks):
            yield Row({COLUMN: "\n".join(block)}, number if line else number - len(block))
            block = []

"""A text without columns, to be learned as it is."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator

from playground.data.columns import Row
from playground.data.content import check_values, decode
from playground.data.example import Told
from playground.data.formats.table import Header, Read

COLUMN = "text"
EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


def read_text(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each paragraph, numbered by its first line; paragraphs stand between empty lines.

    A text without empty lines has a paragraph a line. Raises DataError.
    """
    text = decode(content, name)
    check_values(text.count("\n"), name)
    has_blocks = EMPTY_LINE.search(text.strip()) is not None
    yield Header([COLUMN])
    block: list[str] = []
    for number, line in enumerate(itertools.chain(io.StringIO(text, newline="\n"), [""]), start=1):
        if line := line.rstrip():
            block.append(line)
        if block and (not line or not has_blocks):
            yield Row({COLUMN: "\n".join(block)}, number if line else number - len(block))
            block = []

"""A small file as a tool writes it, and what its maker meant by it."""

from __future__ import annotations

from typing import NamedTuple


class WildFile(NamedTuple):
    """`cell` is one of its cells: the row's place from 0, the column, and the value.

    Another file of a tool is another entry in the list FILES of the module that fits it.
    """

    tool: str  # unique; names the test
    name: str
    content: bytes
    columns: list[str]
    rows: int
    cell: tuple[int, str, object]
    left_out: int = 0  # entries that are passed over and counted

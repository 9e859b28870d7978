"""What a format's reader tells, row by row, and the table that it becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from playground.data.columns import Row, is_missing, whole_characters
from playground.data.content import TimeLimit, check_cell, check_names, check_unpacked
from playground.data.example import Table, Told
from playground.data.left_out import Reason
from playground.errors import DataError


class Header(NamedTuple):
    """The columns that a file names before its rows, in its order."""

    columns: list[str]
    is_parallel: bool = False  # whether they are languages, of a format made for translation


class Passed(NamedTuple):
    """An entry that nothing can be learned from."""

    reason: Reason
    number: int  # where it stands, as of a row


class BadRow(NamedTuple):
    """A row of a large file that cannot be read, and why; it spoils so many `lines`."""

    number: int
    error: DataError
    lines: int = 1


@dataclass
class Position:
    """How much of a file has been read: from 0 to 1, and in bytes, unpacked."""

    share: float = 0.0
    bytes: int = 0


Read = Header | Row | Passed
Streamed = Iterator[Row | BadRow]
Streamer = Callable[[Iterator[str]], Streamed]  # of a file's lines, each with its end
Reader = Callable[[bytes, str, Told], Iterator[Read]]  # of a file's content, its name, and the languages told


def to_table(found: Iterable[Read], name: str, limit: int | None = None) -> Table:
    """A table of the first `limit` rows; its columns are all that occur, in order of first appearance.

    `name` is that of the file; a row is asked for only after the one before it has been found to fit. Raises DataError
    for too much.
    """
    columns: dict[str, str] = {}  # as the file spells them, and as they can be written again
    rows: list[dict[str, object]] = []
    left_out: Counter[Reason] = Counter()
    is_parallel = False
    characters = 0
    time = TimeLimit(name)
    for item in found:
        if isinstance(item, Passed):
            left_out[item.reason] += 1
            continue
        names = item.columns if isinstance(item, Header) else item
        if fresh := {column: whole_characters(column) for column in names if column not in columns}:
            columns |= fresh
            check_names(columns, name)
        if isinstance(item, Header):
            is_parallel = item.is_parallel
            continue
        for cell in item.values():
            check_cell(cell, name, item.number)
            characters += len(cell) if isinstance(cell, str) else 0
        check_unpacked(characters, name)
        cells = {columns[column]: cell for column, cell in item.items() if not is_missing(cell)}
        rows.append(Row(cells, item.number))
        time.check()
        if len(rows) == limit:
            break
    return Table(list(dict.fromkeys(columns.values())), rows, is_parallel, left_out)

"""The cells of a table's rows as text, and columns by name, those inside of an object included."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping

from playground.data.example import Table
from playground.errors import DataError, cut
from playground.texts import Text

SAMPLE_ROWS = 50  # looked at to tell what a column holds
PYTHON_SPELLING = re.compile(r"[\s\[{]+'")

MISSING_COLUMN = Text(
    "{file} has no column {column}. It has: {columns}. Choose one of them.",
    "{file} não tem a coluna {column}. Tem: {columns}. Escolha uma delas.",
)


class Row(dict[str, object]):
    """One row's cells, and its number: the line at which an editor shows it, or its place in a list."""

    def __init__(self, cells: dict[str, object], number: int) -> None:
        super().__init__(cells)
        self.number = number

    def characters(self) -> int:
        """About how many its cells take, written out."""
        return sum(len(value) if isinstance(value, str) else len(str(value)) for value in self.values())


def cell(row: Mapping[str, object], column: str) -> object:
    """The value in a column; `data.question` is the field `question` of the object in the column `data`."""
    if column in row or "." not in column:
        return row.get(column)
    outer, _, inner = column.partition(".")
    value = row.get(outer)
    return cell(value, inner) if isinstance(value, Mapping) else None


def to_text(value: object) -> str:
    """A cell as text: missing is empty, true/false and numbers as JSON writes them, lists and objects as JSON."""
    if is_missing(value):
        return ""
    if isinstance(value, bool | int | float | list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return whole_characters(str(value))


def whole_characters(text: str) -> str:
    """Without halves of characters (\\ud83d alone), which JSON may escape and which no tokenizer can encode."""
    return text.encode(errors="replace").decode()


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def parsed(value: object) -> object:
    """The list or object that a text holds as JSON, as CSV files must write them; any other value as it is.

    Python's own spelling is understood as well: pandas writes it into CSV files.
    """
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    read = ast.literal_eval if PYTHON_SPELLING.match(value) else json.loads
    try:
        return read(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # of a literal too deep or too large
        return value


def check_columns(table: Table, prompt: str | None, completion: str | None, file_name: str) -> None:
    """Raises DataError when a chosen column does not exist."""
    for column in (prompt, completion):
        if column is None or column in table.columns:
            continue
        if not any(cell(row, column) is not None for row in table.rows):
            columns = listed(table.columns)
            raise DataError(MISSING_COLUMN, file=file_name, column=cut(column, 80), columns=columns)


def some_rows(rows: list[int]) -> str:
    """The first five row numbers, for a message."""
    return ", ".join(map(str, rows[:5])) + (", …" if len(rows) > 5 else "")


def number_of(row: Mapping[str, object], place: int) -> int:
    """The number that a person finds the row by; its place where it has no other."""
    return row.number if isinstance(row, Row) else place


def listed(columns: list[str]) -> str:
    """Column names for a message."""
    return ", ".join(column[:40] for column in columns[:30]) or "–"

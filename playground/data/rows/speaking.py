"""Columns whose names say nothing: which hold texts, and not numbers, addresses, credits or codes of languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from playground.catalog.codes import is_code
from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import to_product
from playground.data.columns import SAMPLE_ROWS, cell, to_text
from playground.data.example import Table
from playground.data.rows.names import ABOUT, QUESTIONS, plain

CHARACTERS_READ = 400  # of a cell
UNNAMED = re.compile(r"column_\d+")  # the name that a reader gives to a column without one
# Numbers and what begins with one, addresses, and the credits of Tatoeba and of the decks made from it.
NO_TEXT = re.compile(r"[\W\d]*|\d\S*|https?://\S*|CC[- ]BY.*|.*tatoeba\.org.*", re.IGNORECASE | re.DOTALL)


def speaking(table: Table, columns: Iterable[str]) -> list[str]:
    """Those of `columns` that hold texts, and whose name does not say that they are about the row.

    A `source` in the first place is what is translated; behind a text it says where that is from.
    """
    first = table.columns[:1]
    named = [
        column for column in columns if plain(column) not in ABOUT or (plain(column) == "source" and [column] == first)
    ]
    return [column for column in named if _speaks(table, column)]


def two_texts(table: Table) -> tuple[str, str] | None:
    """The only two columns that speak, or the first two of a table without names."""
    found = speaking(table, table.columns)
    is_clear = len(found) == 2 or (len(found) > 2 and not names_given(table))
    return (found[0], found[1]) if is_clear else None


def names_given(table: Table) -> bool:
    """Whether any column has a name of its own."""
    return not all(UNNAMED.fullmatch(column) for column in table.columns)


def only_text(table: Table, columns: Iterable[str]) -> str | None:
    """The one column that speaks. Questions alone leave nothing to learn."""
    found = speaking(table, columns)
    return found[0] if len(found) == 1 and plain(found[0]) not in QUESTIONS else None


def sample(table: Table, column: str) -> list[object]:
    """The first values of a column, those left out that are empty."""
    values = (cell(row, column) for row in table.rows[:SAMPLE_ROWS])
    return [value for value in values if to_text(value).strip()]


def _speaks(table: Table, column: str) -> bool:
    cells = sample(table, column)
    said = [value.strip()[:CHARACTERS_READ] for value in cells if isinstance(value, str)]
    texts = [text for text in said if not NO_TEXT.fullmatch(text)]
    return len(texts) > len(cells) / 2 and not all(map(_is_language, texts))


def _is_language(text: str) -> bool:
    return is_code(text) or (len(text) == 3 and to_product(text) in M2M100_CODES)

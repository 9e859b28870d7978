"""The prompts of a comparison, read from a file."""

from __future__ import annotations

from pathlib import Path

from playground.data.columns import to_text
from playground.data.content import decode, read_content, size_of
from playground.data.example import Prompts, prompts_of
from playground.data.files import read_file
from playground.data.formats.kinds import kind_of
from playground.data.rows.examples import to_examples
from playground.errors import DataError
from playground.texts import Text

MAX_TEXT_BYTES = 2**20

TOO_LARGE = Text(
    "{file} has {size} bytes; prompts as text may take {limit}. Keep some of them.",
    "{file} tem {size} bytes; prompts em texto podem ter {limit}. Fique com alguns deles.",
)
NO_PROMPTS = Text("{file} holds no prompts. Write one a line.", "{file} não contém prompts. Escreva um por linha.")


def read_prompts(path: Path) -> Prompts:
    """A text file with one prompt a line, or a data file whose answers become the references. Raises DataError."""
    text = _text(path) if path.suffix.lower() in ("", ".txt") else None
    lines = (line.strip() for line in (text or "").split("\n"))
    found = _from_table(path) if text is None else Prompts(tuple(filter(None, lines)), ())
    if not found.prompts:
        raise DataError(NO_PROMPTS, file=path.name)
    return found


def _text(path: Path) -> str | None:
    """The text of a file without columns; None of a table, which may be called .txt as well."""
    size = size_of(path)
    if size > MAX_TEXT_BYTES:
        raise DataError(TOO_LARGE, file=path.name, size=size, limit=MAX_TEXT_BYTES)
    content = read_content(path)
    if not content.strip():
        return ""
    return decode(content, path.name) if kind_of(content, path.name) == "text" else None


def _from_table(path: Path) -> Prompts:
    table = read_file(path)
    if len(table.columns) == 1:
        cells = (to_text(row.get(table.columns[0])) for row in table.rows)
        return Prompts(tuple(cell for cell in cells if cell.strip()), ())
    return prompts_of(to_examples(table, None, None, path.name).examples)

"""The prompts of a comparison, read from a file."""

from __future__ import annotations

from pathlib import Path

from playground.data.columns import to_examples, to_text
from playground.data.content import decode, read_content, size_of
from playground.data.example import Prompts, prompts_of
from playground.data.formats.files import read_file
from playground.data.formats.kinds import kind_of
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
    found = _from_text(path) if _is_text(path) else _from_table(path)
    if not found.prompts:
        raise DataError(NO_PROMPTS, file=path.name)
    return found


def _is_text(path: Path) -> bool:
    """Whether it is a text without columns; a table may be called .txt as well."""
    if path.suffix.lower() not in ("", ".txt"):
        return False
    size = size_of(path)
    if size > MAX_TEXT_BYTES:
        raise DataError(TOO_LARGE, file=path.name, size=size, limit=MAX_TEXT_BYTES)
    content = read_content(path)
    return not content.strip() or kind_of(content, path.name) == "text"


def _from_text(path: Path) -> Prompts:
    content = read_content(path)
    lines = decode(content, path.name).split("\n") if content.strip() else []
    return Prompts(tuple(line.strip() for line in lines if line.strip()), ())


def _from_table(path: Path) -> Prompts:
    table = read_file(path)
    if len(table.columns) == 1:
        cells = (to_text(row.get(table.columns[0])) for row in table.rows)
        return Prompts(tuple(cell for cell in cells if cell.strip()), ())
    examples = to_examples(table, None, None, path.name)
    return prompts_of(examples)

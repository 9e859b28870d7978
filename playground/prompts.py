"""The prompts of a comparison, read from a file."""

from __future__ import annotations

from pathlib import Path

from playground.data.columns import to_text
from playground.data.example import Prompts, prompts_of
from playground.data.formats.files import read_file
from playground.data.rows.examples import to_examples
from playground.errors import DataError
from playground.texts import Text

MAX_TEXT_BYTES = 2**20

UNREADABLE = Text(
    "{file} cannot be read as UTF-8 text ({reason}). Give a text file with one prompt a line, or a data file.",
    "{file} não pode ser lido como texto UTF-8 ({reason}). Dê um arquivo de texto com um prompt por linha, "
    "ou um arquivo de dados.",
)
TOO_LARGE = Text(
    "{file} has {size} bytes; prompts as text may take {limit}. Keep some of them.",
    "{file} tem {size} bytes; prompts em texto podem ter {limit}. Fique com alguns deles.",
)
NO_PROMPTS = Text("{file} holds no prompts. Write one a line.", "{file} não contém prompts. Escreva um por linha.")


def read_prompts(path: Path) -> Prompts:
    """A text file with one prompt a line, or a data file whose answers become the references. Raises DataError."""
    found = _from_text(path) if path.suffix.lower() in ("", ".txt") else _from_table(path)
    if not found.prompts:
        raise DataError(NO_PROMPTS, file=path.name)
    return found


def _from_text(path: Path) -> Prompts:
    try:
        size = path.stat().st_size
        if size > MAX_TEXT_BYTES:
            raise DataError(TOO_LARGE, file=path.name, size=size, limit=MAX_TEXT_BYTES)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise DataError(UNREADABLE, file=path.name, reason=reason) from error
    return Prompts(tuple(line.strip() for line in lines if line.strip()), ())


def _from_table(path: Path) -> Prompts:
    table = read_file(path)
    if len(table.columns) == 1:
        cells = (to_text(row.get(table.columns[0])) for row in table.rows)
        return Prompts(tuple(cell for cell in cells if cell.strip()), ())
    return prompts_of(to_examples(table, None, None, path.name).examples)

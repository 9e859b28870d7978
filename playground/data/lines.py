"""A text file as lines, each to be translated on its own."""

from __future__ import annotations

from pathlib import Path

from playground.data.content import decode, read_content, size_of
from playground.errors import DataError
from playground.texts import Text

MAX_LINES = 20_000
MAX_LINES_BYTES = 5 * 2**20

TOO_LARGE = Text(
    "{file} has {size} MB; a text to translate may have {limit} MB. Split it into parts.",
    "{file} tem {size} MB; um texto a traduzir pode ter {limit} MB. Divida-o em partes.",
)
TOO_MANY = Text(
    "{file} has {count} lines; at most {limit} are translated at once. Split it into parts.",
    "{file} tem {count} linhas; são traduzidas no máximo {limit} por vez. Divida-o em partes.",
)
NO_TEXT = Text(
    "{file} holds no text. Give a text file with one sentence or paragraph a line.",
    "{file} não contém texto. Dê um arquivo de texto com uma frase ou um parágrafo por linha.",
)


def read_lines(path: Path) -> tuple[str, ...]:
    """Every line without its end, blank ones too, so that line 7 stays line 7. Raises DataError."""
    size = size_of(path)
    if size > MAX_LINES_BYTES:
        raise DataError(TOO_LARGE, file=path.name, size=-(-size // 2**20), limit=MAX_LINES_BYTES // 2**20)
    content = read_content(path)
    if not content.strip():
        raise DataError(NO_TEXT, file=path.name)
    # Not splitlines(): it also cuts at characters that stand inside a line, such as U+2028.
    lines = decode(content, path.name).removesuffix("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise DataError(TOO_MANY, file=path.name, count=len(lines), limit=MAX_LINES)
    return tuple(lines)

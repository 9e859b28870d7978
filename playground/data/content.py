"""The bytes of a data file, and their text: what every format needs before it is read."""

from __future__ import annotations

from pathlib import Path

from playground.errors import DataError
from playground.texts import Text

MAX_BYTES = 50 * 1024**2
MAX_UNPACKED_BYTES = 500 * 1024**2

MISSING = Text(
    "There is no file {file}. Check the path, or upload the file again.",
    "Não existe o arquivo {file}. Confira o caminho ou envie o arquivo de novo.",
)
UNREADABLE = Text(
    "{file} cannot be opened ({reason}). Check its permissions.",
    "{file} não pode ser aberto ({reason}). Confira as permissões.",
)
TOO_LARGE = Text(
    "{file} has {size} MB; the limit is {limit} MB. Keep a part of it: a few thousand rows are plenty here.",
    "{file} tem {size} MB; o limite é {limit} MB. Fique com uma parte: alguns milhares de linhas bastam aqui.",
)
EMPTY = Text(
    "{file} is empty. Use a file with column names and at least 4 rows.",
    "{file} está vazio. Use um arquivo com nomes de colunas e pelo menos 4 linhas.",
)
NOT_UTF8 = Text(
    "{file} is not UTF-8 text: byte {offset} cannot be read. Save it as UTF-8 (in Excel: Save as, CSV UTF-8).",
    "{file} não é texto UTF-8: o byte {offset} não pode ser lido. Salve como UTF-8 (no Excel: Salvar como, CSV UTF-8).",
)
BINARY = Text(
    "{file} is not text: it holds a zero byte at {offset}, as pictures, archives and spreadsheets do."
    " Export the data as {suffix}, renaming is not enough.",
    "{file} não é texto: contém um byte zero em {offset}, como imagens, arquivos compactados e planilhas."
    " Exporte os dados como {suffix}; renomear não basta.",
)


def size_of(path: Path) -> int:
    """The size of a file. Raises DataError when there is none, naming it without its folder."""
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise DataError(UNREADABLE, file=path.name, reason=error.strerror) from error
    if size is None:
        raise DataError(MISSING, file=path.name)
    return size


def check_size(size: int, name: str) -> None:
    """Raises DataError for a file that is too large or empty, before it is read."""
    if size > MAX_BYTES:
        raise DataError(TOO_LARGE, file=name, size=-(-size // 1024**2), limit=MAX_BYTES // 1024**2)
    if size == 0:
        raise DataError(EMPTY, file=name)


def read_content(path: Path) -> bytes:
    """Raises DataError when the file cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(UNREADABLE, file=path.name, reason=error.strerror) from error


def decode(content: bytes, name: str) -> str:
    """The text of a file that is not empty. Raises DataError when it is not UTF-8."""
    # UTF-16 also holds zero bytes; its mark at the start tells it from a binary file.
    zero = -1 if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content.find(b"\0")
    if zero >= 0:
        raise DataError(BINARY, file=name, offset=zero, suffix=Path(name).suffix[1:].upper())
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from after the mark of 3 bytes, where there is one.
        mark = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        raise DataError(NOT_UTF8, file=name, offset=error.start + mark) from error
    if not text.strip():
        raise DataError(EMPTY, file=name)
    return text

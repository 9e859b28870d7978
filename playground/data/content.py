"""The bytes of a data file, and their text: what every format needs before it is read."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Collection
from pathlib import Path

from playground.config import MAX_COLUMN_NAME
from playground.errors import DataError, cut
from playground.texts import Text

MAX_BYTES = 50 * 1024**2
MAX_STREAM_BYTES = 2 * 1024**3  # of a file that is read row by row
MAX_UNPACKED_BYTES = 500 * 1024**2
MAX_COLUMNS = 1000
MAX_SECONDS = 60.0  # of reading one file whole
MAX_VALUES = 5_000_000  # in a whole file; each takes up to a hundred bytes once it is read
MAX_CELL = 1_000_000  # characters; a model reads some thousand words of them
MAX_DEPTH = 100

UTF_8 = "utf-8-sig"
MARKS = {codecs.BOM_UTF8: UTF_8, codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SAMPLE_BYTES = 4096  # looked at to tell UTF-16 without its mark
OFTEN = 0.7  # of the characters of a western language are below U+0100
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")  # in no text
UNDECODED = re.compile("[\udc80-\udcff\x00]")  # what surrogateescape makes of bytes that are no text

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
TOO_LARGE_WHOLE = Text(
    "{file} has {size} MB; the limit is {limit} MB for what is read as a whole. Keep a part of it, or give the data as"
    " JSON Lines, CSV or Parquet, a row a line: such a file of this machine may have {more} MB.",
    "{file} tem {size} MB; o limite é {limit} MB para o que é lido inteiro. Fique com uma parte, ou dê os dados em JSON"
    " Lines, CSV ou Parquet, uma linha por exemplo: um arquivo assim, desta máquina, pode ter {more} MB.",
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
TOO_SLOW = Text(
    "{file} takes more than {limit:.0f} seconds to read. Keep a part of it: a few thousand rows are plenty here.",
    "{file} leva mais de {limit:.0f} segundos para ser lido. Fique com uma parte: alguns milhares de linhas bastam.",
)
NOT_TEXT = Text(
    "{file}, row {row}: some of its bytes are no text. Save the file as UTF-8.",
    "{file}, linha {row}: alguns bytes não são texto. Salve o arquivo como UTF-8.",
)
TOO_MANY_COLUMNS = Text(
    "{file} has more than {limit:,} columns. Keep those that hold the prompt and the answer, or the languages.",
    "{file} tem mais de {limit:,} colunas. Fique com as do prompt e da resposta, ou dos idiomas.",
)
TOO_MANY_VALUES = Text(
    "{file} holds more than {limit:,} values. Keep a part of its rows, or fewer columns.",
    "{file} contém mais de {limit:,} valores. Fique com uma parte das linhas, ou menos colunas.",
)
LONG_NAME = Text(
    "{file}: the name of a column has {count:,} characters ({name}). The first row should name the columns, with at"
    " most {limit:,} characters each: add such a row.",
    "{file}: o nome de uma coluna tem {count:,} caracteres ({name}). A primeira linha deve dar nome às colunas, com no"
    " máximo {limit:,} caracteres cada: acrescente essa linha.",
)
LONG_CELL = Text(
    "{file}, row {row}: a cell has more than {limit:,} characters. Split the text over several rows.",
    "{file}, linha {row}: uma célula tem mais de {limit:,} caracteres. Divida o texto em várias linhas.",
)
TOO_DEEP = Text(
    "{file}, row {row}: things inside of things, more than {limit} deep. Export the data in a flatter form.",
    "{file}, linha {row}: coisas dentro de coisas, em mais de {limit} níveis. Exporte os dados em forma mais plana.",
)


class TimeLimit:
    """How long one file may be read, from now on."""

    def __init__(self, name: str) -> None:
        self.name, self.began = name, time.monotonic()

    def check(self) -> None:
        """Raises DataError once that has passed."""
        if time.monotonic() - self.began > MAX_SECONDS:
            raise DataError(TOO_SLOW, file=self.name, limit=MAX_SECONDS)


def check_unpacked(size: int, name: str) -> None:
    """Raises DataError for more bytes or characters than are kept of one file."""
    if size > MAX_UNPACKED_BYTES:
        raise DataError(TOO_LARGE, file=name, size=size // 1024**2, limit=MAX_UNPACKED_BYTES // 1024**2)


def check_values(count: int, name: str) -> None:
    """Raises DataError for a file of more values than memory should hold; asked before they are made."""
    if count > MAX_VALUES:
        raise DataError(TOO_MANY_VALUES, file=name, limit=MAX_VALUES)


def check_names(columns: Collection[str], name: str) -> None:
    """Raises DataError for too many columns, and for one whose name is rather a text."""
    if len(columns) > MAX_COLUMNS:
        raise DataError(TOO_MANY_COLUMNS, file=name, limit=MAX_COLUMNS)
    for column in columns:
        if len(column) > MAX_COLUMN_NAME:
            values = {"count": len(column), "limit": MAX_COLUMN_NAME, "name": cut(column, 80)}
            raise DataError(LONG_NAME, file=name, **values)


def check_decoded(text: str, name: str, row: int) -> None:
    """Raises DataError for a text of which some bytes could not be read, which stand there as halves of characters."""
    if UNDECODED.search(text):
        raise DataError(NOT_TEXT, file=name, row=row)


def check_cell(cell: object, name: str, row: int) -> None:
    """Raises DataError for a text too long to be learned, and for lists and objects too deep to be written out."""
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise DataError(LONG_CELL, file=name, row=row, limit=MAX_CELL)
        return
    level = [cell]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise DataError(TOO_DEEP, file=name, row=row, limit=MAX_DEPTH)


def _inside(value: object) -> Collection[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


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
        values = {"size": -(-size // 1024**2), "limit": MAX_BYTES // 1024**2, "more": MAX_STREAM_BYTES // 1024**2}
        raise DataError(TOO_LARGE_WHOLE, file=name, **values)
    if size == 0:
        raise DataError(EMPTY, file=name)


def read_content(path: Path) -> bytes:
    """Raises DataError when the file cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(UNREADABLE, file=path.name, reason=error.strerror) from error


def decode(content: bytes, name: str) -> str:
    """The text of a file that is not empty, its line ends as \\n. Raises DataError when it is not text.

    It is UTF-8, or UTF-16 as spreadsheets write it; where it cannot be damaged UTF-8, it is in the old code page of
    western Europe and Brazil: Windows-1252, or that of a Mac where lines end as only there.
    """
    encoding = encoding_of(content)
    if encoding == UTF_8:
        try:
            return _not_empty(decode_utf8(content, name), name)
        except DataError:
            if (text := _old_text(content)) is None:
                raise
            return _not_empty(text, name)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(NOT_UTF8, file=name, offset=error.start) from error
    if "\0" in text:
        raise DataError(BINARY, file=name, offset=text.index("\0") * 2, suffix=_suffix(name))
    return _not_empty(text.removeprefix("\ufeff"), name)


def decode_utf8(content: bytes, name: str) -> str:
    """Raises DataError when it is not UTF-8."""
    zero = content.find(b"\0")
    if zero >= 0:
        raise DataError(BINARY, file=name, offset=zero, suffix=_suffix(name))
    try:
        return content.decode(UTF_8)
    except UnicodeDecodeError as error:
        # The codec counts from after the mark of 3 bytes, where there is one.
        mark = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        raise DataError(NOT_UTF8, file=name, offset=error.start + mark) from error


def encoding_of(content: bytes) -> str:
    """The codec that a text's first bytes ask for; UTF-8 where they say nothing else."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return encoding
    head = content[:SAMPLE_BYTES]
    halves = head[0::2], head[1::2]
    zeros = [half.count(0) / max(len(half), 1) for half in halves]
    for high, encoding in enumerate(("utf-16-be", "utf-16-le")):  # which of two bytes is zero in western letters
        if zeros[high] > OFTEN and not zeros[1 - high] and not CONTROL.search(head.decode(encoding, "replace")):
            return encoding
    return UTF_8


def readable_encoding(sample: bytes) -> str | None:
    """The codec by which a file that begins so can be read line by line; None where it cannot."""
    if encoding_of(sample) != UTF_8:
        return None
    whole = sample[: sample.rfind(b"\n") + 1]
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _old_text(whole) is None else "cp1252"
    return "utf-8" if whole else None


def _old_text(content: bytes) -> str | None:
    """The text in the code page of an old program; None where it is rather UTF-8 with some damage, or no text."""
    if content.startswith(codecs.BOM_UTF8) or b"\0" in content:
        return None
    read = content.decode("utf-8", "replace")
    bad = read.count("\ufffd")
    beyond_ascii = len(read) - len(read.encode("ascii", "ignore"))
    if beyond_ascii - bad >= bad:
        return None
    try:
        text = content.decode("cp1252" if b"\n" in content or b"\r" not in content else "mac_roman")
    except UnicodeDecodeError:
        return None
    return None if CONTROL.search(text) else text


def _not_empty(text: str, name: str) -> str:
    if not text.strip():
        raise DataError(EMPTY, file=name)
    text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")  # alone it ends lines only in old files of a Mac


def _suffix(name: str) -> str:
    return Path(name).suffix[1:].upper() or "CSV"

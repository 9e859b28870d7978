"""What kind of file it is: by its content where that says so, else by its name."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from playground.catalog.codes import is_code
from playground.catalog.datasets import SUFFIXES
from playground.catalog.refused_files import (
    ARCHIVE,
    DATABASE,
    DOCUMENT,
    OFFICE,
    PDF,
    PICTURE,
    PROGRAM_DATA,
    SOUND,
    WEB_PAGE,
    RefusedKind,
    refused_kind,
)
from playground.data.content import CONTROL, decode, encoding_of
from playground.data.formats.delimiters import is_table
from playground.data.formats.json_text import is_json, is_json_lines
from playground.errors import DataError
from playground.texts import Text

Kind = Literal["delimited", "json", "json_lines", "parquet", "text", "tmx", "xliff", "po", "zip", "gzip"]
BY_SUFFIX: dict[str, Kind] = {
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited",
    ".json": "json", ".jsonl": "json_lines", ".ndjson": "json_lines", ".parquet": "parquet", ".parq": "parquet",
    ".tmx": "tmx", ".xlf": "xliff", ".xliff": "xliff", ".sdlxliff": "xliff", ".mqxliff": "xliff", ".mxliff": "xliff",
    ".xml": "tmx", ".po": "po", ".md": "text", ".zip": "zip",
}  # fmt: skip
HEAD_BYTES = 4096
READ: dict[bytes, Kind] = {b"PAR1": "parquet", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip"}
REFUSED: dict[bytes, RefusedKind] = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": OFFICE, b"%PDF-": PDF, b"{\\rtf": DOCUMENT,
    b"\x89PNG": PICTURE, b"\xff\xd8\xff": PICTURE, b"GIF8": PICTURE, b"RIFF": SOUND, b"ID3": SOUND, b"OggS": SOUND,
    b"\x80\x02": PROGRAM_DATA, b"\x80\x03": PROGRAM_DATA, b"\x80\x04": PROGRAM_DATA, b"\x80\x05": PROGRAM_DATA,
    b"\x93NUMPY": PROGRAM_DATA, b"GGUF": PROGRAM_DATA, b"SQLite format 3\0": DATABASE, b"ARROW1": DATABASE,
    b"\x89HDF": DATABASE, b"7z\xbc\xaf": ARCHIVE, b"Rar!": ARCHIVE, b"BZh": ARCHIVE, b"\xfd7zXZ": ARCHIVE,
    b"\x28\xb5\x2f\xfd": ARCHIVE,
}  # fmt: skip
# Atomic, as what stands before the first element could be read in very many ways
BEFORE_ROOT = r"\s*+(?>(?><\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?>\[.*?\]\s*+)?>)\s*+)*+"
ROOT = re.compile(BEFORE_ROOT + r"<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
PO_ENTRY = re.compile(r'^msgid\s+"[^\n]*\n(?:"[^\n]*\n)*msgstr', re.MULTILINE)
PO_HEAD = 100_000  # characters in which its first entry stands

UNKNOWN_FORMAT = Text(
    "{file}: unknown format. Use a file that ends in {suffixes}.",
    "{file}: formato desconhecido. Use um arquivo que termine em {suffixes}.",
)
NOT_READ = Text("{file} is {what}. {remedy}", "{file} é {what}. {remedy}")
ONE_SIDE = Text(
    "{file} is one side of two aligned text files, by its ending: give both, the other as target_file. To learn the"
    " text as it is, let its name end in .txt.",
    "{file} é, pela terminação, um lado de dois textos alinhados: dê os dois, o outro como target_file. Para aprender o"
    " texto como está, faça o nome terminar em .txt.",
)


def check_ending(name: str) -> None:
    """Raises DataError for a file whose ending is of no kind that is read; without one, its content decides."""
    suffix = PurePath(name).suffix.lower()
    if suffix and suffix not in SUFFIXES:
        kind = refused_kind(name)
        if kind:
            raise DataError(NOT_READ, file=name, what=kind.what, remedy=kind.remedy)
        raise DataError(ONE_SIDE if is_code(suffix[1:]) else UNKNOWN_FORMAT, file=name, suffixes=", ".join(SUFFIXES))


def kind_of(content: bytes, name: str) -> Kind:
    """Raises DataError for a kind that is not read, with what to do instead."""
    head = content[:HEAD_BYTES]
    refused = next((kind for magic, kind in REFUSED.items() if head.startswith(magic)), None)
    if refused and (refused in (PDF, DOCUMENT) or CONTROL.search(head.decode("latin-1"))):
        raise DataError(NOT_READ, file=name, what=refused.what, remedy=refused.remedy)
    found = next((kind for magic, kind in READ.items() if head.startswith(magic)), None)
    return found or _kind_of_text(content, name)


def _kind_of_text(content: bytes, name: str) -> Kind:
    root = ROOT.match(content[:HEAD_BYTES].decode(encoding_of(content), "replace").lstrip("\ufeff"))
    if root and root[1] in ("tmx", "xliff"):
        return "tmx" if root[1] == "tmx" else "xliff"
    if root and root[1].lower() == "html":
        raise DataError(NOT_READ, file=name, what=WEB_PAGE.what, remedy=WEB_PAGE.remedy)
    path = PurePath(name)
    unpacked = PurePath(path.stem) if path.suffix.lower() == ".gz" else path  # browsers unpack some on their way
    by_name = BY_SUFFIX.get(unpacked.suffix.lower())
    if by_name not in (None, "delimited", "json", "json_lines"):
        return by_name
    text = decode(content, name)
    is_named_json = by_name in ("json", "json_lines") and (text.lstrip()[0] in '{["' or not is_table(text))
    if is_named_json or is_json(text):
        return "json_lines" if is_json_lines(text, by_name == "json_lines") else "json"
    if by_name is None and PO_ENTRY.search(text, 0, PO_HEAD):
        return "po"
    return "delimited" if by_name or is_table(text) else "text"

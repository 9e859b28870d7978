"""Zip and gzip: the data file, or the two aligned text files, that a download from a corpus site holds.

What is in an archive is only ever read into memory: no name in it is used as a path. It may be as large as any other
file, and what it unpacks to as well.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePath, PurePosixPath

from playground.catalog.codes import is_code
from playground.catalog.datasets import SUFFIXES, TEXT_SUFFIXES
from playground.catalog.refused_files import DECK, DOCUMENT, OFFICE, PROGRAM_DATA, WORKBOOK, RefusedKind
from playground.data.content import MAX_BYTES, check_size
from playground.data.formats.kinds import NOT_READ
from playground.errors import DataError, cut, reason_of
from playground.texts import Text

MAX_ENTRIES = 1000
ENTRY = b"PK\x01\x02"  # before each name in the list at the end of a zip
ABOUT = re.compile(r"_?(readme|licen[cs]e|copying|notice|citation|changelog|about|leia-?me)\b", re.IGNORECASE)
TRAINING = re.compile(r"(?<![a-z])train", re.IGNORECASE)
OTHER_PARTS = re.compile(r"(?<![a-z])(test|valid|val|dev|eval)", re.IGNORECASE)
PACKED_KINDS: dict[str, RefusedKind] = {
    "xl/workbook.xml": WORKBOOK, "xl/workbook.bin": WORKBOOK, "word/document.xml": DOCUMENT,
    "ppt/presentation.xml": DOCUMENT, "content.xml": OFFICE, "collection.anki2": DECK, "collection.anki21": DECK,
    "data.pkl": PROGRAM_DATA,
}  # fmt: skip

BAD_ARCHIVE = Text(
    "{file} cannot be unpacked ({reason}). Pack it again as an ordinary zip without a password, or use the data file"
    " that is in it.",
    "{file} não pode ser descompactado ({reason}). Compacte de novo como zip comum, sem senha, ou use o arquivo de"
    " dados que está dentro.",
)
ENCRYPTED = Text(
    "{file} is protected by a password. Unpack it and use the data file that is in it.",
    "{file} é protegido por senha. Descompacte e use o arquivo de dados que está dentro.",
)
TOO_MANY_ENTRIES = Text(
    "{file} holds more than {limit:,} files. Use the data file that is in it.",
    "{file} contém mais de {limit:,} arquivos. Use o arquivo de dados que está dentro.",
)
NO_DATA_FILE = Text(
    "{file} holds no data file ({names}). A zip may hold one that ends in {suffixes}, or two aligned text files.",
    "{file} não contém arquivo de dados ({names}). Um zip pode conter um que termine em {suffixes}, ou dois textos"
    " alinhados.",
)
SEVERAL_DATA_FILES = Text(
    "{file} holds several data files ({names}). Unpack it and use one of them.",
    "{file} contém vários arquivos de dados ({names}). Descompacte e use um deles.",
)

Named = tuple[str, bytes]


def unpack_gzip(content: bytes, name: str) -> Named:
    """The name and content of the one file in a .gz. Raises DataError."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, MAX_BYTES + 1)
    except zlib.error as error:
        raise DataError(BAD_ARCHIVE, file=name, reason=str(error)[:120]) from error
    if not unpacker.eof and len(unpacked) <= MAX_BYTES:
        raise DataError(BAD_ARCHIVE, file=name, reason="it ends too early")
    check_size(len(unpacked), name)
    inner = PurePath(name).stem if name.lower().endswith(".gz") else name
    return f"{name}/{inner}", unpacked


def unpack_zip(content: bytes, name: str) -> list[Named]:
    """The names and contents of the one data file in a zip, or of its two aligned text files. Raises DataError."""
    if content.count(ENTRY) > MAX_ENTRIES:  # before they are listed, which takes memory for each
        raise DataError(TOO_MANY_ENTRIES, file=name, limit=MAX_ENTRIES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_kind([entry.filename for entry in entries], name)
            return [_content(archive, entry, name) for entry in _chosen(entries, name)]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, OverflowError) as error:
        raise DataError(BAD_ARCHIVE, file=name, reason=reason_of(error, 120)) from error


def _check_kind(names: Sequence[str], name: str) -> None:
    """Raises DataError for files of other programs, which are zips as well."""
    for inner in names:
        kind = PACKED_KINDS.get(inner) or PACKED_KINDS.get(PurePosixPath(inner).name if inner.endswith(".pkl") else "")
        if kind:
            raise DataError(NOT_READ, file=name, what=kind.what, remedy=kind.remedy)


def _chosen(entries: Sequence[zipfile.ZipInfo], name: str) -> list[zipfile.ZipInfo]:
    """The data file, or the two sides: as in OPUS, beside a licence, a read-me file and others.

    Of several parts of a data set the training part: each has a held-out part made of it.
    """
    shown = [entry for entry in entries if not entry.is_dir() and not _is_about(PurePosixPath(entry.filename))]
    data = [entry for entry in shown if _ending(entry) in SUFFIXES]
    tables = [entry for entry in data if _ending(entry) not in TEXT_SUFFIXES]
    texts = [entry for entry in data if _ending(entry) in TEXT_SUFFIXES]
    sides = [entry for entry in shown if is_code(_ending(entry)[1:])]
    for found, count in ((sides, 2), (tables, 1), (texts, 2), (texts, 1)):
        if len(parts := _training(found) or found) == count:
            return parts
    names = ", ".join(cut(PurePosixPath(entry.filename).name, 40) for entry in (data or sides or shown)[:10]) or "–"
    message = SEVERAL_DATA_FILES if data or sides else NO_DATA_FILE
    raise DataError(message, file=name, names=names, suffixes=", ".join(SUFFIXES))


def _training(entries: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Those of the training part, where all others are of another part."""
    names = [PurePosixPath(entry.filename).name for entry in entries]
    training = [entry for entry, name in zip(entries, names, strict=True) if TRAINING.search(name)]
    others = [name for name in names if not TRAINING.search(name) and OTHER_PARTS.search(name)]
    return training if len(training) + len(others) == len(entries) else []


def _is_about(path: PurePosixPath) -> bool:
    """Whether it is a file about the data, or one that a system puts into every folder."""
    return path.name.startswith(".") or "__MACOSX" in path.parts or bool(ABOUT.match(path.name))


def _ending(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename).suffix.lower()


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Named:
    inner = f"{name}/{cut(PurePosixPath(entry.filename).name, 80)}"
    if entry.flag_bits & 1:
        raise DataError(ENCRYPTED, file=name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may ask for gigabytes first
        raise DataError(BAD_ARCHIVE, file=inner, reason="compress_type")
    with archive.open(entry) as stream:
        content = stream.read(MAX_BYTES + 1)
    check_size(len(content), inner)
    return inner, content

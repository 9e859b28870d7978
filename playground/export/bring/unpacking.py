"""A zip with an adapter: only the files that make one are unpacked, and those within bounds."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from playground.errors import ModelError, cut, reason_of
from playground.export.archive import TWICE, unsafe
from playground.export.bring.files import WANTED, check_complete, only_adapter, write_bounded
from playground.texts import Text

MAX_ENTRIES = 1000
MAX_LIST_BYTES = 1_000_000  # of the zip's own list of entries
FREE_BYTES, MAX_RATIO = 10_000_000, 100  # past the first, no more than so many bytes for each packed one
END_OF_LIST = b"PK\x05\x06"

BAD_ZIP = Text(
    "{file} cannot be unpacked ({reason}). Pack the adapter's folder again, as an ordinary zip without a password.",
    "{file} não pode ser descompactado ({reason}). Compacte de novo a pasta do adaptador, como zip comum, sem senha.",
)
UNSAFE_ENTRY = Text(
    "{file} holds {entry}, which {what}. Nothing was unpacked. Pack only the adapter's own folder, without a password.",
    "{file} contém {entry}, que {what}. Nada foi descompactado. Compacte só a pasta do adaptador, sem senha.",
)
TOO_MANY_ENTRIES = Text(
    "{file} holds more than {limit} files. Pack only adapter_config.json and adapter_model.safetensors.",
    "{file} contém mais de {limit} arquivos. Compacte só adapter_config.json e adapter_model.safetensors.",
)
BOMB = Text(
    "{file} unpacks to more than {ratio} times its size ({entry}): that is no adapter. Send the two files themselves.",
    "{file} descompacta em mais de {ratio} vezes o seu tamanho ({entry}): isso não é um adaptador. Envie os dois"
    " arquivos diretamente.",
)


def is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(path: Path, folder: Path, most_bytes: int) -> None:
    """Write the files of the one adapter in a zip into `folder`. Raises ModelError."""
    name = cut(path.name, 80)
    try:
        _check_list(path, name)
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if "__MACOSX" not in _place(entry).parts]
            _check_entries(entries, name)
            files = {str(_place(entry)): entry for entry in entries if not entry.is_dir()}
            place = only_adapter([PurePosixPath(file) for file in files], name)
            wanted = {file: files[str(place / file)] for file in WANTED if str(place / file) in files}
            check_complete(wanted, [PurePosixPath(file).name for file in files], name)
            for file, entry in wanted.items():
                _unpack_one(archive, entry, folder / file, most_bytes, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ModelError(BAD_ZIP, file=name, reason=reason_of(error, 120)) from error


def _check_list(path: Path, name: str) -> None:
    """Before Python reads the list of entries, which takes memory for each."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - 66_000))
        tail = stream.read()
    end = tail.rfind(END_OF_LIST)
    found = tail[end:] if end >= 0 else b""
    if len(found) < 22:
        raise zipfile.BadZipFile("it has no list of files")
    count, list_bytes = int.from_bytes(found[10:12], "little"), int.from_bytes(found[12:16], "little")
    if count > MAX_ENTRIES or list_bytes > MAX_LIST_BYTES:
        raise ModelError(TOO_MANY_ENTRIES, file=name, limit=MAX_ENTRIES)


def _check_entries(entries: Sequence[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ModelError(TOO_MANY_ENTRIES, file=name, limit=MAX_ENTRIES)
    seen: set[str] = set()
    for entry in entries:
        place = _place(entry)
        what = unsafe(entry, place) or (TWICE if str(place).casefold() in seen else None)
        if what:
            raise ModelError(UNSAFE_ENTRY, file=name, entry=repr(cut(entry.filename, 80)), what=what)
        seen.add(str(place).casefold())


def _place(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, most_bytes: int, name: str) -> None:
    """The bytes that come are counted: what the zip says of their number is only a claim."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may ask for gigabytes first
        raise ModelError(BAD_ZIP, file=name, reason=f"compress_type {entry.compress_type}")
    packed = max(entry.compress_size, 1)

    def check(count: int) -> None:
        if count > max(FREE_BYTES, MAX_RATIO * packed):
            raise ModelError(BOMB, file=name, ratio=MAX_RATIO, entry=cut(entry.filename, 80))

    with archive.open(entry) as stream:
        write_bounded(stream, to, most_bytes, check)

"""Zips: written so that they appear whole, and opened as files of a stranger."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from playground.errors import RunError
from playground.files import sync_file
from playground.texts import Text

MAX_BYTES = 20 * 10**9  # unpacked, of an owner's file; `unpacked` is told less for a visitor's
MAX_FILES = 200
MAX_RATIO = 200  # of a file's size to what it takes in the zip: weights hardly shrink
CHUNK = 2**20

NOT_A_ZIP = Text(
    "{name} is neither a folder nor a zip that can be read. Give what `export` wrote.",
    "{name} não é uma pasta nem um zip legível. Dê o que `export` gravou.",
)
UNSAFE = Text(
    "{name} holds {entry}, which {reason}: it is not unpacked. Give what `export` wrote.",
    "{name} contém {entry}, que {reason}: não é descompactado. Dê o que `export` gravou.",
)
OUTSIDE = Text("lies outside of it", "fica fora dele")
A_LINK = Text("is a link", "é um link")
ENCRYPTED = Text("is encrypted", "está cifrado")
TWICE = Text("is there twice", "aparece duas vezes")
TOO_LARGE = Text("unpacks to more than is allowed", "ocupa mais do que é permitido ao descompactar")
TOO_MANY = Text("is one file too many", "é um arquivo a mais")


def packed(folder: Path, target: Path) -> None:
    """A zip of `folder` that appears as `target` once it is whole."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    os.close(descriptor)
    temporary = Path(name)
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    file.write(path, path.relative_to(folder).as_posix())
        temporary.chmod(0o644)
        sync_file(temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def unpacked(path: Path, limit: int = MAX_BYTES) -> Iterator[Path]:
    """A folder with what lies in a folder or zip. Raises RunError for what is neither, and for an unsafe zip."""
    if path.is_dir():
        yield path
        return
    if not zipfile.is_zipfile(path):
        raise RunError(NOT_A_ZIP, name=path.name[-80:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(path) as file:
                _unpack(file, path.name[-80:], folder, limit)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
            raise RunError(NOT_A_ZIP, name=path.name[-80:]) from error
        yield _inner(folder)


def _unpack(file: zipfile.ZipFile, name: str, folder: Path, limit: int) -> None:
    left, seen = limit, set()
    for number, entry in enumerate(file.infolist()):
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        reason = (
            _refused(entry, place) or (TWICE if place in seen else None) or (TOO_MANY if number > MAX_FILES else None)
        )
        if reason:
            raise RunError(UNSAFE, name=name, entry=repr(entry.filename[-80:]), reason=reason)
        seen.add(place)
        if entry.is_dir():
            continue
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        # What the zip says of sizes is not believed: bytes are counted as they come.
        most = min(left, MAX_RATIO * entry.compress_size + CHUNK)
        with file.open(entry) as source, target.open("wb") as stream:
            while chunk := source.read(CHUNK):
                most, left = most - len(chunk), left - len(chunk)
                if most < 0:
                    raise RunError(UNSAFE, name=name, entry=repr(entry.filename[-80:]), reason=TOO_LARGE)
                stream.write(chunk)


def _refused(entry: zipfile.ZipInfo, place: PurePosixPath) -> Text | None:
    if place.is_absolute() or ".." in place.parts or ":" in entry.filename or not place.parts:
        return OUTSIDE
    if stat.S_ISLNK(entry.external_attr >> 16):
        return A_LINK
    return ENCRYPTED if entry.flag_bits & 1 else None


def _inner(folder: Path) -> Path:
    """The one folder in which somebody packed everything; else the whole."""
    shutil.rmtree(folder / "__MACOSX", ignore_errors=True)
    found = list(folder.iterdir())
    return found[0] if len(found) == 1 and found[0].is_dir() else folder

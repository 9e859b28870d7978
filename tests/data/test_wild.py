"""Files as people send them: each opens at the first guess, with what its maker meant."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.read import read_rows
from playground.errors import DataError
from playground.service import Playground
from tests.data.wild import cat_tools, corpora, programs, spreadsheets
from tests.data.wild.file import WildFile

FILES: dict[str, WildFile] = {
    file.tool: file for module in (spreadsheets, corpora, cat_tools, programs) for file in module.FILES
}


@pytest.mark.parametrize("tool", FILES)
def test_a_file_opens_at_the_first_guess(tool: str, tmp_path: Path) -> None:
    file = FILES[tool]
    (tmp_path / file.name).write_bytes(file.content)
    table = read_rows(str(tmp_path / file.name))
    place, column, value = file.cell
    assert table.columns == file.columns
    assert len(table.rows) == file.rows
    assert table.rows[place][column] == value
    assert sum(table.left_out.values()) == file.left_out


def test_an_upload_takes_every_file_that_is_read(playground: Playground, tmp_path: Path) -> None:
    for number, file in enumerate(FILES.values()):
        sent = tmp_path / str(number) / file.name
        sent.parent.mkdir()
        sent.write_bytes(file.content)
        kept = playground.keep_upload([sent])
        table = playground.preview_table(DataConfig(dataset=kept))
        assert table.columns == file.columns, file.tool
        assert len(table.rows) == file.rows, file.tool


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a workbook": ("a.xlsx", b"PK", "a spreadsheet's own file. In Excel or LibreOffice choose Save as, CSV UTF-8"),
    "a workbook called .csv": ("a.csv", zipped("[Content_Types].xml", "xl/workbook.xml"), "choose Save as, CSV UTF-8"),
    "an old workbook called .csv": ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "choose Save as, CSV UTF-8"),
    "a document": ("a.docx", b"PK", "a word processor's document. Save it as plain text"),
    "a document called .txt": ("a.txt", zipped("word/document.xml"), "a word processor's document"),
    "a PDF called .txt": ("a.txt", b"%PDF-1.7\nabc", "a PDF. Save it as plain text"),
    "a picture called .csv": ("a.csv", b"\x89PNG\r\n\x1a\n\0", "is a picture"),
    "a pickle": ("a.pkl", b"\x80\x04\x95", "could run code when opened. Export its rows as CSV, JSONL or Parquet"),
    "a pickle called .json": ("a.json", b"\x80\x04\x95\0\0", "could run code when opened"),
    "PyTorch's file called .zip": ("a.zip", zipped("archive/data.pkl"), "could run code when opened"),
    "a web page called .txt": ("a.txt", b"<!DOCTYPE html>\n<html><body>x</body></html>", "a web page"),
    "a deck of Anki": ("a.apkg", b"PK", "choose Export, Notes in Plain Text"),
    "a deck of Anki called .zip": ("a.zip", zipped("collection.anki21", "media"), "choose Export, Notes in Plain Text"),
    "a package of Trados": ("a.sdltm", b"x", "Export the translation memory as TMX"),
    "an unknown ending": ("a.dat", b"x", "unknown format. Use a file that ends in .csv, .tsv"),
    "one side of two": ("a.en", b"x", "one side of two aligned text files"),
    "a zip of nothing": ("a.zip", zipped("README.md", "notes.log"), r"holds no data file \(notes.log\)"),
    "a zip of two tables": ("a.zip", zipped("a.csv", "b.csv"), r"several data files \(a.csv, b.csv\)"),
    "a zip of many sides": ("a.zip", zipped("a.en", "a.pt", "b.en", "b.pt"), r"several data files \(a.en, a.pt,"),
    "a zip in a zip": ("a.zip", corpora.packed({"b.zip": zipped("c.csv")}), "an archive in an archive"),
    "no zip": ("a.zip", b"PK\x03\x04 and more", "cannot be unpacked"),
    "half a gzip": ("a.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0", "cannot be unpacked"),
    "another XML": ("a.xml", b"<resources><string>x</string></resources>", "its first element is resources"),
    "columns of unequal length": ("a.json", b'{"en": ["a", "b"], "pt": ["c"]}', "not equally long: en 2, pt 1"),
    "a trailing comma": ("a.json", b'[\n{"a": 1},\n{"b": 2,\n}]', "row 3: not valid JSON .Illegal trailing comma"),
    "a trailing comma of a list": (
        "a.json",
        b'[\n{"a": 1},\n{"b": 2},\n\n]',
        "row 3: .*Illegal trailing comma",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_remedy_for_it(case: str, tmp_path: Path) -> None:
    name, content, message = REFUSED[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_rows(str(tmp_path / name))
    assert caught.value.to("pt").startswith(name)
    assert caught.value.to("pt") != caught.value.to("en")


def test_a_file_of_an_unknown_ending_is_never_asked_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("owner").mkdir()
    for name in ("owner/name", "owner/rows.dat", "owner/rows.v2"):
        Path(name).write_text("question\tanswer\nWho?\tMe.\n", encoding="utf-8")
    assert read_rows("owner/name").columns == ["question", "answer"]
    for name in ("owner/rows.dat", "owner/rows.v2"):
        with pytest.raises(DataError, match=f"^{Path(name).name}: unknown format"):
            read_rows(name)

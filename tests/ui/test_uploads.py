"""Files that visitors send: kept, joined or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from playground.ui.uploads import keep_upload, keep_uploads, shown_name

from playground.config import DataConfig
from playground.errors import DataError
from playground.service import Playground


def test_an_upload_is_kept_once_under_a_name_without_surprises(tmp_path: Path) -> None:
    sent = tmp_path / "my file (1) ü.CSV"
    sent.write_text("a,b\n1,2\n")
    kept = keep_upload(sent, tmp_path / "runs")
    assert keep_upload(sent, tmp_path / "runs") == kept
    assert Path(kept).read_text() == "a,b\n1,2\n"
    assert shown_name(kept) == "my-file-1.csv"


def test_a_file_that_is_too_large_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    large, other = tmp_path / "large.csv", tmp_path / "virus.exe"
    with large.open("wb") as stream:
        stream.truncate(200_000_000)
    other.write_bytes(b"MZ")
    with pytest.raises(DataError, match="200 MB"):
        keep_upload(large, tmp_path)
    with pytest.raises(DataError, match="virus.exe"):
        keep_upload(other, tmp_path)


def test_two_aligned_files_become_one_table_with_their_languages(playground: Playground, tmp_path: Path) -> None:
    english, portuguese = tmp_path / "news.en", tmp_path / "news.pt"
    english.write_text('The "cat"\tsat.\nRain!\n')
    portuguese.write_text('O "gato"\tsentou.\nChuva!\n')
    kept = keep_uploads([english, portuguese], playground.runs_dir)
    assert set(playground.languages_of_data(kept)) == {"en", "pt"}
    table = playground.preview_table(DataConfig(dataset=kept))
    assert [dict(row) for row in table.rows] == [
        {"en": 'The "cat"\tsat.', "pt": 'O "gato"\tsentou.'},
        {"en": "Rain!", "pt": "Chuva!"},
    ]


def test_files_that_are_no_aligned_pair_are_refused(tmp_path: Path) -> None:
    names = ("a.en", "b.pt", "c.gl", "d.csv")
    for name in names:
        (tmp_path / name).write_text("one\n" * len(name) + "two\n" * (name == "b.pt"))
    a, b, c, d = (tmp_path / name for name in names)
    with pytest.raises(DataError, match="4 lines and b.pt has 5"):
        keep_uploads([a, b], tmp_path)
    with pytest.raises(DataError, match="3 files were sent"):
        keep_uploads([a, b, c], tmp_path)
    with pytest.raises(DataError, match="2 files were sent"):
        keep_uploads([a, d], tmp_path)
    with pytest.raises(DataError, match="a.en cannot be read here"):
        keep_uploads([a], tmp_path)


def test_a_translation_memory_is_an_upload_with_its_languages(playground: Playground, tmp_path: Path) -> None:
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>cat {n}</seg></tuv><tuv xml:lang="gl"><seg>gato {n}</seg></tuv></tu>'
        for n in range(5)
    )
    sent = tmp_path / "memory.tmx"
    sent.write_text(f'<tmx version="1.4"><header/><body>{units}</body></tmx>', encoding="utf-8")
    kept = keep_upload(sent, playground.runs_dir)
    assert set(playground.languages_of_data(kept)) == {"en", "gl"}
    assert playground.languages_of_data("notes-to-json") == ()

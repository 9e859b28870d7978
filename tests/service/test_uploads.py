"""Files that visitors send: kept, joined, refused, and removed when nobody needs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from playground.catalog.datasets import shown_dataset
from playground.config import DataConfig
from playground.errors import DataError
from playground.service import Playground
from playground.service.uploads import SECONDS_TO_KEEP, Uploads
from playground.service.visitor import PAGE_OWNER, Visitor

ANA, BEN = Visitor("ana"), Visitor("ben")


def keep(sent: list[Path], runs_dir: Path, visitor: Visitor = PAGE_OWNER) -> str:
    return Uploads(runs_dir).keep(sent, visitor)


def test_an_upload_is_kept_once_under_a_name_without_surprises(tmp_path: Path) -> None:
    sent = tmp_path / "my file (1) ü.CSV"
    sent.write_text("a,b\n1,2\n")
    kept = keep([sent], tmp_path / "runs")
    assert keep([sent], tmp_path / "runs") == kept
    assert kept.startswith("upload:")
    assert Uploads(tmp_path / "runs").path_of(kept, PAGE_OWNER).read_text() == "a,b\n1,2\n"
    assert shown_dataset(kept) == "my-file-1-ü.csv"


@pytest.mark.parametrize(
    ("sent", "called"),
    [
        ("My pairs (final) v2.tmx", "My-pairs-final-v2.tmx"),
        ("Tradução jurídica – 2024.tmx", "Tradução-jurídica-2024.tmx"),
        ("..\\..\\etc\\passwd.csv", "etc-passwd.csv"),
        ("-.-.csv", "file.csv"),
        ("🦉🦉.csv", "file.csv"),
        ("🦉 pares.csv", "pares.csv"),
        ("翻译.csv", "翻译.csv"),
        ("名" * 70 + ".csv", "名" * 50 + ".csv"),
        ("a\u202efdp.csv", "a-fdp.csv"),  # a mark that turns the direction of what follows
    ],
)
def test_a_file_s_name_is_kept_as_far_as_it_says_something(tmp_path: Path, sent: str, called: str) -> None:
    path = tmp_path / sent
    path.write_text("a,b\n1,2\n")
    kept = keep([path], tmp_path / "runs")
    assert shown_dataset(kept) == called
    assert Uploads(tmp_path / "runs").path_of(kept, PAGE_OWNER).is_file()


@pytest.mark.parametrize(
    "name", ["../../secret.csv", "0123456789ab-x.csv", "/etc/passwd", "", "ana/0123456789ab-x.csv"]
)
def test_a_name_that_no_upload_has_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="no uploaded file"):
        Uploads(tmp_path / "runs").path_of(f"upload:{name}", PAGE_OWNER)


def test_an_upload_is_only_its_senders(tmp_path: Path) -> None:
    sent = tmp_path / "mine.csv"
    sent.write_text("a,b\n1,2\n")
    kept = keep([sent], tmp_path / "runs", ANA)
    uploads = Uploads(tmp_path / "runs")
    assert uploads.path_of(kept, ANA).is_file()
    for other in (BEN, PAGE_OWNER):
        with pytest.raises(DataError, match="no uploaded file"):
            uploads.path_of(kept, other)


def test_an_old_upload_goes_unless_a_run_needs_it(playground: Playground, tmp_path: Path) -> None:
    paths = []
    for name in ("used", "unused", "fresh"):
        sent = tmp_path / f"{name}.csv"
        sent.write_text("prompt,completion\n" + "".join(f"{name} {n},answer {n}\n" for n in range(9)))
        kept = playground.keep_upload([sent])
        paths.append(playground.uploads.path_of(kept, PAGE_OWNER))
        if name == "used":
            playground.store.create(playground.check({"name": "run", "data": {"dataset": kept}}), {})
        if name != "fresh":
            old = paths[-1].stat().st_mtime - SECONDS_TO_KEEP - 60
            os.utime(paths[-1], (old, old))
    playground.uploads.sweep()
    assert [path.exists() for path in paths] == [True, False, True]


def test_a_file_that_is_too_large_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    large, other = tmp_path / "large.csv", tmp_path / "virus.exe"
    with large.open("wb") as stream:
        stream.truncate(200_000_000)
    other.write_bytes(b"MZ")
    with pytest.raises(DataError, match="200 MB"):
        keep([large], tmp_path)
    with pytest.raises(DataError, match="virus.exe"):
        keep([other], tmp_path)


def test_two_aligned_files_become_one_table_with_their_languages(playground: Playground, tmp_path: Path) -> None:
    english, portuguese = tmp_path / "news.en", tmp_path / "news.pt"
    english.write_text('The "cat"\tsat.\nRain!\n')
    portuguese.write_text('O "gato"\tsentou.\nChuva!\n')
    kept = keep([english, portuguese], playground.runs_dir)
    assert set(playground.languages_of_data(DataConfig(dataset=kept))) == {"en", "pt"}
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
        keep([a, b], tmp_path)
    with pytest.raises(DataError, match="3 files were sent"):
        keep([a, b, c], tmp_path)
    with pytest.raises(DataError, match="2 files were sent"):
        keep([a, d], tmp_path)
    with pytest.raises(DataError, match="a.en cannot be read here"):
        keep([a], tmp_path)


def test_a_translation_memory_is_an_upload_with_its_languages(playground: Playground, tmp_path: Path) -> None:
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>cat {n}</seg></tuv><tuv xml:lang="gl"><seg>gato {n}</seg></tuv></tu>'
        for n in range(5)
    )
    sent = tmp_path / "memory.tmx"
    sent.write_text(f'<tmx version="1.4"><header/><body>{units}</body></tmx>', encoding="utf-8")
    kept = keep([sent], playground.runs_dir)
    assert set(playground.languages_of_data(DataConfig(dataset=kept))) == {"en", "gl"}
    assert playground.languages_of_data(DataConfig(dataset="notes-to-json")) == ()

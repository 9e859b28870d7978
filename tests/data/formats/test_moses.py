"""Two aligned text files."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.example import Languages
from playground.data.read import languages_of_data, load_split, read_rows
from playground.errors import DataError

EN = ["one", "two", "", "four", "five"]
PT = ["um", "dois", "", "quatro", "cinco"]


def two_files(folder: Path, source: str, target: str, names: tuple[str, str] = ("a.en", "a.pt_BR")) -> dict[str, str]:
    for name, text in zip(names, (source, target), strict=True):
        (folder / name).write_bytes(text.encode("utf-8"))
    return {"dataset": str(folder / names[0]), "target_file": str(folder / names[1])}


def test_lines_of_the_same_number_belong_together(tmp_path: Path) -> None:
    files = two_files(tmp_path, "\n".join(EN) + "\n", "\r\n".join(PT))
    table = read_rows(**files)
    assert table.columns == ["en", "pt-BR"]
    assert table.rows[3] == {"en": "four", "pt-BR": "quatro"}
    numbers = [row.number for row in table.rows if isinstance(row, Row)]
    assert numbers == [1, 2, 3, 4, 5]
    assert languages_of_data(**files) == ("en", "pt-BR")
    split = load_split(DataConfig(**files), 1)
    assert {(example.prompt, example.completion) for example in split.train + split.held_out} == {
        pair for pair in zip(EN, PT, strict=True) if pair[0]
    }


def test_the_names_say_which_file_is_which_whatever_their_order(tmp_path: Path) -> None:
    files = two_files(tmp_path, "\n".join(EN), "\n".join(PT))
    asked = DataConfig(**files, source_language="pt", target_language="en")
    example = load_split(asked, 1).train[0]
    assert example.languages == Languages("pt", "en")
    assert example.prompt in PT


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("en.txt", "pt_BR.txt"), ["en", "pt-BR"]),
        (("news.en.md", "news.pt.md"), ["en", "pt"]),
        (("X.en-pt.en", "X.en-pt.pt"), ["en", "pt"]),
        (("eng_Latn.dev", "por_Latn.dev"), ["eng-Latn", "por-Latn"]),
        (("news.en.txt", "other.en.txt"), ["source", "target"]),
    ],
)
def test_the_language_is_the_last_part_of_a_name_that_is_one(
    names: tuple[str, str], columns: list[str], tmp_path: Path
) -> None:
    assert read_rows(**two_files(tmp_path, "a\nb", "c\nd", names)).columns == columns


def test_names_without_a_language_need_the_languages_or_leave_a_guess(tmp_path: Path) -> None:
    files = two_files(tmp_path, "\n".join(EN), "\n".join(PT), ("source.txt", "target.txt"))
    split = load_split(DataConfig(**files, source_language="en", target_language="pt"), 1)
    assert split.train[0].languages == Languages("en", "pt")
    assert not split.train[0].is_guess
    guessed = load_split(DataConfig(**files), 1).train[0]
    assert guessed.languages == Languages("en", "pt")
    assert guessed.is_guess


@pytest.mark.parametrize(("source", "target", "counts"), [("a\nb\nc\n", "a\nb\n", (3, 2)), ("a", "a\n\n\n", (1, 3))])
def test_files_of_unequal_length_are_refused_with_both_counts(
    source: str, target: str, counts: tuple[int, int], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=f"a.en has {counts[0]} lines and a.pt_BR has {counts[1]}:") as caught:
        load_split(DataConfig(**two_files(tmp_path, source, target)), 1)
    assert f"a.pt_BR tem {counts[1]}: linha por linha" in caught.value.to("pt")
    assert str(tmp_path) not in caught.value.to("pt")


def test_characters_that_look_like_line_ends_do_not_end_a_line(tmp_path: Path) -> None:
    files = two_files(tmp_path, "a\u2028b\x85c\x0bd\ne", "f\ng")
    assert [row["en"] for row in read_rows(**files).rows] == ["a\u2028b\x85c\x0bd", "e"]


@pytest.mark.parametrize("text", ["x" * 50_000, "👍🏽 ok", "مرحبا بالعالم", "שלום"])
def test_any_text_comes_through_and_lines_of_only_spaces_are_passed_over(text: str, tmp_path: Path) -> None:
    files = two_files(tmp_path, f"{text}\nb\nc\n   \nd\n", f"{text}\nb\nc\nx\nd\n")
    split = load_split(DataConfig(**files), 1)
    assert len(split.train + split.held_out) == 4
    assert text in {example.prompt for example in split.train + split.held_out}


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_file_is_named(missing: int, tmp_path: Path) -> None:
    files = two_files(tmp_path, "a", "b")
    (tmp_path / ("a.en", "a.pt_BR")[missing]).unlink()
    with pytest.raises(DataError, match=f"^There is no file {('a.en', 'a.pt_BR')[missing]}"):
        read_rows(**files)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    files = two_files(tmp_path, "a", "b")
    (tmp_path / "a.en").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="a.en is not UTF-8"):
        read_rows(**files)

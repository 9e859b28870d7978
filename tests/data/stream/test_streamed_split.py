"""What of a large file is held out, and that all the rest is trained on, each row once an epoch."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from pathlib import Path

import pytest

from playground.config import DataConfig
from playground.data.example import Example, Split
from playground.data.read import load_split, read_rows
from playground.data.stream import split as streamed
from playground.errors import DataError
from tests.data.stream.files import WRITERS, Pair, json_lines, pairs, small_limits

SEED = 3


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def split_of(path: Path, **settings: object) -> Split:
    return load_split(DataConfig.model_validate({"dataset": str(path), **settings}), SEED)


def epoch(split: Split, number: int = 0) -> list[Example]:
    assert split.stream is not None
    return list(itertools.chain.from_iterable(split.stream.windows(number)))


def taught(examples: list[Example]) -> list[Pair]:
    return [(example.prompt, example.completion) for example in examples]


def falls_below(prompt: str, fraction: float) -> bool:
    """By hand: words alone count, in small letters."""
    words = " ".join(re.findall(r"\w+", f"user: {prompt}".lower()))
    digest = hashlib.sha256(f"{SEED}\n{words}".encode()).hexdigest()
    return int(digest[:16], 16) < fraction * 16**16


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_prompts_whose_hash_falls_below_the_fraction_are_held_out_and_every_other_row_is_trained_on_once(
    tmp_path: Path, suffix: str
) -> None:
    rows = pairs(100)
    path = tmp_path / f"rows{suffix}"
    WRITERS[suffix](path, rows)
    split = split_of(path, eval_fraction=0.2)
    expected = {row for row in rows[:41] if falls_below(row[0], 0.2)}
    assert len(expected) > 3
    assert set(taught(split.held_out)) == expected
    for number in (0, 1):
        assert sorted(taught(epoch(split, number))) == sorted(set(rows) - expected)


def test_a_prompt_that_is_held_out_is_nowhere_trained_on(tmp_path: Path) -> None:
    """It stands again in the last rows, written in another way, with another answer."""
    rows = pairs(80)
    asked = [prompt for prompt, _ in rows[:41] if falls_below(prompt, 0.2)]
    path = tmp_path / "rows.jsonl"
    json_lines(path, [*rows, *((prompt.upper() + "  ", "Another answer.") for prompt in asked)])
    assert "Another answer." not in {completion for _, completion in taught(epoch(split_of(path, eval_fraction=0.2)))}


def test_at_most_512_prompts_are_held_out_and_at_least_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(60))
    assert len(split_of(path, eval_fraction=1e-9).held_out) == 2
    assert streamed.MAX_HELD_OUT == 512
    monkeypatch.setattr(streamed, "MAX_HELD_OUT", 5)
    held_out = split_of(path, eval_fraction=0.8).held_out
    assert len(held_out) == 5
    assert all(falls_below(example.prompt, 0.8) for example in held_out)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_file_of_few_rows_is_split_and_ordered_as_ever(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"rows{suffix}"
    WRITERS[suffix](path, pairs(40))
    found = split_of(path)
    assert found.stream is None
    monkeypatch.undo()
    assert found == split_of(path)


def test_rows_are_shuffled_within_windows_anew_in_each_epoch_and_equally_for_the_same_seed(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(100))
    split = split_of(path, eval_fraction=1e-9)
    assert split.stream is not None
    held_out = set(taught(split.held_out))
    for start, window in zip(range(0, 100, 16), split.stream.windows(0), strict=True):
        assert set(taught(window)) == set(pairs(100)[start : start + 16]) - held_out
    assert taught(epoch(split)) == taught(epoch(split_of(path, eval_fraction=1e-9)))
    assert taught(epoch(split)) != taught(epoch(split, 1))
    assert taught(epoch(split)) != sorted(taught(epoch(split)))


def test_so_many_examples_as_asked_for_are_trained_on_and_pairs_in_both_directions(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"en": f"The boat number {n} is here.", "pt": f"O barco número {n} está aqui."} for n in range(90)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    split = split_of(path, max_examples=20, both_directions=True)
    found = epoch(split)
    assert len(found) == 40
    assert {example.languages for example in found} == {("en", "pt"), ("pt", "en")}
    held_out = {example.prompt for example in split.held_out}
    first = [row["en"] for row in rows if row["en"] not in held_out][:20]
    assert {example.prompt for example in found if example.languages == ("en", "pt")} == set(first)


def test_about_how_many_there_are_is_told_by_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(1000))
    split = split_of(path)
    assert split.stream is not None
    assert split.stream.estimate == pytest.approx(len(epoch(split)), rel=0.1)


def test_a_row_that_teaches_nothing_is_passed_over_as_in_a_small_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = pairs(100)
    rows[60] = (rows[60][0], "")
    json_lines(path, rows)
    split = split_of(path)
    assert rows[60] not in taught(epoch(split))
    assert len(epoch(split)) == 100 - 1 - len(split.held_out)
    assert split.stream is not None
    assert split.stream.bad.count == 0


def test_the_first_rows_are_shown_without_reading_all(tmp_path: Path) -> None:
    """What is damaged behind them is not met."""
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(100))
    with path.open("ab") as stream:
        stream.write(b"{ no row\n" * 100)
    assert [row["prompt"] for row in read_rows(str(path), 20).rows] == [prompt for prompt, _ in pairs(20)]


def test_too_few_different_prompts_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, [pairs(3)[number % 3] for number in range(100)])
    with pytest.raises(DataError, match=r"The first 41 rows of rows.jsonl have 3 different prompts"):
        split_of(path)


def test_a_text_is_streamed_by_its_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    paragraphs = [f"Boat {number} leaves.\nIt is {number} o'clock." for number in range(70)]
    path.write_text("\n\n".join(paragraphs), encoding="utf-8")
    split = split_of(path)
    found = [example.completion for example in [*epoch(split), *split.held_out]]
    assert sorted(found) == sorted(paragraphs)


def test_lines_of_windows_1252_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [(f"Qual é o barco {number}?", f"É o barco nº {number}.") for number in range(90)]
    text = "prompt,completion\r\n" + "".join(f"{prompt},{completion}\r\n" for prompt, completion in rows)
    path.write_bytes(text.encode("cp1252"))
    split = split_of(path)
    assert sorted([*taught(epoch(split)), *taught(split.held_out)]) == sorted(rows)

"""Files into rows, rows into a split; every bad file with a message that names it and says what to do."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from playground.catalog.datasets import DATASETS
from playground.config import DataConfig
from playground.data.check import check_split
from playground.data.example import Example, Message, Split
from playground.data.read import load_split, read_rows, split_examples
from playground.errors import DataError
from playground.verdict.leakage import Pair, find_leaks

ROWS: list[dict[str, object]] = [{"prompt": f"say {n}", "completion": f"é {n}"} for n in range(8)]


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return str(path)


def delimited(separator: str) -> str:
    return "\n".join(separator.join(map(str, line)) for line in [list(ROWS[0]), *(list(row.values()) for row in ROWS)])


def parquet(folder: Path, rows: list[dict[str, object]]) -> str:
    path = folder / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return str(path)


FORMATS: dict[str, Callable[[Path], str]] = {
    "csv": lambda folder: write(folder, "rows.csv", delimited(",")),
    "csv of a spreadsheet": lambda folder: write(folder, "rows.CSV", b"\xef\xbb\xbf" + delimited(";").encode()),
    "csv with windows line ends": lambda folder: write(
        folder, "rows.csv", delimited(",").replace("\n", "\r\n") + "\r\n"
    ),
    "tsv": lambda folder: write(folder, "rows.tsv", delimited("\t")),
    "json list": lambda folder: write(folder, "rows.json", json.dumps(ROWS)),
    "json data": lambda folder: write(folder, "rows.json", json.dumps({"data": ROWS}, indent=2)),
    "json lines named json": lambda folder: write(folder, "rows.json", "\n".join(map(json.dumps, ROWS))),
    "jsonl": lambda folder: write(folder, "rows.jsonl", "\n\n".join(map(json.dumps, ROWS)) + "\n"),
    "parquet": lambda folder: parquet(folder, ROWS),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    table = read_rows(FORMATS[kind](tmp_path))
    assert table.columns == ["prompt", "completion"]
    assert table.rows == ROWS


@pytest.mark.parametrize("kind", FORMATS)
def test_a_limit_gives_the_first_rows(kind: str, tmp_path: Path) -> None:
    assert read_rows(FORMATS[kind](tmp_path), limit=3).rows == ROWS[:3]


def test_quoted_cells_may_hold_separators_quotes_and_line_breaks(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'prompt,completion\n"a, ""b""\nc",d\n\n1,\n')
    assert read_rows(path).rows == [{"prompt": 'a, "b"\nc', "completion": "d"}, {"prompt": "1"}]


def test_missing_cells_are_absent_and_words_that_look_missing_stay(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"a": null, "b": NaN, "c": 0}\n{"a": "None", "b": "\u2028"}\n')
    assert read_rows(path).rows == [{"c": 0}, {"a": "None", "b": "\u2028"}]


def test_half_a_character_becomes_a_replacement_character(tmp_path: Path) -> None:
    lines = [f'{{"prompt": "p{n}", "completion": "\\ud83d"}}' for n in range(4)]
    assert (
        load_split(DataConfig(dataset=write(tmp_path, "a.jsonl", "\n".join(lines))), 1).train[0].completion == "\ufffd"
    )


GOOD = "prompt,completion\na,1\nb,2\nc,3\nd,4\n"
BAD_FILES: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.csv", "", "a.csv is empty"),
    "only spaces": ("a.csv", " \n\n", "a.csv is empty"),
    "only a header": ("a.csv", "prompt,completion\n", "0 usable rows"),
    "an empty list": ("a.json", "[]", "a.json is empty"),
    "a byte amid UTF-8": ("a.csv", GOOD.encode() + "éé".encode() + b"\xe9", "not UTF-8 text: byte 38"),
    "bytes of no text": ("a.csv", GOOD.encode() + b"\x81", "not UTF-8 text: byte 34"),
    "latin-1 after a mark": ("a.csv", b"\xef\xbb\xbfa\xff", "not UTF-8 text: byte 4"),
    "utf-16 that is cut": ("a.csv", GOOD.encode("utf-16")[:-1], "not UTF-8 text: byte 68"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a picture. Use a file that holds the text itself"),
    "a zero byte": ("a.csv", GOOD.encode() + b"\0", "zero byte at 34.*Export the data as CSV"),
    "ragged": ("a.csv", GOOD + "e\nf,6\ng,7,8\n", r"row 6: 1 cells, but there are 2 columns.*: 2 \(6, 8\)"),
    "ragged after a long cell": ("a.csv", 'prompt,completion\n"a\nb\nc",1\nd,2,3\n', "row 5: 3 cells"),
    "open quotes": ("a.csv", GOOD + '"e,5\n', "row 6: the quotation marks do not match"),
    "two columns of one name": ("a.csv", "prompt,prompt\na,b\n", "two columns are called prompt"),
    "a missing column": ("a.csv", "left,right,id\na,b,1\n", "It has: left, right, id"),
    "no answer": ("a.csv", "prompt,completion\ne,\nf, \n", r"row 2: column completion is empty.*: 2 \(2, 3\)"),
    "too few answers": (
        "a.csv",
        GOOD[:-4] + "e,\nf, \n",
        "has 3 usable rows.* Left out of the data: 2 without an answer",
    ),
    "three rows": ("a.csv", "prompt,completion\na,1\nb,2\nc,3\n", "3 usable rows"),
    "one prompt": ("a.csv", "prompt,completion\n" + "a,1\n" * 9, "1 usable rows with different prompts"),
    "a bad json line": ("a.jsonl", '{"a": 1}\n\n{"a": \n', "row 3: not valid JSON"),
    "bad json": ("a.json", '[\n{"a": 1},\n{"b" 2}]', "row 3: not valid JSON"),
    "deep json": ("a.json", "[" * 200_000, "row 1: not valid JSON"),
    "a number too long": ("a.json", "[" + "9" * 5000 + "]", "row 1: not valid JSON"),
    "a json line that is no object": ("a.jsonl", '{"a": 1}\n["b"]\n', r'row 2: expected an object such as \{"prompt"'),
    "json that is no list": ("a.json", '{"rows": 3}', r'expected a list of objects, or \{"data": \[...\]\}'),
    "a parquet that is none": ("a.parquet", "PAR1 not at all", "not a Parquet file"),
    "an unknown format": ("a.dat", "x", "unknown format. Use a file that ends in .csv, .tsv"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_with_a_message_that_helps(case: str, tmp_path: Path) -> None:
    name, content, message = BAD_FILES[case]
    with pytest.raises(DataError, match=message) as caught:
        load_split(DataConfig(dataset=write(tmp_path, name, content)), seed=1)
    for text in (caught.value.to("en"), caught.value.to("pt")):
        assert text.startswith(name)
        assert str(tmp_path) not in text
        assert "{" not in text or '{"' in text
    assert caught.value.to("en") != caught.value.to("pt")


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="^There is no file nowhere.csv"):
        read_rows(str(tmp_path / "nowhere.csv"))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_a_file_of_200_mb_is_refused_before_it_is_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"large{suffix}"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024**2)  # sparse: takes no place on the disk
    start = time.perf_counter()
    with pytest.raises(DataError, match="has 200 MB; the limit is 50 MB"):
        read_rows(str(path))
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("dataset", ["../..", "/", "x" * 900, "a\0b", "a/b/c", "~"])
def test_names_that_are_no_file_and_no_hub_id_are_refused(dataset: str) -> None:
    with pytest.raises(DataError):
        read_rows(dataset)


def test_the_hub_out_of_reach_is_said_within_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    start = time.perf_counter()
    with pytest.raises(DataError, match="owner/name: the Hugging Face Hub cannot be reached"):
        read_rows("owner/name")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("name", DATASETS)
def test_a_built_in_data_set_has_a_fixed_clean_split(name: str) -> None:
    split = load_split(DataConfig(dataset=name), seed=1)
    assert 200 <= len(split.train) <= 700
    assert len(split.held_out) >= (200 if DATASETS[name].task == "seq2seq_lm" else 50)
    assert split.metrics == DATASETS[name].metrics
    assert split == load_split(DataConfig(dataset=name), seed=2)
    assert check_split(split) == []
    if "valid_json" in split.metrics:
        assert all(isinstance(json.loads(example.completion), dict) for example in split.train + split.held_out)


def test_a_preview_of_a_built_in_data_set_shows_its_columns() -> None:
    table = read_rows("home-assistant-intents/en", limit=5)
    assert table.columns == ["prompt", "completion"]
    assert len(table.rows) == 5


def examples(count: int) -> list[Example]:
    return [Example((Message("user", f"say {n}"),), f"{n}") for n in range(count)]


@pytest.mark.parametrize(
    ("count", "fraction", "held_out"), [(4, 0.01, 2), (4, 0.89, 2), (100, 0.15, 15), (100, 0.001, 2), (10, 0.89, 8)]
)
def test_the_held_out_part_has_its_share_and_both_parts_have_two(count: int, fraction: float, held_out: int) -> None:
    train, evaluation = split_examples(examples(count), fraction, 1, "a.csv")
    assert (len(train), len(evaluation)) == (count - held_out, held_out)


def test_the_split_depends_on_the_seed_and_not_on_the_order_of_the_rows() -> None:
    rows = examples(50)
    shuffled = random.Random(3).sample(rows, len(rows))
    assert split_examples(rows, 0.2, 1, "a.csv") == split_examples(shuffled, 0.2, 1, "a.csv")
    assert split_examples(rows, 0.2, 1, "a.csv") != split_examples(rows, 0.2, 2, "a.csv")


@pytest.mark.parametrize("seed", range(10))
def test_examples_of_one_prompt_stay_on_one_side(seed: int) -> None:
    rows = [Example((Message("user", f"say  {n % 7}" if n % 2 else f"say {n % 7}"),), f"{n}") for n in range(40)]
    train, held_out = split_examples(rows, 0.3, seed, "a.csv")
    assert sorted(train + held_out) == sorted(rows)
    assert [finding.kind for finding in check_split(Split(train, held_out, ()))] == []


def test_max_examples_limits_training_only_and_takes_the_same_ones_every_time(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "prompt,completion\n" + "".join(f"p{n},{n}\n" for n in range(40)))
    whole = load_split(DataConfig(dataset=path), 1)
    part, again = (load_split(DataConfig(dataset=path, max_examples=5), 1) for _ in range(2))
    assert part == again
    assert len(part.train) == 5
    assert set(part.train) < set(whole.train)
    assert part.held_out == whole.held_out


def test_chosen_columns_are_used(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "en,pt\n" + "".join(f"one {n},um {n}\n" for n in range(6)))
    split = load_split(DataConfig(dataset=path, prompt_column="en", completion_column="pt"), 1)
    assert all(example.prompt.replace("one", "um") == example.completion for example in split.train)
    assert split.metrics == ("exact_match", "chrf")


def test_rows_that_differ_in_case_and_punctuation_stay_on_one_side(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    rows = [f"{source}\tO gato {number}{end}" for number in range(20) for source, end in _spellings(number)]
    path.write_text("en\tpt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    split = load_split(DataConfig(dataset=str(path), eval_fraction=0.3), 1)
    train, test = ([Pair(item.prompt, item.completion) for item in part] for part in (split.train, split.held_out))
    assert len(test) >= 10
    assert find_leaks(train, test) == []


def _spellings(number: int) -> list[tuple[str, str]]:
    return [(f"The cat {number}.", "."), (f"the CAT {number}", "!"), (f"The cat, {number}?", "")]


def test_half_of_a_surrogate_pair_in_json_becomes_a_replacement_and_whole_pairs_stay(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"pro\\ud800mpt": "\\ud83d\\ude00 \\\\ud800 \\udc00", "completion": ["\\uD800"]}\n')
    (row,) = read_rows(str(path)).rows
    assert dict(row) == {"pro\ufffdmpt": "😀 \\ud800 \ufffd", "completion": ["\ufffd"]}


@pytest.mark.parametrize("name", [name for name, card in DATASETS.items() if card.task == "causal_lm"])
def test_the_languages_of_an_included_set_of_questions_are_not_guessed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.data.language_guess._model", lambda: pytest.fail("a guess keeps 160 MB in memory"))
    assert load_split(DataConfig(dataset=name), 1).train[0].languages is None

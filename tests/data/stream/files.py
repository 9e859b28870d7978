"""Invented rows in files of every kind that is read row by row, and what each of them should teach."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playground.data.stream import file, training

Pair = tuple[str, str]


def pairs(count: int) -> list[Pair]:
    return [(f"Which boat lies at pier {number}?", f"Boat {number * 7}.") for number in range(count)]


def json_lines(path: Path, rows: Sequence[Pair]) -> None:
    lines = [json.dumps({"prompt": prompt, "completion": completion}) for prompt, completion in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def delimited(path: Path, rows: Sequence[Pair], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerows([("prompt", "completion"), *rows])


def parquet(path: Path, rows: Sequence[Pair]) -> None:
    prompts, completions = zip(*rows, strict=True)
    pq.write_table(pa.table({"prompt": prompts, "completion": completions}), path, row_group_size=17)


WRITERS: dict[str, Callable[[Path, Sequence[Pair]], None]] = {
    ".jsonl": json_lines,
    ".csv": lambda path, rows: delimited(path, rows, ","),
    ".tsv": lambda path, rows: delimited(path, rows, "\t"),
    ".parquet": parquet,
}


def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more than 40 rows is large, and is shuffled by windows of 16."""
    monkeypatch.setattr(file, "WHOLE_ROWS", 40)
    monkeypatch.setattr(training, "WINDOW_ROWS", 16)

"""Large files with damage, that change meanwhile, or are no table at all: passed over and counted, or refused."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playground.config import DataConfig
from playground.data import content
from playground.data.example import Split
from playground.data.formats import parquet
from playground.data.read import load_split, read_rows
from playground.data.stream import file as stream_file
from playground.data.stream import lines
from playground.errors import DataError
from tests.data.stream.files import WRITERS, delimited, json_lines, pairs, small_limits


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_limits(monkeypatch)


def split_of(path: Path) -> Split:
    return load_split(DataConfig(dataset=str(path)), 1)


def read_through(split: Split) -> int:
    """How many examples an epoch has."""
    assert split.stream is not None
    return sum(map(len, split.stream.windows(0)))


BAD_LINES = {
    "cut off in the middle": b'{"prompt": "Which boat", "comple',
    "a list": b'["Which boat?", "This one."]',
    "bytes that are no text": b'{"prompt": "Which \xff\xfe?", "completion": "This."}',
    "zeros": b"\0\0\0\0",
    "nested without end": b'{"prompt": ' + b"[" * 200 + b"]" * 200 + b"}",
}


@pytest.mark.parametrize("damage", BAD_LINES)
def test_a_row_that_cannot_be_read_is_passed_over_and_counted_with_its_place(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(300))
    found = path.read_bytes().split(b"\n")
    found[20] = '{"prompt": "Há um barco às três?", "completion": "Não há."}'.encode()
    found[199] = BAD_LINES[damage]
    path.write_bytes(b"\n".join(found))
    split = split_of(path)
    assert read_through(split) == 299 - len(split.held_out)
    bad = split.stream.bad if split.stream else None
    assert bad is not None
    assert (bad.rows, bad.count, bad.places) == (300, 1, [200])
    assert bad.first is not None
    assert "rows.jsonl, row 200" in str(bad.first)


def test_a_file_cut_off_in_its_last_row_loses_that_row_and_no_other(tmp_path: Path) -> None:
    for suffix in (".jsonl", ".csv"):
        path = tmp_path / f"rows{suffix}"
        WRITERS[suffix](path, pairs(200))
        path.write_bytes(path.read_bytes()[:-20])
        split = split_of(path)
        assert read_through(split) == 199 - len(split.held_out)
        assert split.stream is not None
        assert split.stream.bad.count == 1


def test_a_parquet_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    WRITERS[".parquet"](path, pairs(200))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"rows.parquet is not a Parquet file that can be read"):
        split_of(path)


def test_more_than_one_bad_row_in_a_hundred_ends_it_with_the_places(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(300))
    found = path.read_bytes().split(b"\n")
    for number in (100, 110, 120, 130):
        found[number - 1] = b"{ no row"
    path.write_bytes(b"\n".join(found))
    split = split_of(path)
    with pytest.raises(DataError) as caught:
        read_through(split)
    said = str(caught.value)
    assert "(100, 110)" in said
    assert "more than 1%" in said
    assert "row 100: not valid JSON" in said
    assert "não podem ser lidas (100, 110), mais de 1%" in caught.value.to("pt")


def test_a_table_that_begins_with_damage_is_refused_before_training(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(300))
    found = path.read_bytes().split(b"\n")
    found[10:30] = [b"{ no row"] * 20
    path.write_bytes(b"\n".join(found))
    with pytest.raises(DataError, match=r"1 cannot be read \(11\), more than 1%"):
        split_of(path)


def test_a_quotation_mark_that_never_ends_takes_no_rows_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """csv reads on until its limit for a cell: every line that goes with it counts."""
    monkeypatch.setattr(stream_file, "WHOLE_ROWS", 40)
    path = tmp_path / "rows.csv"
    delimited(path, pairs(100), ",")
    with path.open("a", encoding="utf-8") as stream:
        stream.write('"Which boat,\n' + "".join(f"{prompt},{answer}\n" for prompt, answer in pairs(50)))
    split = split_of(path)
    with pytest.raises(DataError, match=r"of the first 151 rows 51 cannot be read \(102\)"):
        read_through(split)


@pytest.mark.parametrize("change", ["longer", "touched", "gone"])
def test_a_file_that_changes_while_it_is_read_ends_it_in_words(tmp_path: Path, change: str) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(300))
    split = split_of(path)
    assert split.stream is not None
    windows = split.stream.windows(0)
    next(windows)
    if change == "longer":
        with path.open("a", encoding="utf-8") as stream:
            stream.write('{"prompt": "new", "completion": "row"}\n')
    elif change == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    said = "There is no file" if change == "gone" else "rows.jsonl changed while it was being read"
    with pytest.raises(DataError, match=said):
        next(windows)


def test_an_upload_that_is_sent_again_has_not_changed(tmp_path: Path) -> None:
    """It is called after its content, and only its time is written anew."""
    sent = tmp_path / "uploads" / "0123456789ab-rows.jsonl"
    sent.parent.mkdir()
    json_lines(sent, pairs(100))
    split = split_of(sent)
    os.utime(sent, ns=(1, 1))
    assert read_through(split) == 100 - len(split.held_out)


# --- what is no table, or larger than anybody needs ---------------------------------------------------


@pytest.mark.parametrize("name", ["noise.csv", "noise.jsonl", "noise.txt", "noise.parquet"])
def test_a_gigabyte_that_is_no_table_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.write(bytes(range(256)) * 8192)
        stream.truncate(1024**3)  # the rest is sparse
    began = time.process_time()
    with pytest.raises(DataError) as caught:
        split_of(path)
    assert str(caught.value).startswith(name)
    assert time.process_time() - began < 3


def test_more_bytes_than_are_read_are_refused_before_they_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(20_000))
    with path.open("r+b") as stream:
        stream.truncate(content.MAX_STREAM_BYTES + 1)
    with pytest.raises(DataError, match=r"has 2,?049 MB; the limit is 2,?048 MB"):
        split_of(path)


def test_of_what_visitors_send_less_may_be_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tmp_path / "uploads" / "visitor" / "0123456789ab-rows.parquet"
    sent.parent.mkdir(parents=True)
    WRITERS[".parquet"](sent, pairs(200))
    own = sent.rename(tmp_path / sent.name)
    monkeypatch.setattr(stream_file, "MAX_BYTES", 1000)
    assert split_of(own).stream is not None
    own.rename(sent)
    with pytest.raises(DataError, match="the limit is 0 MB"):
        split_of(sent)


def test_a_line_longer_than_any_row_is_refused_without_holding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 10_000)
    path = tmp_path / "rows.jsonl"
    json_lines(path, [*pairs(100), ("x" * 20_000, "y"), *pairs(100)])
    split = split_of(path)
    with pytest.raises(DataError, match="rows.jsonl, line 101: it has more than"):
        read_through(split)


def test_a_packed_file_is_streamed_and_one_that_is_cut_off_is_refused_in_words(tmp_path: Path) -> None:
    plain, path = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    json_lines(plain, pairs(3000))
    path.write_bytes(gzip.compress(plain.read_bytes()))
    split = split_of(path)
    assert read_through(split) == 3000 - len(split.held_out)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match="rows.jsonl.gz cannot be unpacked"):
        read_through(split_of(path))


def test_a_packed_file_that_unpacks_to_more_than_is_read_is_refused_when_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_STREAM_BYTES", 100_000)
    plain, path = tmp_path / "rows.csv", tmp_path / "rows.csv.gz"
    delimited(plain, pairs(10_000), ",")
    path.write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(DataError, match=r"rows.csv.gz has 1 MB; the limit is 0 MB"):
        read_through(split_of(path))
    sent = tmp_path / "uploads" / "0123456789ab-rows.csv.gz"
    sent.parent.mkdir()
    path.rename(sent)
    assert split_of(sent).stream is None  # of visitors' files what is unpacked is bounded before


def test_a_json_array_is_read_whole_and_one_too_large_for_that_says_what_may_be_larger(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"prompt": p, "completion": c} for p, c in pairs(60)], indent=1), encoding="utf-8")
    split = split_of(path)
    assert split.stream is None
    assert len(split.train) + len(split.held_out) == 60
    with path.open("ab") as stream:
        stream.truncate(content.MAX_BYTES + 1)
    with pytest.raises(DataError, match="Keep a part of it, or give the data as JSON Lines, CSV or Parquet"):
        split_of(path)


def parquet_bytes(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def test_ten_million_rows_in_a_few_kilobytes_are_looked_at_no_further_than_the_first(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(
        parquet_bytes(pa.table({name: pa.nulls(10_000_000, pa.string()) for name in ("prompt", "answer")}))
    )
    assert path.stat().st_size < 100_000
    began = time.process_time()
    assert len(read_rows(str(path), 20).rows) == 20
    with pytest.raises(DataError):
        split_of(path)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("dictionary_bytes", [0, 10**6])
def test_a_row_that_unpacks_to_more_than_any_row_has_is_passed_over_before_it_is_made(
    tmp_path: Path, dictionary_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether texts are read as numbers of a dictionary or, of large groups of rows, as they stand."""
    monkeypatch.setattr(parquet, "MAX_ROW_BYTES", 5000)
    monkeypatch.setattr(parquet, "DICTIONARY_BYTES", dictionary_bytes)
    path = tmp_path / "rows.parquet"
    rows = [*pairs(200), ("x" * 20_000, "y"), *pairs(300)[200:]]
    WRITERS[".parquet"](path, rows)
    split = split_of(path)
    assert read_through(split) == 300 - len(split.held_out)
    assert split.stream is not None
    assert split.stream.bad.places == [201]

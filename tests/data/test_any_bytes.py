"""Whatever bytes a file holds: they become a table, or are refused in words that name the file, soon."""

from __future__ import annotations

import json
import re
import tempfile
import time
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog.datasets import SUFFIXES
from playground.catalog.refused_files import BY_SUFFIX
from playground.data.columns import Row
from playground.data.example import Table, Told
from playground.data.read import read_rows
from playground.errors import DataError
from tests.data.wild import cat_tools, corpora, programs, spreadsheets
from tests.data.wild.file import WildFile

SECONDS = 5.0  # for files of some kilobytes, on a machine that does other things as well
PLACE = re.compile(r"(?:row|line|byte) \d+|at \d+")
FILES: list[WildFile] = [file for module in (spreadsheets, corpora, cat_tools, programs) for file in module.FILES]
SMALL = [file for file in FILES if len(file.content) < 20_000]
ENDINGS = [*SUFFIXES, *map(str.upper, SUFFIXES), *list(BY_SUFFIX)[::5], "", ".dat", ".en", ".é"]
# What formats are made of: bytes at random hardly ever get past a parser's first steps.
PIECES = [
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b" ", b"\\", b"prompt", b"completion", b"en", b"pt",
    "é".encode(), "é".encode("cp1252"), b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"{", b"}", b"[", b"]", b":", b"1",
    b"-1.5", b"null", b"NaN", b'"text"', b'"messages"', b'"rows"', b'"data"', b'"columns"', b'"\\ud800"', b'{"a": "b"}',
    b'[["a"]]', b"<", b">", b"</", b"/>", b"<tmx>", b"<body>", b"<tu>", b'<tuv xml:lang="en">', b"<seg>", b"</seg>",
    b"</tuv>", b"</tu>", b"<xliff>", b'<file source-language="en" target-language="pt">', b"<trans-unit>",
    b"<source>", b"<target>", b'<mrk mtype="seg" mid="1">', b"</mrk>", b"<!--", b"-->", b"<?xml", b"?>", b"<!DOCTYPE",
    b"&amp;", b"&x;", b"&#0;",
    b'msgid "a"', b'msgstr "b"', b"msgid_plural", b"msgstr[0]", b'"Language: pt\\n"', b"#, fuzzy", b"#~", b"PK\x03\x04",
    b"PAR1", b"\x1f\x8b\x08", b"sep=;", b"#separator:tab", b"#columns:", b"Once upon a time.",
]  # fmt: skip
tried = partial(settings, deadline=None, derandomize=True, database=None)  # the same examples every time

texts = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
cells = st.text(st.characters(codec="utf-8"), max_size=12)


def outcome(content: bytes, name: str) -> Table | DataError:
    """What comes of a file, and no other exception; soon."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        start = time.perf_counter()
        try:
            return read_rows(str(path), told=Told("en", "pt"))
        except DataError as error:
            return error
        finally:
            assert time.perf_counter() - start < SECONDS


def read(content: bytes, name: str) -> None:
    """Reads a file, and asserts all that holds of every file."""
    found = outcome(content, name)
    if isinstance(found, DataError):
        for message in (found.to("en"), found.to("pt")):
            assert name in message
            assert tempfile.gettempdir() not in message
            assert len(message) < 1500
        assert PLACE.search(str(found)) or not re.search("not valid (JSON|XML)|do not match|cells, but", str(found))
        return
    assert len(found.columns) == len(set(found.columns))
    for row in found.rows:
        assert isinstance(row, Row)
        assert row.number >= 1
        assert row.keys() <= set(found.columns)
        assert None not in row.values()


def test_the_endings_and_files_below_are_all_kinds() -> None:
    assert {Path(file.name).suffix.lower() for file in SMALL} >= {".csv", ".tsv", ".json", ".tmx", ".po", ".parquet"}
    assert len(SMALL) > 80


@tried(max_examples=300)
@given(content=st.binary(max_size=300) | texts, ending=st.sampled_from(ENDINGS))
def test_any_bytes_with_any_ending_are_a_table_or_refused(content: bytes, ending: str) -> None:
    read(content, f"file{ending}")


@tried(max_examples=300)
@given(file=st.sampled_from(SMALL), ending=st.sampled_from(ENDINGS), data=st.data())
def test_a_real_file_that_was_damaged_is_a_table_or_refused(file: WildFile, ending: str, data: st.DataObject) -> None:
    content = bytearray(file.content)
    place, other = (data.draw(st.integers(0, len(content) - 1)) for _ in range(2))
    damage = data.draw(st.sampled_from(["cut", "swap", "piece", "double", "lose"]))
    if damage == "cut":
        del content[place:]
    elif damage == "swap":
        content[place], content[other] = content[other], content[place]
    elif damage == "piece":
        content[place:place] = data.draw(st.sampled_from(PIECES))
    elif damage == "double":
        content[place:place] = content[min(place, other) : max(place, other)]
    else:
        del content[min(place, other) : max(place, other)]
    name = file.name if data.draw(st.booleans()) else f"file{ending}"
    read(bytes(content), name)


@tried(max_examples=150)
@given(value=values, ending=st.sampled_from([".json", ".jsonl", ".txt", ".csv"]), indent=st.sampled_from([None, 1]))
def test_any_json_value_is_a_table_or_refused(value: object, ending: str, indent: int | None) -> None:
    read(json.dumps(value, indent=indent).encode(), f"file{ending}")


@tried(max_examples=150)
@given(
    rows=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_cells_that_are_all_quoted_come_back_as_they_were(
    rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    header = ["prompt", "completion"]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in [header, *rows]]
    found = outcome("".join(lines).encode(encoding), "file.csv")
    if isinstance(found, DataError):
        assert "zero byte" in str(found)
        assert any("\0" in cell for row in rows for cell in row)
        return
    expected = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
    filled = [row for row in expected if any(map(str.strip, row)) and row != header]
    assert [[row.get("prompt", ""), row.get("completion", "")] for row in found.rows] == filled

"""Data files that could fill the memory or keep a processor busy: refused by name, with little work."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polib
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playground.config import DataConfig
from playground.data import content
from playground.data.example import NOT_TOLD, Told
from playground.data.files import read_file
from playground.data.formats.moses import read_moses
from playground.data.read import load_split, read_rows
from playground.errors import DataError

ROWS = 2_600_000  # of two values or marks each


def parquet(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def ten_million_rows() -> bytes:
    return parquet(
        pa.table({"prompt": pa.nulls(10_000_000, pa.string()), "completion": pa.nulls(10_000_000, pa.string())})
    )


def one_text_many_times() -> bytes:
    """700 MB of text as one entry of a dictionary and 1 000 references to it, in a file of some kilobytes."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 700_000]))
    return parquet(pa.table({"prompt": texts, "completion": texts}), compression="zstd")


def lists_of_one_text() -> bytes:
    """The same inside of lists."""
    inner = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 700_000]))
    lists = pa.ListArray.from_arrays(pa.array([0, *range(1000, 1001)], pa.int32()), inner)
    return parquet(pa.table({"messages": lists}), compression="zstd")


def one_row_of_many_values() -> bytes:
    lists = pa.ListArray.from_arrays(pa.array([0, 20_000_000], pa.int32()), pa.nulls(20_000_000, pa.int8()))
    return parquet(pa.table({"messages": lists}))


def tmx(units: str) -> str:
    return f'<tmx version="1.4"><header srclang="en"/><body>{units}</body></tmx>'


def unit(words: str, language: str = "pt") -> str:
    return f'<tu><tuv xml:lang="en"><seg>{words}</seg></tuv><tuv xml:lang="{language}"><seg>{words}</seg></tuv></tu>'


def xliff(units: str) -> str:
    return f'<xliff version="1.2"><file source-language="en" target-language="pt"><body>{units}</body></file></xliff>'


def po(entries: str) -> str:
    return f'msgid ""\nmsgstr ""\n"Language: pt\\n"\n\n{entries}'


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


LONG = "x" * (content.MAX_CELL + 1)
DEEP = '{"prompt": ' + "[" * 200 + "]" * 200 + ', "completion": "b"}'
HOSTILE: list[tuple[str, Callable[[], str | bytes], str]] = [
    ("rows.csv", lambda: "prompt,completion\n" + "a,b\n" * ROWS, "more than 5,000,000 values"),
    ("rows.tsv", lambda: "prompt\tcompletion\n" + "a\tb\n" * ROWS, "more than 5,000,000 values"),
    ("rows.jsonl", lambda: '{"a":1}\n' * ROWS, "more than 5,000,000 values"),
    ("rows.json", lambda: "[" + '{"a":1},' * (ROWS - 1) + '{"a":1}]', "more than 5,000,000 values"),
    ("rows.parquet", ten_million_rows, "more than 5,000,000 values"),
    ("rows.tmx", lambda: tmx(unit("a") * 31), "more than 0 seconds"),
    ("rows.xlf", lambda: xliff("<trans-unit><source>a</source><target>b</target></trans-unit>" * 31), "than 0 seconds"),
    ("width.csv", lambda: ",".join(f"c{n}" for n in range(100_000)) + "\n", "more than 1,000 columns"),
    ("width.jsonl", lambda: json.dumps({f"c{n}": 1 for n in range(1001)}), "more than 1,000 columns"),
    ("keys.jsonl", lambda: "".join(f'{{"c{n}": 1}}\n' for n in range(1001)), "more than 1,000 columns"),
    ("width.parquet", lambda: parquet(pa.table({f"c{n}": [1] for n in range(1001)})), "more than 1,000 columns"),
    ("width.tmx", lambda: tmx("".join(unit("a", f"pt-x{n:07}") for n in range(1001))), "more than 1,000 columns"),
    ("name.csv", lambda: "x" * 5000 + ",completion\na,b\n", "the name of a column has 5,000 characters"),
    ("name.jsonl", lambda: json.dumps({"x" * 5000: 1}), "the name of a column has 5,000 characters"),
    ("name.parquet", lambda: parquet(pa.table({"x" * 5000: [1]})), "the name of a column has 5,000 characters"),
    ("twice.csv", lambda: ("x" * 900 + ",") * 2 + "\n", "two columns are called"),
    ("cell.csv", lambda: f"prompt,completion\na,{LONG}\n", "row 2: a cell has more than 1,000,000"),
    ("cell.jsonl", lambda: json.dumps({"prompt": LONG}), "row 1: a cell has more than 1,000,000"),
    ("cell.tmx", lambda: tmx(unit(LONG)), "row 1: a cell has more than 1,000,000"),
    ("cell.po", lambda: po(f'msgid "{LONG}"\nmsgstr "a"\n'), "more than 2,000 lines or 1,000,000 characters"),
    ("cell.parquet", lambda: parquet(pa.table({"prompt": [LONG]})), "row 1: a cell has more than 1,000,000"),
    ("quote.csv", lambda: 'prompt,completion\na,"' + "x\n" * 600_000, "row 2: a cell has more than 1,000,000"),
    ("commas.csv", lambda: "prompt,completion\n" + "," * 6_000_000, "more than 5,000,000 values"),
    ("values.json", lambda: '{"data": [' + "[]," * 6_000_000 + "[]]}", "more than 5,000,000 values"),
    ("values.jsonl", lambda: '{"a": [' + "0," * 6_000_000 + "0]}", "more than 5,000,000 values"),
    ("values.parquet", one_row_of_many_values, "more than 5,000,000 values"),
    ("dictionary.parquet", one_text_many_times, "the limit is 500 MB"),
    ("lists.parquet", lists_of_one_text, "the limit is 500 MB"),
    ("deep.jsonl", lambda: DEEP, "row 1: things inside of things, more than 100 deep"),
    ("deep.json", lambda: f"[{DEEP}]", "row 1: things inside of things, more than 100 deep"),
    ("deeper.json", lambda: "[" * 100_000 + "]" * 100_000, "not valid JSON"),
    ("deeper.jsonl", lambda: '{"a":' * 100_000 + "1" + "}" * 100_000, "not valid JSON"),
    ("deep.tmx", lambda: tmx("<hi>" * 8000 + "</hi>" * 8000), "row 1: things inside of things, more than 100 deep"),
    ("deep.xlf", lambda: xliff("<group>" * 8000 + "</group>" * 8000), "things inside of things, more than 100 deep"),
    ("number.jsonl", lambda: '{"prompt": ' + "9" * 100_000 + "}", "not valid JSON"),
    ("lines.po", lambda: po('msgid "a"\nmsgstr ""\n' + '"a"\n' * 100_000), "more than 2,000 lines"),
    ("old.po", lambda: po('#~ msgid "a"\n#~ msgstr ""\n' + '#~ "a"\n' * 100_000), "more than 2,000 lines"),
    ("notes.po", lambda: po("# a\n" * 100_000 + 'msgid "a"\nmsgstr "b"\n'), "more than 2,000 lines"),
    ("rows.txt", lambda: "a\n" * 2 * ROWS, "more than 5,000,000 values"),
    ("rows.xml", lambda: tmx(unit("a") * 40), "more than 0 seconds"),
    ("cell.txt", lambda: LONG, "row 1: a cell has more than 1,000,000"),
    ("cell.sdlxliff", lambda: xliff(f"<trans-unit><source>{LONG}</source><target>b</target></trans-unit>"), "row 1: a"),
    ("lines.txt", lambda: "a" + "\n" * 6_000_000, "more than 5,000,000 values"),
    ("lines.csv", lambda: "a,b" + "\n" * 6_000_000, "more than 5,000,000 values"),
    ("lines.jsonl", lambda: "{}" + "\n" * 6_000_000, "more than 5,000,000 values"),
    ("values.txt", lambda: "[" + "[]," * 6_000_000 + "[]]", "row 1: a cell has more than 1,000,000"),
    ("bomb.zip", lambda: packed({"rows.csv": b"x" * 51 * 2**20}), "the limit is 50 MB"),
    ("bomb.csv.gz", lambda: gzip.compress(b"x" * 200 * 2**20), "the limit is 50 MB"),
    ("entries.zip", lambda: packed(dict.fromkeys((f"{n}.csv" for n in range(1001)), b"x")), "more than 1,000 files"),
    ("rows.po", lambda: po("".join(f'msgid "{n}"\nmsgstr "b"\n\n' for n in range(31))), "more than 0 seconds"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "message"), HOSTILE, ids=[name for name, _, _ in HOSTILE])
def test_a_file_that_could_fill_the_server_is_refused_with_its_name_and_a_remedy(
    name: str, make: Callable[[], str | bytes], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in ("rows.po", "rows.tmx", "rows.xlf", "rows.xml"):  # of which some ten thousand a second are read
        monkeypatch.setattr(content, "MAX_SECONDS", 0.0)
    made = make()
    (tmp_path / name).write_bytes(made if isinstance(made, bytes) else made.encode())
    with pytest.raises(DataError) as caught:
        read_file(tmp_path / name)
    for text in (caught.value.to("en"), caught.value.to("pt")):
        assert text.startswith(name)
        assert len(text) < 500
        assert text.count(". ") + text.count(": ") >= 1  # what happened, and what to do
    assert message in str(caught.value)


def test_a_preview_reads_no_more_than_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded work, counted: of a file within the bounds, a preview of 20 rows turns 20 rows into Python's values."""
    path = tmp_path / "large.parquet"
    path.write_bytes(parquet(pa.table({"prompt": ["a"] * 150_000, "completion": ["b"] * 150_000})))
    made: list[int] = []
    batches = pq.ParquetFile.iter_batches

    def counted(self: Any, **options: Any) -> Any:
        for batch in batches(self, **options):
            made.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    assert len(read_file(path, limit=20).rows) == 20
    assert sum(made) == 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", "prompt,completion\n" + "a,b\n" * 300 + "c,d,e\n"),
        ("rows.tsv", "prompt\tcompletion\n" + "a\tb\n" * 300 + "c\td\te\n"),
        ("rows.jsonl", '{"a": 1}\n' * 300 + "{"),
        ("rows.tmx", tmx(unit("a") * 3000 + "<oops>")),
        ("rows.xlf", xliff("<trans-unit><source>a</source><target>b</target></trans-unit>" * 3000 + "<oops>")),
    ],
)
def test_a_reader_looks_no_further_than_it_is_asked(name: str, content: str, tmp_path: Path) -> None:
    """So that a large file can be streamed: what is wrong behind the first rows is not met before them."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert len(read_file(tmp_path / name, limit=20).rows) == 20
    with pytest.raises(DataError):
        read_file(tmp_path / name)


def test_two_aligned_files_of_too_many_lines_are_refused(tmp_path: Path) -> None:
    for language in ("en", "pt"):
        (tmp_path / f"a.{language}").write_text("x\n" * 2 * ROWS, encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.en holds more than 5,000,000 values"):
        read_moses(tmp_path / "a.en", tmp_path / "a.pt", None, NOT_TOLD)


def test_files_at_the_bounds_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("prompt,completion\n" + "a,b\n" * 300_000, encoding="utf-8")
    assert len(read_file(path).rows) == 300_000
    path.write_text(",".join(f"c{n}" for n in range(content.MAX_COLUMNS)) + "\n", encoding="utf-8")
    assert len(read_file(path).columns) == content.MAX_COLUMNS
    path = tmp_path / "cell.jsonl"
    path.write_text(json.dumps({"prompt": "x" * content.MAX_CELL}), encoding="utf-8")
    assert len(str(read_file(path).rows[0]["prompt"])) == content.MAX_CELL


def test_parquet_gives_the_values_that_were_written_whatever_their_type(tmp_path: Path) -> None:
    """Texts are read as numbers of a dictionary: they, and those inside of lists, must come back as they were."""
    rows = [
        {"prompt": "olá", "n": 1, "messages": [{"role": "user", "content": "a"}], "tags": ["x", "y"], "raw": b"z"},
        {"prompt": None, "n": None, "messages": [], "tags": None, "raw": None},
        {"prompt": "olá", "n": 3, "messages": [{"role": "user", "content": None}], "tags": ["x"], "raw": b""},
    ]
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet(pa.Table.from_pylist(rows)))
    found = [{name: row.get(name) for name in rows[0]} for row in read_file(path).rows]
    assert found == rows


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_every_format_of_tables_is_among_the_hostile_files(suffix: str) -> None:
    assert {f"{what}{suffix}" for what in ("rows", "width", "cell")} - {name for name, _, _ in HOSTILE} <= {
        "width.tsv", "cell.tsv", "width.json", "cell.json",  # read by the code of .csv and .jsonl
    }  # fmt: skip


def test_half_a_character_in_the_name_of_a_column_can_be_written_again(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl"
    line = '{"prompt": "q%d", "completion": "a", "\\ud800": "c", "more": ["\\ud800"]}\n'
    path.write_text("".join(line % number for number in range(6)), encoding="utf-8")
    table = read_rows(str(path))
    for column in table.columns:
        column.encode()
    split = load_split(DataConfig(dataset=str(path), prompt_column="prompt", completion_column="more"), 1)
    examples = [*split.train, *split.held_out]
    assert len(examples) == 6
    for example in examples:
        (example.prompt + example.completion).encode()


def test_an_entry_of_many_lines_within_the_bound_reads_as_polib_reads_it(tmp_path: Path) -> None:
    text = po('msgid "a"\nmsgstr ""\n' + '"line\\n"\n' * 1900)
    (tmp_path / "a.po").write_text(text, encoding="utf-8")
    [row] = read_file(tmp_path / "a.po", told=Told("en", "pt")).rows
    assert row["pt"] == polib.pofile(text)[0].msgstr == "line\n" * 1900

"""Files that were really uploaded, made to do harm: to whoever reads them, to the run, or to the disk."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import yaml

from tests.hostile.client import Visitor, fault_of, file_data, refused
from tests.hostile.conftest import Server
from tests.hostile.values import BOMB, LONG_NAME, REGEX

pytestmark = pytest.mark.server

ROWS = 10_000_000
LEVELS = 8000
MEGABYTE = 2**20
SHORT = {"max_steps": 1, "batch_size": 2, "eval_examples": 2, "score_examples": 0}
PAIRS = b"prompt,completion\n" + b"one,two\nthree,four\nfive,six\nseven,eight\nnine,ten\neleven,twelve\n" * 2
NAMES = (
    "../../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv", "a\0b.csv", f"{LONG_NAME}.csv", ".csv", "..", "a.csv/",
    "<img src=x onerror=alert(1)>.csv", "\u202evsc.exe.csv", "{0.__class__}.csv", "'; DROP TABLE x;.csv",
    "\r\nX: y.csv",
)  # fmt: skip


def parquet(rows: int) -> bytes:
    """Two columns of one repeated word each: a few kilobytes, however many rows."""
    column = pyarrow.DictionaryArray.from_arrays(np.zeros(rows, np.int8), ["word"])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"prompt": column, "completion": column}), buffer, compression="zstd")
    return buffer.getvalue()


def jsonl(**row: Any) -> bytes:
    lines = [json.dumps({"prompt": f"say {number}", "completion": "word", **row}) for number in range(6)]
    return "\n".join(lines).encode()


def how_it_ended(browser: Visitor, server: Server, dataset: str, **more: Any) -> str:
    """The end of a short run on a data set; "refused" where none began, with words of our own."""
    settings = {"data": {"dataset": dataset}, "training": SHORT, **more}
    ended = browser.call("start_run", yaml.safe_dump(settings))
    if not ended.success:
        assert refused(ended), ended
        return "refused"
    known = server.wait_for(browser, ended.data[0], lambda known: known["status"] not in ("queued", "running"))
    return str(known["status"])


def kept_name(browser: Visitor, name: str, content: bytes) -> str:
    """What a run's settings call an uploaded file; empty where it was refused, with words of our own."""
    ended = browser.send_file(name, content)
    if not ended.success:
        assert refused(ended), ended
        return ""
    return browser.kept_name(ended)


HOSTILE_FILES = {
    "ten million rows in a few kilobytes": ("many.parquet", lambda: parquet(ROWS)),
    "XML nested 8000 deep": ("deep.xliff", lambda: b"<a>" * LEVELS + b"</a>" * LEVELS),
    "TMX nested 8000 deep": ("deep.tmx", lambda: b"<tmx><body>" + b"<tu>" * LEVELS + b"</tu>" * LEVELS),
    "XML whose entities grow": (
        "lol.tmx",
        lambda: b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 100 + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(8)) + b"]><tmx>&i;</tmx>",
    ),
    "XML that names a file": ("xxe.tmx", lambda: b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><tmx>&a;</tmx>'),
    "JSON nested without end": ("deep.json", lambda: b"[" * 200_000),
    "JSONL nested without end": ("deep.jsonl", lambda: b'{"prompt": ' + b"[" * 100_000 + b"\n"),
    "a key that is half a character": ("key.jsonl", lambda: jsonl(**{"\ud800": "x"})),
    "an answer that is half a character": ("half.jsonl", lambda: jsonl(completion="\ud800")),
    "a column of 5000 characters": ("wide.csv", lambda: LONG_NAME.encode() + b",completion\na,b\nc,d\n"),
    "five thousand columns": ("columns.csv", lambda: b",".join(b"c%d" % n for n in range(5000)) + b"\n" + b"x," * 5000),
    "one cell of ten megabytes": ("cell.csv", lambda: b"prompt,completion\n" + b"x" * 10 * MEGABYTE + b",b\nc,d\n"),
    "bytes that are no text": ("noise.csv", lambda: bytes(range(256)) * 200),
    "a zip that says it is a table": ("zip.parquet", lambda: b"PK\x03\x04" + bytes(1000)),
    "a table cut in the middle": ("cut.parquet", lambda: parquet(100)[:-30]),
    "nothing": ("empty.csv", lambda: b""),
    "formulas of a spreadsheet": ("sums.csv", lambda: b"prompt,completion\n" + b"=1+cmd|' /C calc'!A0,@SUM(1)\n" * 8),
    "numbers that are none": ("nan.jsonl", lambda: b'{"prompt": NaN, "completion": Infinity}\n' * 6),
    "a number of 100 000 digits": ("digits.jsonl", lambda: b'{"prompt": ' + b"9" * 100_000 + b', "completion": 1}\n'),
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE_FILES)
def test_a_hostile_file_is_shown_and_trained_or_refused_in_words(
    visitor: Visitor, space_server: Server, content: str
) -> None:
    name, make = HOSTILE_FILES[content]
    kept = kept_name(visitor, name, make())
    if kept:
        shown = visitor.call("first_rows", kept)
        assert shown.finished
        assert fault_of(shown) is None
        assert how_it_ended(visitor, space_server, kept) in ("finished", "failed", "refused")


def test_after_hostile_files_a_run_still_trains(visitor: Visitor, space_server: Server) -> None:
    for content in ("a key that is half a character", "an answer that is half a character"):
        name, make = HOSTILE_FILES[content]
        how_it_ended(visitor, space_server, kept_name(visitor, name, make()) or "notes-to-json")
    assert how_it_ended(visitor, space_server, "notes-to-json") == "finished"


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_the_name_of_an_upload_leads_nowhere(visitor: Visitor, space_server: Server, name: str) -> None:
    before = {path for path in space_server.folder.parent.rglob("*") if path.is_file()}
    answer = visitor.upload(name, PAIRS)
    assert answer.status_code < 500
    if answer.status_code == 200:
        ended = browser_keeps(visitor, answer.json()[0], name)
        assert "<img src=x" not in ended
    new = {path for path in space_server.folder.parent.rglob("*") if path.is_file()} - before
    allowed = (space_server.uploads, space_server.runs / "uploads")
    assert all(any(path.is_relative_to(folder) for folder in allowed) for path in new), new


def browser_keeps(browser: Visitor, path: str, name: str) -> str:
    ended = browser.keep(file_data(path, orig_name=name))
    assert fault_of(ended) is None, ended
    return ended.message or ""


def test_an_upload_of_60_megabytes_is_refused_and_leaves_nothing(visitor: Visitor, space_server: Server) -> None:
    before = sum(path.stat().st_size for path in space_server.folder.rglob("*") if path.is_file())
    answer = visitor.upload("large.csv", b"x" * 60 * 10**6)
    assert answer.status_code == 413
    after = sum(path.stat().st_size for path in space_server.folder.rglob("*") if path.is_file())
    assert after - before < MEGABYTE


def test_a_thousand_files_at_once_are_refused_or_bounded(visitor: Visitor) -> None:
    files = [("files", (f"{number}.csv", b"a,b\n")) for number in range(1100)]
    assert visitor.request("POST", visitor.api("upload"), files=files).status_code < 500


@pytest.mark.parametrize("content", [b"", b"--x", b"--x\r\n\r\n--x--", b"\x00" * 1000])
def test_a_broken_form_is_refused(visitor: Visitor, content: bytes) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert visitor.request("POST", visitor.api("upload"), content=content, headers=kind).status_code < 500


def test_an_upload_is_its_senders_only(visitor: Visitor, space_server: Server) -> None:
    kept = kept_name(visitor, "mine.csv", PAIRS)
    assert kept.startswith("upload:")
    ended = space_server.visitor().call("start_run", yaml.safe_dump({"data": {"dataset": kept}, "training": SHORT}))
    assert refused(ended), ended
    assert how_it_ended(visitor, space_server, kept) == "finished"


# --- settings that a run is asked for -----------------------------------------------------------------

SETTINGS = {
    "aliases of 360 bytes": BOMB,
    "deeper aliases": f"{BOMB}i: &i [{','.join(['*h'] * 9)}]\nj: &j [{','.join(['*i'] * 9)}]\nk: [*j, *j]\n",
    "aliases within a setting": f"{BOMB}data: *h\nname: *h\n",
    "an alias of itself": "a: &a [*a]\ndata: *a",
    "nested without end": "[" * 50_000,
    "nested mappings": "{a: " * 20_000,
    "a megabyte of text": "x" * 1_000_000,
    "a megabyte of keys": "\n".join(f"k{number}: 1" for number in range(100_000)),
    "code": "!!python/object/apply:os.system ['touch evil']",
    "half a character": 'name: "\\ud800"\ndata: {dataset: notes-to-json}',
    "NUL": 'name: "a\\0b"\ndata: {dataset: "a\\0b"}',
    "a name of 5000 characters": f"name: {LONG_NAME}\ndata: {{dataset: notes-to-json}}",
    "a data set of 5000 characters": f"data: {{dataset: {LONG_NAME}}}",
    "a model of 5000 characters": f"base_model: {LONG_NAME}\ndata: {{dataset: notes-to-json}}",
    "a number without end": f"data: {{dataset: notes-to-json}}\nseed: {'9' * 10_000}",
    "sexagesimal": f"data: {{dataset: notes-to-json}}\nseed: {':'.join(['59'] * 5000)}",
    "no number": "data: {dataset: notes-to-json}\ntraining: {learning_rate: .nan, max_steps: .inf}",
    "a date": "data: 2020-01-01",
    "a set": "data: !!set {a, b}",
    "keys that are lists": "? [a, b]\n: c\ndata: {dataset: notes-to-json}",
    "a method called like an attribute": "data: {dataset: notes-to-json}\nmethod: {method: __class__}",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_hostile_settings_are_refused_at_once(visitor: Visitor, settings: str) -> None:
    ended = visitor.call("start_run", SETTINGS[settings], seconds=3.0)
    assert refused(ended), ended


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("target_modules", REGEX),
        ("target_modules", [REGEX]),
        ("exclude_modules", "(a+)+$"),
        ("modules_to_save", [f"{'a?' * 30}{'a' * 30}"]),
        ("layers_pattern", "["),
        ("rank_pattern", {REGEX: 4}),
        ("alpha_pattern", {"(a|a)*b": 4}),
    ],
)
def test_a_pattern_among_the_settings_freezes_nothing(
    visitor: Visitor, space_server: Server, field: str, pattern: Any
) -> None:
    method = {"method": "lora", "params": {field: pattern}}
    assert how_it_ended(visitor, space_server, "notes-to-json", method=method) in ("refused", "failed", "finished")

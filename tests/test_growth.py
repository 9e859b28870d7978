"""What benchmarks/growth.py measures, and what its page says of it."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.curves import steps
from benchmarks.growth import CURVES, Measured, table

ROOT = Path(__file__).resolve().parents[1]


def test_a_curve_measures_all_that_may_not_grow() -> None:
    found = steps.measure(20)
    assert set(CURVES["steps"].flat) <= found.keys()
    assert min(found.values()) > 0


def test_what_is_flat_may_grow_by_half_and_all_else_by_that_above_its_cause() -> None:
    memory = Measured("rows", "peak_bytes", (1000, 100_000), (400e6, 500e6))
    seconds = Measured("runs", "seconds_of_search", (10, 10_000), (0.002, 1.5))
    assert (memory.times, memory.allowed) == (1.25, 1.5)
    assert (seconds.times, seconds.allowed) == (750, 1500)
    assert table([seconds]) == [
        ["runs in a folder", "10", "10,000", "times", "at most"],
        ["seconds of search", "2 ms", "1.50 s", "750.00", "1,500"],
    ]


def test_every_table_of_the_page_is_of_a_curve_and_its_picture_is_there() -> None:
    page = (ROOT / "docs" / "growth.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| (.+?) \|.*\n\|---", page, re.MULTILINE)
    assert tables
    assert set(tables) <= {curve.grows for curve in CURVES.values()}
    (picture,) = re.findall(r"!\[.+\]\((.+?)\)", page)
    assert (ROOT / "docs" / picture).is_file()

"""What a hostile program sends where the page would send a number, a text or a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.hostile.client import Event, file_data

BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
REGEX = r"(\w+\.?)+!"
LONG_NAME = "n" * 5000
TEXTS = ("dropdown", "textbox", "api")  # the components that take any text
MOST_TEXTS = 4  # of the texts of one event
MARKUP = "<img src=x onerror=alert(1)>"


def deep(levels: int, leaf: Any = "x") -> Any:
    """Lists and mappings in one another, `levels` of each."""
    for _ in range(levels):
        leaf = {"a": [leaf]}
    return leaf


def foreign_files(secret: Path, hidden: Path, address: str) -> list[Any]:
    """Files that nobody uploaded, in every dress in which gradio accepts a file."""
    path = str(secret)
    return [
        file_data(path),
        [file_data(path)],
        [file_data(path), file_data("/etc/passwd")],
        file_data("/etc/passwd"),
        {"path": path},
        path,
        [path],
        file_data(f"{secret.parent}/gradio/../{secret.name}"),
        file_data(f"{secret.parent}/gradio/%2e%2e/{secret.name}"),
        file_data(f"file://{path}"),
        file_data(path, url=f"file://{path}"),
        {"url": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": f"{address}/favicon.ico", "url": f"{address}/favicon.ico", "meta": {"_type": "gradio.FileData"}},
        file_data(f"{address}/en/gradio_api/file={path}"),
        file_data(str(hidden)),
        file_data(str(secret.parent)),
        file_data("/proc/self/environ"),
        file_data("\0"),
        file_data(""),
        {"a": [file_data(path)], "b": {"c": file_data(path)}},
        {"value": file_data(path), "__type__": "update"},
    ]


def table(secret: Path, hidden: Path, address: str) -> dict[str, list[Any]]:
    """The classes of hostile values; each event sees every class, and its turn decides which value of it."""
    return {
        "foreign file": foreign_files(secret, hidden, address),
        "path": [
            str(secret), str(hidden), f"{secret.parent}/gradio/../{secret.name}", "/etc/passwd", "/etc/shadow",
            "../../../../../../etc/passwd", "~/.ssh/id_rsa", "C:\\Windows\\win.ini", "//server/share/a.csv",
            f"file://{secret}", "/proc/self/environ", [str(secret)], ".", "..",
        ],
        "upload": [
            "upload:../../x", f"upload:{secret}", f"upload:../{secret.name}", f"upload:{hidden.name}", "upload:",
        ],
        "run id": [
            "../../../etc", "20250101-000000-abcdef/../..", "20250101-000000-abcdef", "race-../..", "..%2f..%2fetc",
            ["../.."], ["20250101-000000-abcdef", "../.."], "verdict-../../x.json",
        ],
        "huge": ["x" * 1_000_000, "word " * 100_000, "9" * 100_000, ["x"] * 20_000, "\n" * 300_000],
        "deep": [deep(40), deep(240), "[" * 20_000, "{a: " * 5_000, "(" * 20_000],
        "wrong type": [
            None, True, [], {}, [[1, 2], [3]], {"a": 1}, ["a", 1, None], [None], {"__type__": "update"},
            {"choices": [["a", "b"]], "__type__": "update"}, "", 0.5,
        ],
        "number": [
            float("nan"), float("inf"), "\x01e400", -1, 0, 10**30, -(10**30), 2**63, 1e-320, "nan", "-1", "1e999",
            "٣", "0x10",
        ],
        "markup": [
            MARKUP, "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "javascript:alert(1)", "](javascript:alert(1))",
            "' onmouseover='alert(1)", "</textarea><svg/onload=alert(1)>",
        ],
        "control": [
            "\0", "a\0b.csv", "\ud800", "a\ud800b", "\u202egnp.exe", "\x1b[2J\x07", "\r\nSet-Cookie: a=b", "\ufeff",
            "e" + "\u0301" * 2000, "\x7f",
        ],
        "bomb": [
            BOMB, f"data: {{dataset: notes-to-json}}\n{BOMB}", REGEX, "(a+)+$",
            "!!python/object/apply:os.system ['id']", "a: &a [*a]", "- " * 5000,
        ],
        "long name": [LONG_NAME, "á" * 5000, f"owner/{LONG_NAME}", f"{LONG_NAME}.csv", "\U0001f9e8" * 5000],
        "format": [
            "{0.__class__}", "{name}", "{", "%s%n%x", "{0.__class__.__mro__}", "{:>99999999}", "$(id)", "`id`", "; id",
            "=1+cmd|' /C calc'!A0", "@SUM(1)", "' OR '1'='1", "\"; DROP TABLE runs; --",
        ],
    }  # fmt: skip


def rows(event: Event, classes: dict[str, list[Any]], secret: Path) -> Iterator[tuple[str, list[Any]]]:
    """A name and the inputs of each call of one event: one hostile position at a time, then all of them.

    Every class is tried at every event; which of its values, and where, rotates with the event's number. A file
    that nobody uploaded is tried wherever a file can be, and the path of one wherever a text can be.
    """
    places = event.positions()
    if not places:
        yield "too many", [str(secret), foreign_value(classes, event)]
        return

    def row(place: int, value: Any) -> list[Any]:
        return [*event.initial[:place], value, *event.initial[place + 1 :]]

    for place in places:
        if "file_count" in event.inputs[place]["props"]:
            yield from ((f"foreign file at {place}", row(place, value)) for value in classes["foreign file"])
    texts = [place for place in places if event.inputs[place]["type"] in TEXTS]
    for place in _some_of(texts, MOST_TEXTS, event.index):
        yield f"secret path at {place}", row(place, str(secret))
    for turn, (name, values) in enumerate(classes.items()):
        place = places[(event.index * 7 + turn) % len(places)]
        yield f"{name} at {place}", row(place, values[(event.index + turn) % len(values)])
    name, values = list(classes.items())[event.index % len(classes)]
    yield f"{name} everywhere", [values[event.index % len(values)] for _ in event.inputs]
    yield "foreign file everywhere", [foreign_value(classes, event) for _ in event.inputs]
    yield "too few", []


def foreign_value(classes: dict[str, list[Any]], event: Event) -> Any:
    values = classes["foreign file"]
    return values[event.index % len(values)]


def _some_of(places: list[int], most: int, turn: int) -> list[int]:
    """At most `most` of the places; which ones moves on with `turn`, so that many events see all of them."""
    if len(places) <= most:
        return places
    return [places[(turn * most + number) % len(places)] for number in range(most)]

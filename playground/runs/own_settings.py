"""Settings read as `write_yaml_text` writes them, line by line: what a list of thousands of runs has the time for.

Whatever is not written so, or not surely, is left to the reader that knows all of YAML.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from playground.yaml_text import MAX_DEPTH, read_yaml

MAX_BYTES = 100_000
MAX_LINES = 1000
LINE = re.compile(r"( *)([A-Za-z][A-Za-z0-9_]{0,80}):(?: (.+))?")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}(?:e[-+][0-9]{1,3})?")
# Letters, digits and what YAML gives no meaning to between them; nothing at the end that it would leave out.
WORDS = re.compile(r"[^\W\d_](?:[\w ./()+-]*[\w./()+-])?")
QUOTED = re.compile(r"'([\w ./()+:-]*)'")
MEANS_MORE = {"yes", "no", "on", "off", "true", "false", "null"}  # in capitals too
PLAIN: dict[str, Any] = {"null": None, "true": True, "false": False}
EMPTY: dict[str, Any] = {"[]": list, "{}": dict}  # what makes one that nobody else has


class _Line(NamedTuple):
    indent: int
    name: str
    value: Any
    opens: bool = False  # the lines below belong to it
    makes: bool = False  # `value` is called for it


def read_own_settings(path: Path) -> Any:
    """As `read_yaml`, forty times as fast for a file that was written here."""
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        text = ""
    found = own_settings(text)
    return read_yaml(path) if found is None else found


def own_settings(text: str) -> dict[str, Any] | None:
    """What `text` says; None where that takes a reader that knows all of YAML."""
    settings: dict[str, Any] = {}
    within, opened = [settings], False
    *lines, last = text.split("\n", MAX_LINES)
    for line in lines:
        found = _read(line)
        depth = len(within) - 1
        if found is None or found.indent > depth or (opened and found.indent != depth) or depth > MAX_DEPTH - 2:
            return None
        del within[found.indent + 1 :]
        if found.name in within[-1]:
            return None
        opened = found.opens
        if opened:
            inner: dict[str, Any] = {}
            within[-1][found.name] = inner
            within.append(inner)
        else:
            within[-1][found.name] = found.value() if found.makes else found.value
    return None if last or opened or not settings else settings


@lru_cache(maxsize=4096)  # most lines of a run's settings stand in every other run's as well
def _read(line: str) -> _Line | None:
    found = LINE.fullmatch(line)
    if found is None or len(found[1]) % 2 or found[2].lower() in MEANS_MORE:
        return None
    indent, name, value = len(found[1]) // 2, found[2], found[3]
    if value is None:
        return _Line(indent, name, None, opens=True)
    if value in EMPTY:
        return _Line(indent, name, EMPTY[value], makes=True)
    if value in PLAIN:
        return _Line(indent, name, PLAIN[value])
    if WHOLE.fullmatch(value):
        return _Line(indent, name, int(value))
    if DECIMAL.fullmatch(value):
        return _Line(indent, name, float(value))
    if WORDS.fullmatch(value) and value.lower() not in MEANS_MORE:
        return _Line(indent, name, value)
    quoted = QUOTED.fullmatch(value)
    return _Line(indent, name, quoted[1]) if quoted else None

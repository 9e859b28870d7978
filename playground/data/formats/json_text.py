"""JSON and JSON Lines: from text to values with their places."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from playground.data.columns import Row
from playground.data.content import MAX_VALUES, check_decoded, check_values, decode
from playground.data.example import Told
from playground.data.formats.json_layouts import kind_of_row, rows_of, rows_of_items
from playground.data.formats.table import BadRow, Read, Streamed, Streamer
from playground.errors import DataError, quoted
from playground.texts import Text

HALF = re.compile(r"\\u[dD][89a-fA-F]")  # what JSON writes for a surrogate
SPACE = re.compile(r"[ \t\n\r]*")

BAD_JSON = Text(
    "{file}, row {row}: not valid JSON ({reason}). Correct that line.",
    "{file}, linha {row}: JSON inválido ({reason}). Corrija essa linha.",
)
OTHER_KIND = Text(
    "{file}, row {row}: other than the rows before it, found {found}. Write all rows alike.",
    "{file}, linha {row}: diferente das linhas anteriores, encontrei {found}. Escreva todas as linhas do mesmo modo.",
)
FIRST_LINES = 20  # of which at least half are rows, where each line is one


def read_json(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """The rows of one JSON value, numbered by their place; also of several values after each other, by their lines.

    Raises DataError. The value is in memory as a whole: rows may stand anywhere in it.
    """
    text = decode(content, name)
    check_values(_marks(text), name)
    try:
        value = _parse(text, name, 1)
    except DataError:
        if not _is_sequence(text):
            raise
        yield from rows_of_items(_values(text, name), name)
        return
    yield from rows_of(value, name)


def read_json_lines(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each line that is not empty, numbered so. Raises DataError."""
    text = decode(content, name)
    check_values(_marks(text), name)
    numbered = enumerate(io.StringIO(text, newline="\n"), start=1)
    lines = ((number, line.removesuffix("\n")) for number, line in numbered if line.strip())
    yield from rows_of_items(((number, _parse(line, name, number)) for number, line in lines), name)


def stream_json_lines(sample: str, name: str) -> Streamer | None:
    """How to read a file that begins with `sample` line by line; None where its lines are no rows of their own."""
    kinds = []
    for number, line in enumerate(sample.split("\n")[:FIRST_LINES], start=1):
        try:
            kinds.append(kind_of_row(_parse(line, name, number)))
        except DataError:
            kinds.append(None)
    kind = next(filter(None, kinds), None)
    if kind is None or kinds.count(kind) * 2 < len(kinds):
        return None

    def rows(lines: Iterator[str]) -> Streamed:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                check_decoded(line, name, number)
                value = _parse(line.rstrip("\r\n"), name, number)
                if kind_of_row(value) != kind:
                    raise DataError(OTHER_KIND, file=name, row=number, found=quoted(value, 40))
                yield from (row for row in rows_of_items([(number, value)], name) if isinstance(row, Row))
            except DataError as error:
                yield BadRow(number, error)

    return rows


def is_json(text: str) -> bool:
    """Whether a text begins with a JSON object or list, or is one as a whole."""
    first = text.strip().partition("\n")[0]
    return first[:1] in ("{", "[") and (_is_value(first) or _is_value(text) or _is_sequence(text))


def is_json_lines(text: str, is_named_so: bool) -> bool:
    """Whether the first line of a JSON text is a value, and more follow; the name decides where both can be."""
    first, _, rest = text.strip().partition("\n")
    if not rest:
        return is_named_so and first[:1] != "["
    if _is_value(first):
        return True
    return is_named_so and not _is_value(text) and not _is_sequence(text)


def _is_value(text: str) -> bool:
    if _marks(text) > MAX_VALUES:  # refused once it is read
        return False
    try:
        return isinstance(json.loads(text), dict | list | str)
    except (ValueError, RecursionError):
        return False


def _is_sequence(text: str) -> bool:
    """Whether several objects stand after each other, as jq writes them."""
    if _marks(text) > MAX_VALUES:
        return False
    try:
        value, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and text.lstrip()[end:].lstrip()[:1] == "{"


def _values(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Each of several values with the line on which it begins."""
    decoder = json.JSONDecoder()
    place, number = SPACE.match(text).end(), 1  # type: ignore[union-attr]
    number += text.count("\n", 0, place)
    while place < len(text):
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = len(text)  # read again below, for its message
        yield number, _parse(text[place:end], name, number)
        after = SPACE.match(text, end).end()  # type: ignore[union-attr]
        number += text.count("\n", place, after)
        place = after


def _marks(text: str) -> int:
    """How many values and lines a JSON text can hold at most; marks inside of its texts count as well."""
    return sum(map(text.count, ",{[\n"))


def _parse(text: str, name: str, number: int) -> Any:
    """The JSON value of a text that begins on line `number`; half of a surrogate pair becomes U+FFFD."""
    try:
        value = json.loads(text)
        if HALF.search(text):  # neither a tokenizer nor a page takes it
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            value = json.loads(whole)
        return value
    except json.JSONDecodeError as error:
        before = text[: error.pos].rstrip()
        if text[error.pos : error.pos + 1] in ("}", "]") and before.endswith(","):
            row = number + before.count("\n")
            raise DataError(BAD_JSON, file=name, row=row, reason="Illegal trailing comma") from error
        row = number + error.lineno - 1
        raise DataError(BAD_JSON, file=name, row=row, reason=f"{error.msg}, {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(BAD_JSON, file=name, row=number, reason=str(error)[:120]) from error

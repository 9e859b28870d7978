"""The formats of a data file, each read into rows that know their number."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from playground.catalog.datasets import SUFFIXES
from playground.data.columns import Row, is_missing, some_rows, whole_characters
from playground.data.content import (
    EMPTY,
    LONG_CELL,
    MAX_CELL,
    check_cell,
    check_names,
    check_rows,
    check_size,
    check_unpacked,
    check_values,
    decode,
    read_content,
    size_of,
)
from playground.data.example import NOT_TOLD, Table, Told
from playground.data.formats.parquet import read_rows
from playground.data.formats.po import read_po
from playground.data.formats.tmx import read_tmx
from playground.data.formats.xliff import read_xliff
from playground.errors import DataError, cut
from playground.texts import Text

UNKNOWN_FORMAT = Text(
    "{file}: unknown format. Use a file that ends in {suffixes}.",
    "{file}: formato desconhecido. Use um arquivo que termine em {suffixes}.",
)
RAGGED = Text(
    "{file}, row {row}: {found} cells, but there are {expected} columns. Put cells that hold a separator or a line"
    " break between quotation marks. Rows with this problem: {count} ({rows}).",
    "{file}, linha {row}: {found} células, mas há {expected} colunas. Coloque entre aspas as células que contêm"
    " separador ou quebra de linha. Linhas com este problema: {count} ({rows}).",
)
BAD_QUOTES = Text(
    "{file}, row {row}: the quotation marks do not match ({reason}). Double a quotation mark inside a quoted cell.",
    "{file}, linha {row}: as aspas não fecham ({reason}). Dobre as aspas dentro de uma célula entre aspas.",
)
DOUBLE_COLUMN = Text(
    "{file}: two columns are called {column}. Rename one of them.",
    "{file}: duas colunas se chamam {column}. Renomeie uma delas.",
)
BAD_JSON = Text(
    "{file}, row {row}: not valid JSON ({reason}). Correct that line.",
    "{file}, linha {row}: JSON inválido ({reason}). Corrija essa linha.",
)
NOT_AN_OBJECT = Text(
    '{file}, row {row}: expected an object such as {{"prompt": "…", "completion": "…"}}, found {found}.',
    '{file}, linha {row}: esperava um objeto como {{"prompt": "…", "completion": "…"}}, encontrei {found}.',
)
NOT_A_LIST = Text(
    '{file}: expected a list of objects, or {{"data": [...]}}, found {found}.',
    '{file}: esperava uma lista de objetos, ou {{"data": [...]}}, encontrei {found}.',
)
csv.field_size_limit(MAX_CELL)  # Python's own is 131,072


HALF = re.compile(r"\\u[dD][89a-fA-F]")  # what JSON writes for a surrogate


def read_file(path: Path, limit: int | None = None, told: Told = NOT_TOLD) -> Table:
    """The first `limit` rows of a data file, by its suffix. Raises DataError, naming the file without its folder.

    `told` are languages to believe where the file itself does not say them.
    """
    name, suffix = path.name, path.suffix.lower()
    size = size_of(path)
    if suffix not in SUFFIXES:
        raise DataError(UNKNOWN_FORMAT, file=name, suffixes=", ".join(SUFFIXES))
    check_size(size, name)
    content = read_content(path)
    if suffix in PARALLEL_READERS:
        return PARALLEL_READERS[suffix](content, name, limit, told)
    return READERS[suffix](content, name, limit)


def to_table(rows: Iterable[Row], name: str) -> Table:
    """A table whose columns are all that occur in `rows`, in order of first appearance. Raises DataError for too much.

    `name` is that of the file; a row is asked for only after the one before it has been found to fit.
    """
    columns: dict[str, str] = {}  # as the file spells them, and as they can be written again
    kept: list[dict[str, object]] = []
    characters = 0
    for row in rows:
        if fresh := {column: whole_characters(column) for column in row if column not in columns}:
            columns |= fresh
            check_names(columns, name)
        for cell in row.values():
            check_cell(cell, name, row.number)
            characters += len(cell) if isinstance(cell, str) else 0
        check_unpacked(characters, name)
        kept.append(Row({columns[column]: cell for column, cell in row.items() if not is_missing(cell)}, row.number))
        check_rows(len(kept), name)
    return Table(list(dict.fromkeys(columns.values())), kept)


def _read_csv(content: bytes, name: str, limit: int | None) -> Table:
    text = decode(content, name)
    header = re.split("[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    # Spreadsheets write ; where the comma is the decimal mark, as in Brazil.
    delimiter = max(",;\t", key=header.count)
    return _read_delimited(text, name, limit, delimiter)


def _read_tsv(content: bytes, name: str, limit: int | None) -> Table:
    return _read_delimited(decode(content, name), name, limit, "\t")


def _read_delimited(text: str, name: str, limit: int | None, delimiter: str) -> Table:
    check_values(text.count(delimiter), name)
    numbered = _numbered_cells(text, name, delimiter)
    _, header = next(numbered)
    columns = [cell.strip() or f"column_{place}" for place, cell in enumerate(header, start=1)]
    check_names(columns, name)
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise DataError(DOUBLE_COLUMN, file=name, column=cut(column, 80))
    rows: list[dict[str, object]] = []
    ragged: list[tuple[int, int]] = []
    for number, cells in itertools.islice(numbered, limit):
        if len(cells) != len(columns):
            ragged.append((number, len(cells)))
        rows.append(Row({column: cell for column, cell in zip(columns, cells, strict=False) if cell}, number))
        check_rows(len(rows), name)
    if ragged:
        (row, found), numbers = ragged[0], [number for number, _ in ragged]
        values = {"found": found, "expected": len(columns), "count": len(ragged), "rows": some_rows(numbers)}
        raise DataError(RAGGED, file=name, row=row, **values)
    return Table(columns, rows)


def _numbered_cells(text: str, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            if cells:
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise DataError(LONG_CELL, file=name, row=number, limit=MAX_CELL) from error
        raise DataError(BAD_QUOTES, file=name, row=number, reason=error) from error


def _read_jsonl(content: bytes, name: str, limit: int | None) -> Table:
    text = decode(content, name)
    check_values(_marks(text), name)
    # Not splitlines(): it also cuts at U+2028, which JSON allows inside a string.
    numbered = enumerate(io.StringIO(text, newline="\n"), start=1)
    lines = ((number, line.removesuffix("\n")) for number, line in numbered if line.strip())
    return to_table(
        (_object(_parse(line, name, number), name, number) for number, line in itertools.islice(lines, limit)), name
    )


def _marks(text: str) -> int:
    """How many values a JSON text can hold at most; marks inside of its texts count as well."""
    return text.count(",") + text.count("{") + text.count("[")


def _read_json(content: bytes, name: str, limit: int | None) -> Table:
    text = decode(content, name)
    check_values(_marks(text), name)
    if _holds_json_lines(text):
        return _read_jsonl(content, name, limit)
    values = _parse(text, name, 1)
    if isinstance(values, dict):
        values = values.get("data", values)
    if not isinstance(values, list):
        raise DataError(NOT_A_LIST, file=name, found=_kind(values))
    if not values:
        raise DataError(EMPTY, file=name)
    return to_table((_object(value, name, place) for place, value in enumerate(values[:limit], start=1)), name)


def _holds_json_lines(text: str) -> bool:
    """Whether a .json file is really JSON Lines, as many tools write it."""
    first, _, rest = text.strip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return False


def _parse(text: str, name: str, number: int) -> Any:
    """The JSON value of a text that begins on line `number`; half of a surrogate pair becomes U+FFFD."""
    try:
        value = json.loads(text)
        if HALF.search(text):  # neither a tokenizer nor a page takes it
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            value = json.loads(whole)
        return value
    except json.JSONDecodeError as error:
        row = number + error.lineno - 1
        raise DataError(BAD_JSON, file=name, row=row, reason=f"{error.msg}, {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(BAD_JSON, file=name, row=number, reason=str(error)[:120]) from error


def _object(value: Any, name: str, number: int) -> Row:
    if not isinstance(value, dict):
        raise DataError(NOT_AN_OBJECT, file=name, row=number, found=_kind(value))
    return Row(value, number)


def _kind(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:40]
    except RecursionError:
        return type(value).__name__


def _read_parquet(content: bytes, name: str, limit: int | None) -> Table:
    table = to_table(read_rows(content, name, limit), name)
    if not table.rows:
        raise DataError(EMPTY, file=name)
    return table


READERS: dict[str, Callable[[bytes, str, int | None], Table]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}
PARALLEL_READERS: dict[str, Callable[[bytes, str, int | None, Told], Table]] = {
    ".tmx": read_tmx,
    ".xlf": read_xliff,
    ".xliff": read_xliff,
    ".po": read_po,
}

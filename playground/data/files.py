"""The formats of a data file, each read into rows that know their number."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playground.catalog.datasets import SUFFIXES
from playground.data.columns import Row, is_missing, some_rows
from playground.data.content import EMPTY, MAX_UNPACKED_BYTES, TOO_LARGE, check_size, decode, read_content, size_of
from playground.data.example import NOT_TOLD, Table, Told
from playground.data.po import read_po
from playground.data.tmx import read_tmx
from playground.data.xliff import read_xliff
from playground.errors import DataError
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
BAD_PARQUET = Text(
    "{file} is not a Parquet file that can be read ({reason}). Export it again, or use CSV or JSONL.",
    "{file} não é um arquivo Parquet legível ({reason}). Exporte de novo, ou use CSV ou JSONL.",
)


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


def to_table(rows: list[Row]) -> Table:
    """A table whose columns are all that occur in `rows`, in order of first appearance."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return Table(columns, [_present(row) for row in rows])


def _present(row: Row) -> Row:
    return Row({column: cell for column, cell in row.items() if not is_missing(cell)}, row.number)


def _read_csv(content: bytes, name: str, limit: int | None) -> Table:
    text = decode(content, name)
    header = text.lstrip("\r\n").splitlines()[0]
    # Spreadsheets write ; where the comma is the decimal mark, as in Brazil.
    delimiter = max(",;\t", key=header.count)
    return _read_delimited(text, name, limit, delimiter)


def _read_tsv(content: bytes, name: str, limit: int | None) -> Table:
    return _read_delimited(decode(content, name), name, limit, "\t")


def _read_delimited(text: str, name: str, limit: int | None, delimiter: str) -> Table:
    numbered = _numbered_cells(text, name, delimiter)
    _, header = next(numbered)
    columns = [cell.strip() or f"column_{place}" for place, cell in enumerate(header, start=1)]
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise DataError(DOUBLE_COLUMN, file=name, column=column)
    rows: list[dict[str, object]] = []
    ragged: list[tuple[int, int]] = []
    for number, cells in itertools.islice(numbered, limit):
        if len(cells) != len(columns):
            ragged.append((number, len(cells)))
        rows.append(Row({column: cell for column, cell in zip(columns, cells, strict=False) if cell}, number))
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
        raise DataError(BAD_QUOTES, file=name, row=number, reason=error) from error


def _read_jsonl(content: bytes, name: str, limit: int | None) -> Table:
    # Not splitlines(): it also cuts at U+2028, which JSON allows inside a string.
    lines = ((number, line) for number, line in enumerate(decode(content, name).split("\n"), start=1) if line.strip())
    rows = []
    for number, line in itertools.islice(lines, limit):
        rows.append(_object(_parse(line, name, number), name, number))
    return to_table(rows)


def _read_json(content: bytes, name: str, limit: int | None) -> Table:
    text = decode(content, name)
    if _holds_json_lines(text):
        return _read_jsonl(content, name, limit)
    values = _parse(text, name, 1)
    if isinstance(values, dict):
        values = values.get("data", values)
    if not isinstance(values, list):
        raise DataError(NOT_A_LIST, file=name, found=_kind(values))
    if not values:
        raise DataError(EMPTY, file=name)
    return to_table([_object(value, name, place) for place, value in enumerate(values[:limit], start=1)])


def _holds_json_lines(text: str) -> bool:
    """Whether a .json file is really JSON Lines, as many tools write it."""
    first, _, rest = text.strip().partition("\n")
    try:
        return isinstance(json.loads(first), dict) and bool(rest.strip())
    except (ValueError, RecursionError):
        return False


def _parse(text: str, name: str, number: int) -> Any:
    """The JSON value of a text that begins on line `number`."""
    try:
        return json.loads(text)
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
    return json.dumps(value, ensure_ascii=False)[:40]


def _read_parquet(content: bytes, name: str, limit: int | None) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        groups = range(file.metadata.num_row_groups)
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in groups)
        if unpacked > MAX_UNPACKED_BYTES:
            raise DataError(TOO_LARGE, file=name, size=unpacked // 1024**2, limit=MAX_UNPACKED_BYTES // 1024**2)
        rows = [row for batch in file.iter_batches() for row in batch.to_pylist()]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataError(BAD_PARQUET, file=name, reason=" ".join(str(error).split())[:120]) from error
    if not rows:
        raise DataError(EMPTY, file=name)
    return to_table([Row(row, place) for place, row in enumerate(rows[:limit], start=1)])


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

"""Parquet files, batch by batch: a few kilobytes of one can stand for gigabytes.

It writes a value that is repeated once and then how often, so what it says of its own size is no bound. Texts are read
as numbers of a dictionary and counted out before they are made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playground.data.columns import Row
from playground.data.content import EMPTY, check_names, check_unpacked, check_values
from playground.data.example import Told
from playground.data.formats.table import BadRow, Position, Read, Streamed
from playground.errors import DataError, reason_of
from playground.texts import Text

BATCH_ROWS = 256
# A dictionary grows with the rows of a group and is copied with each batch. Of larger groups few values are made at a
# time instead: however often one of them is repeated, it is no larger than its group.
DICTIONARY_BYTES, FEW_ROWS = 8 * 2**20, 16
BUFFER_BYTES = 2**20  # of each column that are read ahead
MAX_ROW_BYTES = 16 * 2**20  # once it is written out

BAD_PARQUET = Text(
    "{file} is not a Parquet file that can be read ({reason}). Export it again, or use CSV or JSONL.",
    "{file} não é um arquivo Parquet legível ({reason}). Exporte de novo, ou use CSV ou JSONL.",
)
LARGE_ROW = Text(
    "{file}, row {row}: it has more than {limit} MB. Split it over several rows.",
    "{file}, linha {row}: tem mais de {limit} MB. Divida-a em várias linhas.",
)


def read_parquet(content: bytes, name: str, _told: Told, limit: int | None = None) -> Iterator[Read]:
    """Its rows, numbered from 1; at most `limit` are made into values. Raises DataError, also for no rows."""
    with _clear_errors(name):
        import pyarrow.parquet

        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        _check(file, name)
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content), read_dictionary=_texts(file))
        place, unpacked = 0, 0
        for batch in file.iter_batches(batch_size=min(limit or BATCH_ROWS, BATCH_ROWS)):
            unpacked += sum(_unpacked(column) for column in batch.columns)
            check_unpacked(unpacked, name)
            for values in batch.to_pylist():
                place += 1
                yield Row(values, place)
    if not place:
        raise DataError(EMPTY, file=name)


def rows_in(path: Path) -> tuple[int, int]:
    """How many rows a file says that it has, and how many bytes; a value has at least one. Raises DataError."""
    with _clear_errors(path.name):
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path) as file:
            check_names([column.path for column in file.schema], path.name)
            return file.metadata.num_rows, max(_bytes(file.metadata), _values(file.metadata))


def stream_parquet(path: Path, position: Position) -> Streamed:
    """Its rows, numbered from 1, some of which are in memory at a time. Raises DataError."""
    with _clear_errors(path.name):
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path) as file:
            metadata, texts = file.metadata, _texts(file)
        groups = [metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)]
        is_small = max(groups, default=0) <= DICTIONARY_BYTES
        # Without pre_buffer=False a group's columns are in memory before its first row is given.
        options: dict[str, Any] = {"buffer_size": BUFFER_BYTES, "pre_buffer": False}
        if is_small:
            options["read_dictionary"] = texts
        count, size, place = max(metadata.num_rows, 1), path.stat().st_size, 0
        with pyarrow.parquet.ParquetFile(path, **options) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS if is_small else FEW_ROWS):
                for part in _parts(batch):
                    if isinstance(part, int):
                        row = place + 1
                        error = DataError(LARGE_ROW, file=path.name, row=row, limit=MAX_ROW_BYTES // 1024**2)
                        yield BadRow(row, error)
                        place += part
                        continue
                    for values in part.to_pylist():
                        place += 1
                        position.share, position.bytes = place / count, size
                        yield Row(values, place)


def _parts(batch: Any) -> Iterator[Any]:
    """A batch that is small enough to be made into values, or its rows one by one: 1 for one that is too large."""
    if sum(map(_unpacked, batch.columns)) <= MAX_ROW_BYTES:
        yield batch
        return
    for place in range(batch.num_rows):
        row = batch.slice(place, 1)
        yield row if sum(map(_unpacked, row.columns)) <= MAX_ROW_BYTES else 1


def _texts(file: Any) -> list[str]:
    return [column.path for column in file.schema if column.physical_type == "BYTE_ARRAY"]


@contextmanager
def _clear_errors(name: str) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataError(BAD_PARQUET, file=name, reason=reason_of(error, 120)) from error


def _check(file: Any, name: str) -> None:
    """What the file says of itself, before anything of it is read."""
    check_names([column.path for column in file.schema], name)
    check_unpacked(_bytes(file.metadata), name)
    check_values(_values(file.metadata), name)


def _bytes(metadata: Any) -> int:
    return sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))


def _values(metadata: Any) -> int:
    """A row may hold a list, so there can be far more values than rows."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    return sum(group.column(place).num_values for group in groups for place in range(group.num_columns))


def _unpacked(array: Any) -> int:
    """Bytes of an array once every value is written out."""
    import pyarrow.compute as compute
    from pyarrow import types

    kind = array.type
    if types.is_dictionary(kind):
        lengths = compute.binary_length(array.dictionary)
        return int(compute.sum(lengths.take(array.indices)).as_py() or 0)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_map(kind):
        return array.nbytes if types.is_map(kind) else _unpacked(array.flatten())
    if types.is_struct(kind):
        return sum(_unpacked(array.field(place)) for place in range(kind.num_fields))
    return int(array.nbytes)

"""Parquet files, batch by batch: a few kilobytes of one can stand for gigabytes.

It writes a value that is repeated once and then how often, so what it says of its own size is no bound. Texts are read
as numbers of a dictionary and counted out before they are made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from playground.data.columns import Row
from playground.data.content import EMPTY, check_names, check_rows, check_unpacked, check_values
from playground.data.example import Told
from playground.data.formats.table import Read
from playground.errors import DataError, reason_of
from playground.texts import Text

BATCH_ROWS = 256

BAD_PARQUET = Text(
    "{file} is not a Parquet file that can be read ({reason}). Export it again, or use CSV or JSONL.",
    "{file} não é um arquivo Parquet legível ({reason}). Exporte de novo, ou use CSV ou JSONL.",
)


def read_parquet(content: bytes, name: str, _told: Told, limit: int | None = None) -> Iterator[Read]:
    """Its rows, numbered from 1; at most `limit` are made into values. Raises DataError, also for no rows."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        _check(file, name)
        texts = [column.path for column in file.schema if column.physical_type == "BYTE_ARRAY"]
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts)
        place, unpacked = 0, 0
        for batch in file.iter_batches(batch_size=min(limit or BATCH_ROWS, BATCH_ROWS)):
            unpacked += sum(_unpacked(column) for column in batch.columns)
            check_unpacked(unpacked, name)
            for values in batch.to_pylist():
                place += 1
                yield Row(values, place)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataError(BAD_PARQUET, file=name, reason=reason_of(error, 120)) from error
    if not place:
        raise DataError(EMPTY, file=name)


def _check(file: Any, name: str) -> None:
    """What the file says of itself, before anything of it is read."""
    metadata = file.metadata
    check_rows(metadata.num_rows, name)
    check_names([column.path for column in file.schema], name)
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    check_unpacked(sum(group.total_byte_size for group in groups), name)
    # A row may hold a list, so there can be far more values than rows.
    check_values(sum(group.column(place).num_values for group in groups for place in range(group.num_columns)), name)


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

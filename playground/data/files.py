"""From a data file of any kind to its table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playground.data.content import check_size, read_content, size_of
from playground.data.example import NOT_TOLD, Table, Told
from playground.data.formats.delimited import read_delimited
from playground.data.formats.json_text import read_json, read_json_lines
from playground.data.formats.kinds import Kind, check_ending, kind_of
from playground.data.formats.moses import read_aligned
from playground.data.formats.packed import BAD_ARCHIVE, unpack_gzip, unpack_zip
from playground.data.formats.parquet import read_parquet
from playground.data.formats.plain_text import read_text
from playground.data.formats.po import read_po
from playground.data.formats.table import Read, Reader, to_table
from playground.data.formats.tmx import read_tmx
from playground.data.formats.xliff import read_xliff
from playground.errors import DataError

READERS: dict[Kind, Reader] = {
    "delimited": read_delimited,
    "json": read_json,
    "json_lines": read_json_lines,
    "parquet": read_parquet,
    "text": read_text,
    "tmx": read_tmx,
    "xliff": read_xliff,
    "po": read_po,
}


def read_file(path: Path, limit: int | None = None, told: Told = NOT_TOLD) -> Table:
    """The first `limit` rows of a data file. Raises DataError, naming the file without its folder.

    The kind is found by content where the name misleads. `told` are languages to believe where the file itself does
    not say them.
    """
    name, size = path.name, size_of(path)
    check_ending(name)
    check_size(size, name)
    return to_table(_rows(read_content(path), name, limit, told), name, limit)


def _rows(content: bytes, name: str, limit: int | None, told: Told, is_packed: bool = False) -> Iterator[Read]:
    kind = kind_of(content, name)
    if kind in ("zip", "gzip"):
        if is_packed:
            raise DataError(BAD_ARCHIVE, file=name, reason="an archive in an archive")
        files = unpack_zip(content, name) if kind == "zip" else [unpack_gzip(content, name)]
        if len(files) == 2:
            return read_aligned(files, told)
        ((name, content),) = files
        return _rows(content, name, limit, told, is_packed=True)
    if kind == "parquet":
        return read_parquet(content, name, told, limit)
    return READERS[kind](content, name, told)

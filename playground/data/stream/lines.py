"""The lines of a text file, plain or packed by gzip, one at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from playground.data.content import MAX_STREAM_BYTES, TOO_LARGE, UNREADABLE
from playground.data.formats.packed import BAD_ARCHIVE
from playground.data.formats.table import Position
from playground.errors import DataError
from playground.texts import Text

SAMPLE_BYTES = 2**20  # looked at to tell what a file is, and how its columns are laid out
MAX_LINE = 16 * 2**20  # bytes
GZIP = b"\x1f\x8b"

LONG_LINE = Text(
    "{file}, line {row}: it has more than {limit} MB. A row should be a line of text: export the data again.",
    "{file}, linha {row}: tem mais de {limit} MB. Cada linha de dados deve ser uma linha de texto: exporte de novo.",
)


def lines_of(path: Path, encoding: str, position: Position) -> Iterator[str]:
    """Each line with its end; bytes that are no text become halves of characters.

    Raises DataError for a line that is too long, and for a file that unpacks to more than is read.
    """
    with opened(path) as (file, share):
        done = number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            done += len(line)
            if len(line) > MAX_LINE:
                raise DataError(LONG_LINE, file=path.name, row=number, limit=MAX_LINE // 2**20)
            if done > MAX_STREAM_BYTES:
                values = {"size": done // 1024**2 + 1, "limit": MAX_STREAM_BYTES // 1024**2}
                raise DataError(TOO_LARGE, file=path.name, **values)
            position.share, position.bytes = share(), done
            text = line.decode(encoding, "surrogateescape")
            yield text.removeprefix("\ufeff") if number == 1 else text


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], float]]]:
    """The bytes of a file, or of what gzip packed into it, and what tells which share of the file has been read.

    Raises DataError for one that cannot be opened, or is damaged.
    """
    try:
        with path.open("rb") as file:
            size = max(path.stat().st_size, 1)
            is_packed = file.peek(len(GZIP)).startswith(GZIP)
            yield gzip.GzipFile(fileobj=file) if is_packed else file, lambda: file.tell() / size  # type: ignore[misc]
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(BAD_ARCHIVE, file=path.name, reason=str(error)[:120]) from error
    except OSError as error:
        raise DataError(UNREADABLE, file=path.name, reason=error.strerror or str(error)[:120]) from error

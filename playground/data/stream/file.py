"""A data file that is read row by row, as often as training goes through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path

from playground.catalog.datasets import KEPT_NAME
from playground.data.columns import Row, is_missing, whole_characters
from playground.data.content import (
    MAX_BYTES,
    MAX_STREAM_BYTES,
    TOO_LARGE,
    UNDECODED,
    check_cell,
    check_decoded,
    check_names,
    readable_encoding,
    size_of,
)
from playground.data.formats.delimited import stream_delimited
from playground.data.formats.json_text import stream_json_lines
from playground.data.formats.kinds import Kind, check_ending, kind_of
from playground.data.formats.parquet import rows_in, stream_parquet
from playground.data.formats.plain_text import stream_text
from playground.data.formats.table import BadRow, Position, Streamed, Streamer
from playground.data.stream.lines import SAMPLE_BYTES, lines_of, opened
from playground.errors import DataError
from playground.texts import Text

WHOLE_ROWS = 10_000  # a file of so many is held in memory, split and shuffled as a whole
PARQUET = b"PAR1"  # its first bytes
UPLOADS = "uploads"  # the folder of what visitors sent, within that of the runs
TEXTS: dict[Kind, Callable[[str, str], Streamer | None]] = {
    "json_lines": stream_json_lines,
    "delimited": stream_delimited,
    "text": stream_text,
}

CHANGED = Text(
    "{file} changed while it was being read: its rows would be mixed with those from before. Leave it as it is until"
    " the run has ended, and start the run again.",
    "{file} mudou durante a leitura: as linhas se misturariam com as de antes. Deixe-o como está até a execução"
    " terminar, e inicie a execução de novo.",
)

CHANGED_SINCE = Text(
    "{file} has changed since the run began: the run would go on with other rows. Start it again with the file as it is"
    " now.",
    "{file} mudou desde que a execução começou: ela continuaria com outras linhas. Inicie-a de novo com o arquivo como"
    " está agora.",
)


@dataclass(frozen=True)
class StreamedFile:
    """A file as it was when it was first looked at; `read` gives its rows, and tells how far it has come."""

    path: Path
    read: Callable[[Position], Streamed]
    size: int
    changed_at: int  # nanoseconds; 0 of an upload, which is called after its content and only ever written anew

    @property
    def state(self) -> list[int]:
        """Unlike for a file that has changed."""
        return [self.size, self.changed_at]

    @property
    def name(self) -> str:
        return self.path.name

    def rows(self, position: Position | None = None) -> Streamed:
        """The rows from the first to the last, each checked. Raises DataError, also for a file that has changed."""
        self.check_unchanged()
        for row in self.read(position or Position()):
            yield self._checked(row)
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Raises DataError where the file is no longer what it was."""
        if list(_state_of(self.path)) != self.state:
            raise DataError(CHANGED, file=self.name)

    def check_same(self, state: list[int]) -> None:
        """Raises DataError where a run that began with a file in this state would go on with another."""
        if state != self.state:
            raise DataError(CHANGED_SINCE, file=self.name)

    def _checked(self, row: Row | BadRow) -> Row | BadRow:
        if isinstance(row, BadRow):
            return row
        try:
            check_names(row, self.name)
            for cell in row.values():
                check_cell(cell, self.name, row.number)
                if isinstance(cell, str):
                    check_decoded(cell, self.name, row.number)
        except DataError as error:
            return BadRow(row.number, error)
        cells = {whole_characters(column): cell for column, cell in row.items() if not is_missing(cell)}
        return Row(cells, row.number)


def open_streamed(path: Path) -> StreamedFile | None:
    """A file with more rows than are held at once, of a kind that can be read row by row; None of any other.

    Raises DataError for what is no table at all, and for more bytes than are read.
    """
    size, name = size_of(path), path.name
    check_ending(name)
    if size < WHOLE_ROWS:  # a row has at least one byte, and all but the last have an end
        return None
    state = _state_of(path)
    sample, is_large = _look(path)
    if sample.startswith(PARQUET):
        return _parquet(path, state)
    if not is_large or not (encoding := readable_encoding(sample)):
        return None
    text = _readable_lines(sample[: sample.rfind(b"\n") + 1], encoding, name)
    kind = kind_of(text.encode(), name) if text.strip() else None
    streamer = TEXTS[kind](text, name) if kind in TEXTS else None
    if streamer is None:
        return None
    _check_bytes(size, path)
    return StreamedFile(path, lambda position: streamer(lines_of(path, encoding, position)), *state)


def _look(path: Path) -> tuple[bytes, bool]:
    """How a file begins, unpacked, and whether it may have more rows or bytes than are read whole.

    What visitors packed is read whole, so that it cannot unpack to more.
    """
    with opened(path) as (file, _):
        sample = file.read(SAMPLE_BYTES)
        if isinstance(file, GzipFile) and (_is_upload(path) or sample.startswith(PARQUET)):
            return b"", False
        lines, size = sample.count(b"\n"), len(sample)
        while lines and lines <= WHOLE_ROWS and size <= MAX_BYTES and (more := file.read(SAMPLE_BYTES)):
            lines, size = lines + more.count(b"\n"), size + len(more)
        return sample, lines > WHOLE_ROWS or size > MAX_BYTES


def _readable_lines(sample: bytes, encoding: str, name: str) -> str:
    """The lines of a sample that are text. Raises DataError where most of them are none."""
    text = sample.decode(encoding, "surrogateescape").replace("\r\n", "\n").removeprefix("\ufeff")
    if not UNDECODED.search(text):
        return text
    lines = text.splitlines(keepends=True)
    readable = [line for line in lines if not UNDECODED.search(line)]
    if len(readable) * 2 < len(lines):
        kind_of(sample, name)
    return "".join(readable)


def _parquet(path: Path, state: tuple[int, int]) -> StreamedFile | None:
    count, size = rows_in(path)
    if count <= WHOLE_ROWS and state[0] <= MAX_BYTES:
        return None
    _check_bytes(size, path)
    return StreamedFile(path, lambda position: stream_parquet(path, position), *state)


def _check_bytes(size: int, path: Path) -> None:
    limit = MAX_BYTES if _is_upload(path) else MAX_STREAM_BYTES
    if size > limit:
        raise DataError(TOO_LARGE, file=path.name, size=-(-size // 1024**2), limit=limit // 1024**2)


def _state_of(path: Path) -> tuple[int, int]:
    """Raises DataError for a file that is gone."""
    size_of(path)
    found = path.stat()
    return found.st_size, 0 if _is_upload(path) else found.st_mtime_ns


def _is_upload(path: Path) -> bool:
    return KEPT_NAME.fullmatch(path.name) is not None and UPLOADS in path.parts

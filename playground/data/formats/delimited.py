"""CSV and TSV, as spreadsheets, databases and flash-card programs write them."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from playground.data.columns import Row, some_rows
from playground.data.content import EMPTY, LONG_CELL, MAX_CELL, check_names, check_values, decode
from playground.data.example import Told
from playground.data.formats.delimiters import TAB, Dialect, dialect_of
from playground.data.formats.headers import is_header
from playground.data.formats.table import BadRow, Header, Read, Streamed, Streamer
from playground.errors import DataError, cut
from playground.texts import Text

SAMPLE_ROWS = 200
RAGGED_ROWS = 200_000  # looked through for more that are ragged
MAX_TITLE_ROWS = 5
# "sep=;" for Excel; "#separator:tab", "#html:true", "#columns:…" of Anki
EXCEL_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?', re.IGNORECASE)
ANKI_LINE = re.compile(
    r"#(separator|columns|(?:html|tags|deck|notetype|guid|if matches)(?: column)?):(.*)", re.IGNORECASE
)
ANKI_SEPARATORS = {"tab": TAB, "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", ",": ",", ";": ";", "|": "|"}

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
csv.field_size_limit(MAX_CELL)  # Python's own is 131,072


class Unread(NamedTuple):
    """A row that cannot be read, and how many lines it takes."""

    error: DataError
    lines: int


Cells = tuple[int, list[str]]
Numbered = tuple[int, list[str] | Unread]  # the line on which a row begins, and its cells


class Layout(NamedTuple):
    """Where the rows begin, and how many cells they may have."""

    above: int  # rows that are not data: a title, the header
    columns: list[str]
    header: list[str] | None
    least: int  # cells that a row must have; after them, only empty ones are missing
    most: int


class Plan(NamedTuple):
    """How the rows of a delimited text are to be read."""

    skipped: int  # lines that speak to a program
    dialect: Dialect
    layout: Layout


def read_delimited(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each of the file's, numbered by the line on which it begins; empty ones are passed over.

    Without a header the columns are called column_1, column_2 and so on. Raises DataError.
    """
    text = decode(content, name).replace("\r", "\n")
    plan = _plan(text, name, _sound)
    check_values(text.count(plan.dialect.delimiter) + text.count("\n"), name)
    yield Header(plan.layout.columns)
    numbered = itertools.islice(_sound(_rows(_lines(text), name, plan)), plan.layout.above, None)
    for number, cells in numbered:
        if not _fits(cells, plan.layout):
            more = (
                number for number, cells in itertools.islice(numbered, RAGGED_ROWS) if not _fits(cells, plan.layout)
            )
            raise _ragged(name, plan.layout, cells, [number, *more])
        if row := _row(cells, number, plan.layout):
            yield row


def stream_delimited(sample: str, name: str) -> Streamer:
    """The same, line by line, of a file that begins with `sample`. Raises DataError where no table begins so."""
    plan = _plan(sample.replace("\r", "\n"), name, _readable)

    def rows(lines: Iterator[str]) -> Streamed:
        for number, cells in itertools.islice(_rows(_unified(lines), name, plan), plan.layout.above, None):
            if isinstance(cells, Unread):
                yield BadRow(number, cells.error, cells.lines)
            elif not _fits(cells, plan.layout):
                yield BadRow(number, _ragged(name, plan.layout, cells, [number]))
            elif row := _row(cells, number, plan.layout):
                yield row

    return rows


def _plan(text: str, name: str, of_use: Callable[[Iterator[Numbered]], Iterator[Cells]]) -> Plan:
    """By the rows that are `of_use`. Raises DataError for a text without any, and for columns that are called alike."""
    skipped, delimiter, named = _directives(text)
    below = "".join(text.split("\n", skipped)[skipped:])
    if not below.strip():
        raise DataError(EMPTY, file=name)
    dialect = dialect_of(below, delimiter)
    plan = Plan(skipped, dialect, Layout(0, [], None, 0, 0))
    sample = [cells for _, cells in itertools.islice(of_use(_rows(_lines(text), name, plan)), SAMPLE_ROWS)]
    if not sample:
        raise DataError(EMPTY, file=name)
    plan = plan._replace(layout=_layout(sample, named, dialect))
    columns = plan.layout.columns
    check_names(columns, name)
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise DataError(DOUBLE_COLUMN, file=name, column=cut(column, 80))
    return plan


def _row(cells: list[str], number: int, layout: Layout) -> Row | None:
    """None for the header, which stands there again where files were joined."""
    if cells == layout.header:
        return None
    columns = layout.columns
    names = columns if len(cells) <= len(columns) else [*columns, *_unnamed(len(columns), _filled(cells))]
    return Row({column: cell or None for column, cell in zip(names, cells, strict=False)}, number)


def _directives(text: str) -> tuple[int, str | None, list[str] | None]:
    """How many lines speak to a program, the delimiter that they name, and the columns."""
    delimiter, columns, lines = None, None, 0
    for line in io.StringIO(text, newline="\n"):
        line = line.rstrip("\n")
        excel, anki = EXCEL_LINE.fullmatch(line.strip(" ")), ANKI_LINE.fullmatch(line)
        if excel and not lines:
            return 1, excel[1], None
        if not anki or (not lines and anki[1].lower() != "separator"):
            break
        lines += 1
        if anki[1].lower() == "separator":
            delimiter = ANKI_SEPARATORS.get(anki[2].strip().lower(), TAB)
        elif anki[1].lower() == "columns":
            columns = anki[2].split(delimiter or TAB)
    return lines, delimiter, columns


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline="\n"))


def _unified(lines: Iterator[str]) -> Iterator[str]:
    """Lines that end in \\n, whatever ended them in the file."""
    for line in lines:
        line = line.replace("\r\n", "\n")
        yield from io.StringIO(line.replace("\r", "\n"), newline="\n") if "\r" in line else (line,)


def _rows(lines: Iterator[str], name: str, plan: Plan) -> Iterator[Numbered]:
    """Each row that is not empty."""
    lines = itertools.islice(lines, plan.skipped, None)
    dialect = plan.dialect
    numbered = _quoted_rows(lines, name, dialect) if dialect.is_quoted else _plain_rows(lines, dialect.delimiter)
    for number, cells in numbered:
        if isinstance(cells, Unread) or any(map(str.strip, cells)):
            yield number + plan.skipped, cells


def _readable(numbered: Iterator[Numbered]) -> Iterator[Cells]:
    return ((number, cells) for number, cells in numbered if not isinstance(cells, Unread))


def _sound(numbered: Iterator[Numbered]) -> Iterator[Cells]:
    """Raises the error of a row that cannot be read."""
    for number, cells in numbered:
        if isinstance(cells, Unread):
            raise cells.error
        yield number, cells


def _plain_rows(lines: Iterator[str], delimiter: str) -> Iterator[Numbered]:
    for number, line in enumerate(lines, start=1):
        yield number, line.rstrip("\n").split(delimiter)


def _quoted_rows(lines: Iterator[str], name: str, dialect: Dialect) -> Iterator[Numbered]:
    delimiter, last, before = dialect.delimiter, [""], 0

    def told() -> Iterator[str]:
        for line in lines:
            last[0] = line
            yield line

    while True:  # once, and once more after each row that csv cannot read
        reader = csv.reader(told(), delimiter=delimiter, skipinitialspace=dialect.is_spaced, strict=True)
        number = before + 1
        try:
            for cells in reader:
                yield number, cells
                number = before + reader.line_num + 1
            return
        except csv.Error as error:
            before += reader.line_num
            spoilt = before - number + 1
            if "field limit" in str(error):
                yield number, Unread(DataError(LONG_CELL, file=name, row=number, limit=MAX_CELL), spoilt)
            elif spoilt > 1 or last[0].count('"') % 2:  # a cell of several lines, or one that does not end
                yield number, Unread(DataError(BAD_QUOTES, file=name, row=number, reason=error), spoilt)
            else:
                yield number, _cells_with_stray_quotes(last[0].rstrip("\n"), delimiter)


def _cells_with_stray_quotes(line: str, delimiter: str) -> list[str]:
    """Marks that stand around a whole cell are taken away; any others are of its text: "Hi" she said,…

    Some programs write a mark inside of a cell as \\" instead of doubling it.
    """
    line = line.replace('\\"', '""')
    end = re.escape(delimiter)
    cell = re.compile(f'"([^"]*(?:""[^"]*)*)"(?={end}|$)|([^{end}]*)')
    cells, place = [], 0
    while place <= len(line) and (found := cell.match(line, place)):
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        place = found.end() + 1
    return cells


def _layout(sample: list[list[str]], columns: list[str] | None, dialect: Dialect) -> Layout:
    filled = [_filled(cells) for cells in sample]
    usual, most = Counter(filled).most_common(1)[0][0], max(filled)
    if columns:
        return Layout(0, columns, None, 1, len(columns))
    above = 0
    while usual > 1 and above < min(MAX_TITLE_ROWS, len(sample) - 1) and sum(map(bool, sample[above])) == 1:
        above += 1
    if above and not is_header(sample[above], sample[above + 1 :]):
        above = next(place for place, cells in enumerate(sample) if len(cells) > 1 or place == above)
    header = sample[above]
    if not is_header(header, sample[above + 1 :]):
        width = most if dialect.delimiter == TAB else usual
        return Layout(above, _unnamed(0, width), None, usual, width)
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(header[: _filled(header)], start=1)]
    whole = [_filled(cells) for cells in sample[above + 1 :] if len(cells) >= len(names)]
    return Layout(above + 1, names, header, min([len(names), *whole]), len(header))


def _filled(cells: list[str]) -> int:
    """The number of cells up to the last that is not empty."""
    count = len(cells)
    while count and not cells[count - 1].strip():
        count -= 1
    return count


def _unnamed(start: int, end: int) -> list[str]:
    """The names of columns that have none, from one place to another."""
    return [f"column_{place + 1}" for place in range(start, end)]


def _fits(cells: list[str], layout: Layout) -> bool:
    return layout.least <= len(cells) and _filled(cells) <= layout.most


def _ragged(name: str, layout: Layout, cells: list[str], numbers: list[int]) -> DataError:
    """Of rows that do not fit, the first of which has these cells."""
    values = {
        "found": len(cells),
        "expected": len(layout.columns),
        "count": len(numbers),
        "rows": some_rows(numbers),
    }
    return DataError(RAGGED, file=name, row=numbers[0], **values)

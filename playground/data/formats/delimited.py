"""CSV and TSV, as spreadsheets, databases and flash-card programs write them."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from playground.data.columns import Row, some_rows
from playground.data.content import EMPTY, LONG_CELL, MAX_CELL, MAX_ROWS, check_names, check_values, decode
from playground.data.example import Told
from playground.data.formats.delimiters import TAB, Dialect, dialect_of
from playground.data.formats.headers import is_header
from playground.data.formats.table import Header, Read
from playground.errors import DataError, cut
from playground.texts import Text

SAMPLE_ROWS = 200
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

Numbered = tuple[int, list[str]]  # the line on which a row begins, and its cells


class Layout(NamedTuple):
    """Where the rows begin, and how many cells they may have."""

    above: int  # rows that are not data: a title, the header
    columns: list[str]
    header: list[str] | None
    least: int  # cells that a row must have; after them, only empty ones are missing
    most: int


def read_delimited(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each of the file's, numbered by the line on which it begins; empty ones are passed over.

    Without a header the columns are called column_1, column_2 and so on. Raises DataError.
    """
    text = decode(content, name).replace("\r", "\n")
    skipped, delimiter, named = _directives(text)
    text = "".join(text.split("\n", skipped)[skipped:])
    if not text.strip():
        raise DataError(EMPTY, file=name)
    dialect = dialect_of(text, delimiter)
    check_values(text.count(dialect.delimiter) + text.count("\n"), name)
    sample = [cells for _, cells in itertools.islice(_rows(text, name, dialect, skipped), SAMPLE_ROWS)]
    if not sample:
        raise DataError(EMPTY, file=name)
    layout = _layout(sample, named, dialect)
    columns = layout.columns
    check_names(columns, name)
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise DataError(DOUBLE_COLUMN, file=name, column=cut(column, 80))
    yield Header(columns)
    numbered = itertools.islice(_rows(text, name, dialect, skipped), layout.above, None)
    for number, cells in numbered:
        if not _fits(cells, layout):
            raise _ragged(name, layout, (number, cells), numbered)
        if cells != layout.header:  # which stands there again where files were joined
            names = columns if len(cells) <= len(columns) else [*columns, *_unnamed(len(columns), _filled(cells))]
            yield Row({column: cell or None for column, cell in zip(names, cells, strict=False)}, number)


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


def _rows(text: str, name: str, dialect: Dialect, skipped: int) -> Iterator[Numbered]:
    """Each row that is not empty."""
    numbered = _quoted_rows(text, name, dialect) if dialect.is_quoted else _plain_rows(text, dialect.delimiter)
    return ((number + skipped, cells) for number, cells in numbered if any(map(str.strip, cells)))


def _plain_rows(text: str, delimiter: str) -> Iterator[Numbered]:
    for number, line in enumerate(io.StringIO(text, newline="\n"), start=1):
        yield number, line.rstrip("\n").split(delimiter)


def _quoted_rows(text: str, name: str, dialect: Dialect) -> Iterator[Numbered]:
    lines = iter(io.StringIO(text, newline="\n"))
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
            if "field limit" in str(error):
                raise DataError(LONG_CELL, file=name, row=number, limit=MAX_CELL) from error
            before += reader.line_num
            if before != number or last[0].count('"') % 2:  # a cell of several lines, or one that does not end
                raise DataError(BAD_QUOTES, file=name, row=number, reason=error) from error
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


def _ragged(name: str, layout: Layout, first: Numbered, others: Iterator[Numbered]) -> DataError:
    more = (number for number, cells in itertools.islice(others, MAX_ROWS) if not _fits(cells, layout))
    numbers = [first[0], *more]
    values = {
        "found": len(first[1]),
        "expected": len(layout.columns),
        "count": len(numbers),
        "rows": some_rows(numbers),
    }
    return DataError(RAGGED, file=name, row=first[0], **values)

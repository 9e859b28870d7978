"""What stands between the cells of a delimited text, and whether quotation marks stand around them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import NamedTuple

from playground.data.formats.headers import is_header

DELIMITERS = "\t,;|"
TAB = "\t"
SAMPLE_LINES, SAMPLE_CHARACTERS = 200, 200_000
OFTEN = 0.8  # of the rows have as many cells: they are no chance
PROSE = 0.9  # of the marks are followed by a space: they belong to sentences
CELL_START = re.compile(r'(?:^|(?<=\t))"', re.MULTILINE)
QUOTED_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"(?=[\t\n]|\Z)')
PROGRAM_LINE = re.compile('"?sep=.|#separator:', re.IGNORECASE)  # for Excel, of Anki
LETTER = re.compile(r"[^\W\d_]")


class Dialect(NamedTuple):
    delimiter: str
    is_quoted: bool  # whether marks around a cell are not of its text
    is_spaced: bool  # whether a space follows each delimiter


class Fit(NamedTuple):
    """How well a delimiter explains a sample: better ones compare greater."""

    is_tab: bool  # one that is there from the first line on: nobody writes tabs in sentences
    share: float  # of rows that have the usual number of cells, more than one
    width: int


def dialect_of(text: str, delimiter: str | None = None) -> Dialect:
    """The dialect of a text whose line ends are \\n; `delimiter` is what the file itself says of it.

    A text in which nothing separates cells has one column: no tab occurs in it.
    """
    delimiter = delimiter or _delimiter_of(text)
    is_quoted = '"' in text and (delimiter != TAB or _quotes_cells(text))
    return Dialect(delimiter, is_quoted, _is_prose(text[:SAMPLE_CHARACTERS], delimiter))


def is_table(text: str) -> bool:
    """Whether a text of which no name says so is a table: it says so, tabs are in every line, or columns are named."""
    lines = _sample(text)
    if PROGRAM_LINE.match(lines[0]):
        return True
    if len(lines) < 2:
        return False
    fits = {delimiter: _fit(lines, delimiter) for delimiter in DELIMITERS}
    if fits[TAB].share >= OFTEN and not all(line.startswith(TAB) for line in lines if line.strip()):  # that is indented
        return True
    best = max(",;|", key=lambda delimiter: fits[delimiter])
    rows = list(csv.reader(lines, delimiter=best))
    return fits[best].share >= OFTEN and len(rows[0]) == fits[best].width and is_header(rows[0], rows[1:], known=True)


def _delimiter_of(text: str) -> str:
    lines = _sample(text)
    fits = {delimiter: _fit(lines, delimiter) for delimiter in DELIMITERS}
    best = max(fits, key=lambda delimiter: fits[delimiter])
    if fits[best].share > 0.5:
        return best
    named = max(DELIMITERS, key=lines[0].count)
    is_named = named in lines[0] and not _is_prose(lines[0], named)
    return named if is_named or is_header(lines[0].split(named), [], known=True) else TAB


def _sample(text: str) -> list[str]:
    lines = text[:SAMPLE_CHARACTERS].replace("\r", "\n").lstrip("\n").split("\n")
    if len(text) > SAMPLE_CHARACTERS and len(lines) > 1:
        lines.pop()  # it is cut
    return lines[:SAMPLE_LINES]


def _fit(lines: list[str], delimiter: str) -> Fit:
    """By the cells as csv reads them, or as they stand: stray quotation marks spoil the first, line ends the second."""
    sample = "\n".join(lines)
    if delimiter not in sample:
        return Fit(False, 0.0, 1)
    try:
        quoted = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if any(cells)]
    except csv.Error:  # a cell without end
        quoted = []
    literal = [line.count(delimiter) + 1 for line in lines if line.strip()]
    share, width = max(_usual(widths) for widths in (quoted, literal))
    if delimiter == TAB:
        return Fit(share >= OFTEN and TAB in lines[0], share, width)
    if _is_prose(sample, delimiter):
        share = share / 2 if delimiter in lines[0] else 0.0
    return Fit(False, share, width)


def _usual(widths: list[int]) -> tuple[float, int]:
    """The most frequent number of cells, and the share of rows that have it; none where it is one."""
    if not widths:
        return 0.0, 1
    (width, count), *_ = Counter(widths).most_common(1)
    return (count / len(widths), width) if width > 1 else (0.0, 1)


def _is_prose(text: str, mark: str) -> bool:
    return mark in ",;" and text.count(f"{mark} ") > PROSE * text.count(mark)


def _quotes_cells(text: str) -> bool:
    """Whether tab-separated text puts marks around its cells: all marks balance, and a program would have put them.

    Programs quote the cells that need it (Excel also those with a comma), or every text. A sentence that somebody says
    is quoted where others are not.
    """
    rest, quoted, place = [], [], 0
    while start := CELL_START.search(text, place):
        cell = QUOTED_CELL.match(text, start.start())
        if not cell:
            return False
        rest.append(text[place : cell.start()])
        quoted.append(cell[1])
        place = cell.end()
    others = "".join([*rest, text[place:]])
    if not quoted or '"' in others:
        return False
    needs_quotes = re.compile('[\t\n"' + "".join(mark for mark in ",;" if mark not in others) + "]")
    below_header = others.partition("\n")[2]
    return not LETTER.search(below_header) or all(map(needs_quotes.search, quoted))

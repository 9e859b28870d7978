"""Tables as text that a spreadsheet opens without computing anything: cells may come from a model."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# With their full-width forms, which some spreadsheets read as the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_table(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Rows as CSV, or TSV with a tab as delimiter; texts cannot become formulas, numbers stay numbers."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)  # its line end, \r\n, is what makes it quote either of them
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return stream.getvalue()


def harmless(cell: str) -> str:
    """A leading apostrophe makes spreadsheets take a cell as text (OWASP: CSV injection)."""
    return f"'{cell}" if cell.lstrip(" \ufeff").startswith(FORMULA_STARTS) else cell


def headings(labels: Iterable[str], taken: Sequence[str] = ()) -> list[str]:
    """The labels of a table's columns, each made distinct from the others and from those `taken`."""
    found: list[str] = []
    for label in labels:
        heading, number = label, 2
        while heading in {*taken, *found}:
            heading, number = f"{label} ({number})", number + 1
        found.append(heading)
    return found

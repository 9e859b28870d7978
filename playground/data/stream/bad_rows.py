"""Rows of a large file that cannot be read: passed over, counted, and too many of them are an error."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.data.columns import Row, some_rows
from playground.data.formats.table import BadRow
from playground.errors import DataError
from playground.texts import Text

MAX_BAD_SHARE = 0.01
KEPT_PLACES = 20

TOO_MANY_BAD = Text(
    "{file}: of the first {rows} rows {count} cannot be read ({places}), more than {limit:.0%}. The first of them:"
    " {reason} Correct them, or export the data again.",
    "{file}: das primeiras {rows} linhas, {count} não podem ser lidas ({places}), mais de {limit:.0%}. A primeira"
    " delas: {reason} Corrija essas linhas, ou exporte os dados de novo.",
)


@dataclass
class BadRows:
    """`rows` are all that were met; `places` the numbers of the first that could not be read."""

    rows: int = 0
    count: int = 0
    places: list[int] = field(default_factory=list)
    first: DataError | None = None

    def note(self, row: Row | BadRow) -> None:
        if not isinstance(row, BadRow):
            self.rows += 1
            return
        self.rows += row.lines
        self.count += row.lines
        self.first = self.first or row.error
        if len(self.places) < KEPT_PLACES:
            self.places.append(row.number)

    def check(self, name: str) -> None:
        """Raises DataError where more than one row in a hundred could not be read, with their places."""
        if self.first and self.count > MAX_BAD_SHARE * self.rows:
            places = some_rows(self.places)
            values = {"rows": self.rows, "count": self.count, "places": places, "limit": MAX_BAD_SHARE}
            raise DataError(TOO_MANY_BAD, file=name, **values, reason=self.first.text)

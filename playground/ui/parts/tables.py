"""HTML tables for the page. Every cell is escaped here, unless it already is `Markup`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

# Scoped to its component by gr.HTML; the colours are the theme's own, so both modes follow.
TABLE_CSS = """
.grid-scroll { overflow-x: auto; max-width: 100%; container-type: inline-size; }
table.grid { border-collapse: collapse; width: 100%; font-size: var(--text-sm); }
table.grid, table.grid thead, table.grid tbody, table.grid tr { border: 0; }
table.grid caption { text-align: left; padding: 0 0 .4em; color: var(--body-text-color-subdued); }
table.grid caption { position: sticky; left: 0; max-width: 100cqw; } /* read without scrolling sideways */
table.grid th, table.grid td {
  padding: .4em .7em; text-align: left; vertical-align: top;
  border: 0; border-bottom: 1px solid var(--border-color-primary);
  color: var(--body-text-color); overflow-wrap: anywhere; min-width: 7em;
}
table.grid thead th { background: var(--background-fill-secondary); font-weight: 600; }
table.grid td { font-variant-numeric: tabular-nums; }
table.grid p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def html_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> Markup:
    """A table that scrolls sideways when it is too wide; the first cell of a row is its heading."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(header) for header in headers)
    body = Markup("").join(_row(row) for row in rows)
    title = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    return Markup(
        '<div class="grid-scroll" tabindex="0"><table class="grid">{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(title, head, body)


def _row(row: Sequence[object]) -> Markup:
    heading, *cells = row
    first = Markup('<th scope="row">{}</th>').format(heading)
    return Markup("<tr>{}{}</tr>").format(first, Markup("").join(_cell(cell) for cell in cells))


def _cell(cell: object) -> Markup:
    return Markup("<td>{}</td>").format(escape(cell))

"""The table of runs: numbers that sort as numbers and are shown as the page's language writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from playground.catalog.methods import METHODS
from playground.numbers import as_typed, decimal
from playground.runs.info import RunInfo
from playground.texts import Language
from playground.ui.texts import t

# The name of a table column -> how its cells sort and show. `str` cells are never read as HTML.
COLUMNS: dict[str, Literal["str", "number"]] = {
    "name": "str",
    "status": "str",
    "method": "str",
    "dataset": "str",
    "steps": "number",
    "base_loss": "number",
    "loss": "number",
    "seconds": "number",
    "size": "number",
    "created": "str",
    "id": "str",
}
# In pixels, so that no word of a heading is cut; where all do not fit, the table scrolls.
WIDTHS = {
    "name": 190, "status": 115, "method": 95, "dataset": 145, "steps": 75, "base_loss": 75, "loss": 105,
    "seconds": 100, "size": 105, "created": 110, "id": 195,
}  # fmt: skip
DECIMALS = {"steps": 0, "base_loss": 3, "loss": 3, "seconds": 1, "size": 2}


def table(runs: Sequence[RunInfo], language: Language) -> dict[str, Any]:
    """The value of a gr.Dataframe, one row a run, in the order of COLUMNS."""
    rows = [_row(info, language) for info in runs]
    return {
        "headers": [t(f"runs_column_{name}", language) for name in COLUMNS],
        "data": rows,
        "metadata": {"display_value": [_shown(row, language) for row in rows]},
    }


def method_label(method: str) -> str:
    return METHODS[method].label if method in METHODS else method


def setting(value: object, language: Language) -> str:
    """A run's setting with all its digits; words and lists as its file has them."""
    return as_typed(value, language) if isinstance(value, float) else str(value)


def _row(info: RunInfo, language: Language) -> list[str | float]:
    """An empty cell where there is no number yet."""
    return [
        info.name,
        t(f"runs_status_{info.status}", language),
        method_label(info.method),
        info.dataset,
        info.steps,
        "" if info.eval_loss_base is None else info.eval_loss_base,
        "" if info.eval_loss is None else info.eval_loss,
        info.seconds,
        info.adapter_bytes / 1e6 if info.has_adapter else "",
        info.created_at.replace("T", " "),
        info.run_id,
    ]


def _shown(row: Sequence[str | float], language: Language) -> list[str]:
    cells = zip(COLUMNS, row, strict=True)
    return [cell if isinstance(cell, str) else decimal(cell, DECIMALS[name], language) for name, cell in cells]

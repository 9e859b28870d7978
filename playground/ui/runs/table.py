"""Which runs a page of the table shows, in which order and in which words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from playground.catalog.methods import METHODS
from playground.numbers import as_typed, decimal
from playground.runs.info import RunInfo
from playground.texts import Language
from playground.ui.texts import t

PAGE_ROWS = 25
CURVE_SIZE = (100, 24)  # in the units of its SVG


class Column(NamedTuple):
    """What a column says of a run, and with how many decimals; `None` is a text."""

    value: Callable[[RunInfo], str | float | None]
    decimals: int | None = None


def method_label(method: str) -> str:
    return METHODS[method].label if method in METHODS else method


# By name, in the table's order; `curve` and `name` have cells of their own.
COLUMNS: dict[str, Column] = {
    "name": Column(lambda info: info.name),
    "status": Column(lambda info: info.status),
    "method": Column(lambda info: method_label(info.method)),
    "dataset": Column(lambda info: info.dataset),
    "steps": Column(lambda info: info.steps, 0),
    "base_loss": Column(lambda info: info.eval_loss_base, 3),
    "loss": Column(lambda info: info.eval_loss, 3),
    "seconds": Column(lambda info: info.seconds, 1),
    "size": Column(lambda info: info.adapter_bytes / 1e6 if info.has_adapter else None, 2),
    "created": Column(lambda info: info.created_at.replace("T", " ")),
    "id": Column(lambda info: info.run_id),
}
FILTERED = ("status", "method", "dataset")


def setting(value: object, language: Language) -> str:
    """A run's setting with all its digits; words and lists as its file has them."""
    return as_typed(value, language) if isinstance(value, float) else str(value)


def cell(info: RunInfo, name: str, language: Language) -> str:
    """Empty where there is no number yet."""
    column = COLUMNS[name]
    value = column.value(info)
    if name == "status":
        return t(f"runs_status_{value}", language)
    if value is None or isinstance(value, str):
        return value or ""
    return decimal(value, column.decimals or 0, language)


def in_order(infos: Iterable[RunInfo], name: str, language: Language, *, descending: bool) -> list[RunInfo]:
    """Sorted by a column; those without a value come last, whichever way."""
    column = COLUMNS[name]

    def value(info: RunInfo) -> Any:
        found = column.value(info)
        if name == "status":
            return cell(info, name, language)
        return found.casefold() if isinstance(found, str) else found

    pairs = [(value(info), info) for info in infos]
    known = [pair for pair in pairs if pair[0] is not None and pair[0] == pair[0]]
    rest = [info for key, info in pairs if key is None or key != key]
    return [info for _, info in sorted(known, key=lambda pair: pair[0], reverse=descending)] + rest


def kept_by(filters: Mapping[Any, str], info: RunInfo) -> bool:
    """Whether a run has, in each filtered column, the value that was chosen there."""
    return all(COLUMNS[name].value(info) == wanted for name, wanted in filters.items())


def options(infos: Sequence[RunInfo], language: Language) -> dict[str, list[tuple[str, str]]]:
    """The values by which each of `FILTERED` can be filtered, and how they are shown."""
    found = {}
    for name in FILTERED:
        first = {COLUMNS[name].value(info): info for info in infos}
        pairs = [(str(value), cell(info, name, language)) for value, info in first.items() if value]
        found[name] = sorted(pairs, key=lambda pair: pair[1].casefold())
    return found


def curve_points(curve: Sequence[float]) -> str:
    """The points of an SVG line, its lowest loss at the bottom; empty for fewer than two numbers."""
    numbers = [value for value in curve if math.isfinite(value)]
    if len(numbers) < 2:
        return ""
    width, height = CURVE_SIZE
    low, high = min(numbers), max(numbers)
    span = high - low or 1.0
    step = width / (len(numbers) - 1)
    # a line that touches the edge would be cut in half
    heights = (1 + (height - 2) * (high - value) / span for value in numbers)
    return " ".join(f"{round(step * place, 1)},{round(down, 1)}" for place, down in enumerate(heights))


def curve_words(curve: Sequence[float], language: Language) -> str:
    numbers = [value for value in curve if math.isfinite(value)]
    first, last = (decimal(value, 3, language) for value in (numbers[0], numbers[-1]))
    return t("runs_curve_words", language, first=first, last=last)

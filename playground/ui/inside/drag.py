"""What the page answers by itself while a slider moves (drag.js): each place of each knob, from a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.inside.knobs import HIGHEST, LOWEST, title_of, turned
from playground.model.libraries import load_libraries
from playground.numbers import MINUS, NOTHING, separators
from playground.texts import Language
from playground.ui.inside.html import figures
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.inside.sweep import Point, Sweep

JS_FILE = Path(__file__).with_name("drag.js")
STEPS = 20  # of a slider's unit


def drag_answers(sweep: Sweep, sliders: dict[str, str], language: Language) -> dict[str, Any]:
    """Of each knob, by the id of its slider: where it changes nothing, and what to call and to say at each place.

    `base` is the place at which the adapter is off, None for a knob that has none. `said` has None where the points do
    not reach. `title` is the knob's name, for a number that is typed between two places. The rank is left out where
    there is nothing to cut.
    """
    labels = {
        "between": t("inside_is_between", language),
        "unknown": t("inside_not_between", language),
        "nothing": [NOTHING] * 3,
        "signs": {".": separators(language)[0], "-": MINUS},
    }
    knobs = [
        {"slider": slider, **_answers(knob, tuple(sweep.along(knob)), float(sweep.largest_rank), language)}
        for knob, slider in sliders.items()
        if knob != "rank" or sweep.largest_rank > 1
    ]
    return {"knobs": knobs, "labels": labels}


@lru_cache(maxsize=64)  # a sweep that grows has new points of one knob, and the old ones of all others
def _answers(knob: str, points: Sequence[Point], largest_rank: float, language: Language) -> dict[str, Any]:
    load_libraries()
    from playground.inside.interpolation import interpolated_along

    values = _values(knob, largest_rank)
    found = [interpolated_along(points, value) for value in values]
    return {
        "own": values.index(largest_rank if knob == "rank" else 1.0),
        "base": values.index(0.0) if knob == "strength" else None,
        "title": title_of(knob, language),
        "names": [turned({knob: value}, language) for value in values],
        "said": [figures(point, language) if point else None for point in found],
    }


def _values(knob: str, largest_rank: float) -> list[float]:
    """The places of a slider."""
    if knob == "rank":
        return [float(rank) for rank in range(1, round(largest_rank) + 1)]
    return [step / STEPS for step in range(round(LOWEST * STEPS), round(HIGHEST * STEPS) + 1)]

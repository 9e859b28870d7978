"""A result card: what was asked, guessed and found out, with the curve, as one SVG that any viewer opens.

A visitor named what is in it, which may be anything: it becomes text of the document, never markup.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree import ElementTree  # writes only: nothing foreign is parsed

from playground.charts.axes import COLOURS, FONT
from playground.charts.curves import HELD_OUT, LOSS, SMOOTHED, STEP, downsample, of_kind, positions, smooth
from playground.errors import cut
from playground.numbers import decimal, significant
from playground.race.results import RaceResults, mean_curve
from playground.texts import Language, Text, one_line

WIDTH, EDGE, LINE, LETTERS = 840, 40, 24, 88  # pixels, and letters of a line
CHART_HEIGHT, AXIS = 220, 56
MAX_POINTS, MAX_TEXT, MAX_LABEL = 200, 1200, 60
INK, QUIET, PAPER = "#1f2937", "#6b7280", "#ffffff"
DASHES = ("", "7 4", "2 3", "8 3 2 3", "12 4", "12 3 2 3")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Curve(NamedTuple):
    """Losses by step."""

    name: Text
    points: list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Card:
    """`rows` are pairs of a heading, which may be empty, and a text."""

    title: str
    rows: Sequence[tuple[str, str]]
    curves: Sequence[Curve]
    footer: str


def curves_of_run(events: Sequence[dict[str, Any]]) -> list[Curve]:
    """The smoothed loss of the training, and that of the held-out examples."""
    steps, evals = of_kind(events, "StepLogged"), of_kind(events, "EvalLogged")
    trained = downsample(positions(steps, "step"), smooth([step["loss"] for step in steps]), MAX_POINTS)
    held_out = downsample(positions(evals, "step"), [item["loss"] for item in evals], MAX_POINTS)
    return [
        Curve(name, _finite(zip(*found, strict=True))) for name, found in ((SMOOTHED, trained), (HELD_OUT, held_out))
    ]


def curves_of_race(found: RaceResults) -> list[Curve]:
    """The held-out loss of each entrant, the mean over its seeds."""
    return [
        Curve(
            Text(entrant.name, entrant.name),
            _finite((float(step), loss.mean) for step, _, loss in mean_curve(entrant)),
        )
        for entrant in found.entrants
    ]


def _finite(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in points if all(map(math.isfinite, point))]


def card_svg(card: Card, language: Language) -> str:
    """The whole document, which needs no other file. Names and texts are cut to what a card can hold."""
    drawn = [curve for curve in card.curves if curve.points]
    svg = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "font-family": FONT, "role": "img"})
    _add(svg, "title", {}, card.title)
    paper = _add(svg, "rect", {"width": WIDTH, "fill": PAPER})
    y = _text(svg, EDGE, EDGE + 12, cut(card.title, MAX_LABEL), size=24, weight=600) + 2 * LINE
    for heading, text in card.rows:
        words = f"{heading}: {text}" if heading else text
        for line in textwrap.wrap(cut(one_line(words), MAX_TEXT), LETTERS):
            y = _text(svg, EDGE, y, line, size=16) + LINE
        y += LINE // 3
    if drawn:
        _chart(svg, drawn, y, language)
        y = _legend(svg, drawn, y + CHART_HEIGHT + 3 * LINE, language)
    y = _text(svg, EDGE, y + LINE, cut(one_line(card.footer), LETTERS), size=13, fill=QUIET) + EDGE
    for name, value in (("width", WIDTH), ("height", y), ("viewBox", f"0 0 {WIDTH} {y}")):
        svg.set(name, str(value))
    paper.set("height", str(y))
    return ElementTree.tostring(svg, encoding="unicode")


def _chart(svg: ElementTree.Element, curves: Sequence[Curve], top: int, language: Language) -> None:
    """Lines over two axes, whose ends are written: the steps from 0, the losses from 0 or the lowest below it."""
    points = [point for curve in curves for point in curve.points]
    last, least, most = max(x for x, _ in points) or 1.0, min(0.0, *(y for _, y in points)), max(y for _, y in points)
    left, right, bottom = EDGE + AXIS, WIDTH - EDGE, top + LINE + CHART_HEIGHT
    high = (most - least) or 1.0
    _text(svg, EDGE, top + 12, LOSS.to(language), size=13, fill=QUIET)
    _add(svg, "path", {"d": f"M{left} {top + LINE}V{bottom}H{right}", "stroke": QUIET, "fill": "none"})
    for loss in (least, least + high / 2, least + high):
        place = bottom - CHART_HEIGHT * (loss - least) / high
        _text(svg, left - 8, round(place) + 5, decimal(loss, 2, language), size=13, fill=QUIET, anchor="end")
    for step, anchor in ((0.0, "start"), (last, "end")):
        place = left + (right - left) * step / last
        label = f"{STEP.to(language)} {significant(step, 6, language)}"
        _text(svg, round(place), bottom + 18, label, size=13, fill=QUIET, anchor=anchor)
    for number, curve in enumerate(curves):
        places = (
            f"{left + (right - left) * x / last:.1f},{bottom - CHART_HEIGHT * (y - least) / high:.1f}"
            for x, y in curve.points
        )
        _add(svg, "polyline", {"points": " ".join(places), **_stroke(number)})


def _legend(svg: ElementTree.Element, curves: Sequence[Curve], y: int, language: Language) -> int:
    """Two names a row; where the next line may stand."""
    for number, curve in enumerate(curves):
        x = EDGE + (number % 2) * (WIDTH // 2 - EDGE)
        _add(svg, "path", {"d": f"M{x} {y - 5}h36", **_stroke(number)})
        _text(svg, x + 44, y, cut(one_line(curve.name.to(language)), MAX_LABEL - 20), size=14)
        y += LINE if number % 2 else 0
    return y + (LINE if len(curves) % 2 else 0)


def _stroke(number: int) -> dict[str, object]:
    dash = DASHES[(number + number // len(COLOURS)) % len(DASHES)]
    return {"stroke": COLOURS[number % len(COLOURS)], "stroke-width": 2.5, "fill": "none", "stroke-dasharray": dash}


def _text(
    svg: ElementTree.Element, x: int, y: int, text: str, *,
    size: int, fill: str = INK, weight: int = 400, anchor: str = "start",
) -> int:  # fmt: skip
    """A line of text; its height on the page, for what stands below."""
    look = {"font-size": size, "fill": fill, "font-weight": weight, "text-anchor": anchor}
    _add(svg, "text", {"x": x, "y": y, **look}, text)
    return y


def _add(
    parent: ElementTree.Element, tag: str, values: dict[str, Any], text: str | None = None
) -> ElementTree.Element:  # fmt: skip
    element = ElementTree.SubElement(parent, tag, {name: str(value) for name, value in values.items() if value != ""})
    element.text = None if text is None else NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return element

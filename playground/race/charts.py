"""Figures of a race: held-out losses over each other, and score against price. Results in, plotly out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.charts.axes import COLOURS, DASHES, GREY, GRID, SHAPES, base_line, curve, laid_out, plain, say_empty
from playground.charts.curves import STEP, TIME, Axis
from playground.charts.words import in_words
from playground.numbers import significant
from playground.race.results import EntrantResult, front, mean_curve
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAME_SHOWN = 32

FRONT = Text("not beaten by any other", "ninguém supera")
BEATEN = Text("beaten", "superado")
NOTHING_YET = Text(
    "The first point appears with the first evaluation", "O primeiro ponto aparece na primeira avaliação"
)
NONE_FINISHED = Text("A point appears when an entrant has finished", "Um ponto aparece quando um participante termina")
# What an axis is called, and what its numbers are divided by.
AXES: dict[str, tuple[Text, float]] = {
    "eval_loss": (Text("Held-out loss ↓", "Perda nos exemplos reservados ↓"), 1),
    "chrf": (Text("chrF of translations ↑", "chrF das traduções ↑"), 1),
    "trainable_parameters": (Text("Trainable parameters ↓", "Parâmetros treináveis ↓"), 1),
    "seconds": (Text("Training seconds ↓", "Segundos de treino ↓"), 1),
    "peak_memory_bytes": (Text("Peak memory (MB) ↓", "Pico de memória (MB) ↓"), 1e6),
    "adapter_bytes": (Text("Adapter on disk (MB) ↓", "Adaptador em disco (MB) ↓"), 1e6),
}
WIDE_RANGE = 20  # times from the least to the greatest: beyond it, a scale of powers of ten


def style(number: int) -> dict[str, Any]:
    """Colour, dash and shape of entrant `number`, from 1: twelve that differ in two ways at least."""
    place, round_ = (number - 1) % len(COLOURS), (number - 1) // len(COLOURS)
    return {
        "color": COLOURS[place],
        "dash": DASHES[(place + round_) % len(DASHES)],
        "symbol": SHAPES[(place + round_) % len(SHAPES)],
    }


@in_words
def overlay_figure(entrants: Sequence[EntrantResult], language: Language, axis: Axis = "step") -> go.Figure:
    """Held-out loss against steps or time, a line an entrant: means over its seeds, their deviation as bars."""
    import plotly.graph_objects as go

    figure, base = go.Figure(), None
    for number, entrant in enumerate(entrants, start=1):
        look, points = style(number), mean_curve(entrant)
        stds = [spread.std or 0.0 for *_, spread in points]
        if base is None and points and points[0][0] == 0:
            base = points[0][2].mean
        figure.add_trace(
            curve(
                [step if axis == "step" else seconds for step, seconds, _ in points],
                [spread.mean for *_, spread in points],
                plain(entrant.name, NAME_SHOWN),
                look.pop("color"), width=2, size=8, **look,
                error_y=_bars(stds) if any(stds) else None,
                hovertemplate="%{y:.4f}",
            )
        )  # fmt: skip
    if base is not None:
        base_line(figure, base, 3, language, GREY)
    if not any(trace.y for trace in figure.data):
        say_empty(figure, NOTHING_YET.to(language))
    figure.update_xaxes(title=(STEP if axis == "step" else TIME).to(language), rangemode="tozero")
    figure.update_yaxes(title=AXES["eval_loss"][0].to(language))
    figure.update_layout(hovermode="x unified", uirevision=axis)
    return _on_grid(figure, language, height=400)


@in_words
def pareto_figure(entrants: Sequence[EntrantResult], score: str, cost: str, language: Language) -> go.Figure:
    """Score against price; a ring and the line through them mark those that no other beats.

    `customdata` of a point is the entrant's number, from 1.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    on_front = front(entrants, score, [cost])
    (score_title, score_unit), (cost_title, cost_unit) = AXES[score], AXES[cost]
    places = {
        number: (entrant.measures[cost].mean / cost_unit, entrant.measures[score].mean / score_unit)
        for number, entrant in enumerate(entrants, start=1)
        if score in entrant.measures and cost in entrant.measures
    }
    if ringed := sorted(place for number, place in places.items() if entrants[number - 1].name in on_front):
        xs, ys = zip(*ringed, strict=True)
        ring = curve(xs, ys, FRONT.to(language), GREY, width=1.5, dash="dot", size=24, symbol="circle-open")
        figure.add_trace(ring.update(marker_line_width=2, hoverinfo="skip"))
    for number, (x, y) in places.items():
        entrant, look = entrants[number - 1], style(number)
        verdict = (FRONT if entrant.name in on_front else BEATEN).to(language)
        name, stds = plain(entrant.name, NAME_SHOWN), [entrant.measures[key].std for key in (cost, score)]
        figure.add_trace(
            go.Scatter(
                x=[x],
                y=[y],
                name=name,
                mode="markers+text",
                text=[f"{name}<br>&nbsp;"],  # above the ring
                textposition="top center",
                customdata=[number],
                marker={"color": look["color"], "symbol": look["symbol"], "size": 12},
                error_x=None if stds[0] is None else _bars([stds[0] / cost_unit]),
                error_y=None if stds[1] is None else _bars([stds[1] / score_unit]),
                hovertemplate=f"{significant(x, 4, language)} · %{{y:.4f}}<br>{verdict}<extra>{name}</extra>",
                showlegend=False,
            )
        )
    if places:
        _leave_room(figure, *map(list, zip(*places.values(), strict=True)))
    else:
        say_empty(figure, NONE_FINISHED.to(language))
    figure.update_xaxes(title=cost_title.to(language))
    figure.update_yaxes(title=score_title.to(language))
    figure.update_layout(hovermode="closest", clickmode="event", uirevision=f"{score} {cost}")
    return _on_grid(figure, language, height=440)


def _leave_room(figure: go.Figure, costs: list[float], scores: list[float]) -> None:
    """Axes that reach beyond the outermost points, so that their names are not cut."""
    by_power = min(costs) > 0 and max(costs) > WIDE_RANGE * min(costs)
    places = [math.log10(cost) for cost in costs] if by_power else costs
    figure.update_xaxes(type="log" if by_power else "linear", range=_wider(places, below=0.12, above=0.12))
    figure.update_yaxes(range=_wider(scores, below=0.12, above=0.2))


def _wider(values: list[float], *, below: float, above: float) -> list[float]:
    extent = max(values) - min(values) or abs(values[0]) or 1.0
    return [min(values) - below * extent, max(values) + above * extent]


def _bars(stds: Sequence[float]) -> dict[str, Any]:
    return {"type": "data", "array": list(stds), "color": GREY, "thickness": 1.2, "width": 4}


def _on_grid(figure: go.Figure, language: Language, *, height: int) -> go.Figure:
    figure.update_xaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
    return laid_out(figure, language, height=height, r=24, t=56)

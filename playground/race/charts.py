"""Figures of a race: held-out losses over each other, and score against price. Numbers in, plotly out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.charts.curves import COLOURS, DASHES, GREY, GRID, SHAPES, Axis, laid_out, plain
from playground.charts.words import in_words
from playground.numbers import significant
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAME_SHOWN = 32

STEP = Text("step", "passo")
TIME = Text("seconds", "segundos")
FRONT = Text("not beaten by any other", "ninguém supera")
BEATEN = Text("beaten", "superado")
BASE = Text("base model: {loss:.3f}", "modelo base: {loss:.3f}")
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


class Curve(NamedTuple):
    """An entrant's held-out losses, means over seeds; `stds` is None with a single seed."""

    name: str
    steps: Sequence[int]
    seconds: Sequence[float]
    losses: Sequence[float]
    stds: Sequence[float] | None


class Mark(NamedTuple):
    """An entrant in the Pareto chart; `number` counts the race's entrants from 1."""

    number: int
    name: str
    cost: float
    score: float
    cost_std: float | None
    score_std: float | None
    on_front: bool


def style(number: int) -> dict[str, Any]:
    """Colour, dash and shape of entrant `number`, from 1: twelve that differ in two ways at least."""
    place, round_ = (number - 1) % len(COLOURS), (number - 1) // len(COLOURS)
    return {
        "color": COLOURS[place],
        "dash": DASHES[(place + round_) % len(DASHES)],
        "symbol": SHAPES[(place + round_) % len(SHAPES)],
    }


@in_words
def overlay_figure(curves: Sequence[Curve], language: Language, axis: Axis = "step") -> go.Figure:
    """Held-out loss against steps or time, a line an entrant, its deviation over seeds as bars."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, curve in enumerate(curves, start=1):
        look = style(number)
        figure.add_trace(
            go.Scatter(
                x=list(curve.steps if axis == "step" else curve.seconds),
                y=list(curve.losses),
                name=plain(curve.name, NAME_SHOWN),
                mode="lines+markers",
                line={"color": look["color"], "width": 2, "dash": look["dash"]},
                marker={"symbol": look["symbol"], "size": 8},
                error_y=None if curve.stds is None else _bars(curve.stds),
                hovertemplate="%{y:.4f}",
            )
        )
    base = next((curve.losses[0] for curve in curves if curve.steps and curve.steps[0] == 0), None)
    if base is not None:
        text = BASE.to(language, loss=base)
        figure.add_hline(
            y=base,
            line={"color": GREY, "width": 1.5, "dash": "dash"},
            annotation={"text": text, "font": {"color": GREY, "size": 12}},
            annotation_position="top right",
        )
    if not any(curve.losses for curve in curves):
        _say(figure, NOTHING_YET.to(language))
    figure.update_xaxes(title=(STEP if axis == "step" else TIME).to(language), rangemode="tozero")
    figure.update_yaxes(title=AXES["eval_loss"][0].to(language))
    figure.update_layout(hovermode="x unified", uirevision=axis)
    return _on_grid(figure, language, height=400)


@in_words
def pareto_figure(marks: Sequence[Mark], score: str, cost: str, language: Language) -> go.Figure:
    """Score against price; a ring and the line through them mark those that no other beats.

    `customdata` of a point is the entrant's number.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    score_title, score_unit = AXES[score]
    cost_title, cost_unit = AXES[cost]
    front = sorted((mark for mark in marks if mark.on_front), key=lambda mark: mark.cost)
    if front:
        figure.add_trace(
            go.Scatter(
                x=[mark.cost / cost_unit for mark in front],
                y=[mark.score / score_unit for mark in front],
                name=FRONT.to(language),
                mode="lines+markers",
                line={"color": GREY, "width": 1.5, "dash": "dot"},
                marker={"symbol": "circle-open", "size": 24, "color": GREY, "line": {"width": 2}},
                hoverinfo="skip",
            )
        )
    for mark in marks:
        look = style(mark.number)
        verdict = (FRONT if mark.on_front else BEATEN).to(language)
        cost = significant(mark.cost / cost_unit, 4, language)
        figure.add_trace(
            go.Scatter(
                x=[mark.cost / cost_unit],
                y=[mark.score / score_unit],
                name=plain(mark.name, NAME_SHOWN),
                mode="markers+text",
                text=[f"{plain(mark.name, NAME_SHOWN)}<br>&nbsp;"],  # above the ring
                textposition="top center",
                customdata=[mark.number],
                marker={"color": look["color"], "symbol": look["symbol"], "size": 12},
                error_x=None if mark.cost_std is None else _bars([mark.cost_std / cost_unit]),
                error_y=None if mark.score_std is None else _bars([mark.score_std / score_unit]),
                hovertemplate=f"{cost} · %{{y:.4f}}<br>{verdict}<extra>{plain(mark.name, NAME_SHOWN)}</extra>",
                showlegend=False,
            )
        )
    if not marks:
        _say(figure, NONE_FINISHED.to(language))
    if marks:
        _leave_room(figure, [mark.cost / cost_unit for mark in marks], [mark.score / score_unit for mark in marks])
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


def _say(figure: go.Figure, text: str) -> None:
    where = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    figure.add_annotation(text=text, showarrow=False, font={"color": GREY, "size": 14}, **where)
    figure.update_xaxes(range=[0, 1], showticklabels=False)
    figure.update_yaxes(range=[0, 1], showticklabels=False)


def _on_grid(figure: go.Figure, language: Language, *, height: int) -> go.Figure:
    figure.update_xaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
    return laid_out(figure, language, height=height, r=24, t=56)

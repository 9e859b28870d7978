"""Events of a run -> plotly figures. Pure functions; nothing here knows where the events come from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from playground.charts.axes import COLOURS, DASHES, GREY, GRID, SHAPES, base_line, curve, laid_out, plain, say_empty
from playground.charts.known_events import KnownEvents
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

Axis = Literal["step", "time"]
Events = Sequence[dict[str, Any]]
Points = tuple[list[float], list[float]]  # along the axis, and above it

MAX_POINTS = 1000
SMOOTHING = 0.8
FORGOTTEN = 200  # steps after which a loss weighs less in the smoothed one than a number can tell: 0.8 ** 200

STEP = Text("step", "passo")
TIME = Text("seconds", "segundos")
TRAIN = Text("training, each step", "treino, cada passo")
SMOOTHED = Text("training, smoothed", "treino, suavizado")
HELD_OUT = Text("held-out examples", "exemplos reservados")
LOSS = Text("Loss (lower is better)", "Perda (loss): menor é melhor")
LEARNING_RATE = Text("Learning rate", "Taxa de aprendizado")
SPEED = Text("Tokens per second", "Tokens por segundo")
MEMORY = Text("Memory (MB)", "Memória (MB)")
ACTIVE_RANK = Text("Ranks in use", "Postos em uso")
CHRF = Text("chrF of translations (higher is better)", "chrF das traduções (maior é melhor)")
HELD_OUT_SENTENCES = Text("held-out sentences", "frases reservadas")
GENERAL_SENTENCES = Text("general sentences: forgetting shows here", "frases gerais: aqui se vê o esquecimento")
NO_POINTS = Text("The first point appears after the first step", "O primeiro ponto aparece depois do primeiro passo")


def smooth(values: Sequence[float], weight: float = SMOOTHING) -> list[float]:
    """Exponential moving average, corrected so that the first values are not pulled towards zero."""
    result, average, total = [], 0.0, 0.0
    for value in values:
        average = weight * average + (1 - weight) * value
        total = weight * total + (1 - weight)
        result.append(average / total)
    return result


def downsample(xs: Sequence[float], ys: Sequence[float], limit: int = MAX_POINTS) -> tuple[list[float], list[float]]:
    """At most `limit` of the points, with both ends and the lowest and highest of every stretch."""
    if len(xs) <= limit:
        return list(xs), list(ys)
    buckets = limit // 2 - 1
    kept = {0, len(xs) - 1}
    for bucket in range(buckets):
        stretch = range(bucket * len(xs) // buckets, (bucket + 1) * len(xs) // buckets)
        kept.add(min(stretch, key=lambda index: ys[index]))
        kept.add(max(stretch, key=lambda index: ys[index]))
    order = sorted(kept)
    return [xs[index] for index in order], [ys[index] for index in order]


def of_kind(events: Events, kind: str) -> list[dict[str, Any]]:
    """The events of one kind, in order; not to be changed."""
    if isinstance(events, KnownEvents):
        return events.of_kind(kind)
    return [event for event in events if event["event"] == kind]


@in_words
def loss_figure(events: Events, language: Language, axis: Axis = "step") -> go.Figure:
    """Training loss, raw and smoothed, and held-out loss, with the base model's as a dashed line."""
    figure = empty_curves(LOSS.to(language), language, axis, height=320)
    steps, evals = of_kind(events, "StepLogged"), of_kind(events, "EvalLogged")
    xs, losses = positions(steps, axis), [event["loss"] for event in steps]
    raw, smoothed = downsample(xs, losses), downsample(xs, smooth(losses))
    held_out = downsample(positions(evals, axis), [event["loss"] for event in evals])
    figure.add_traces([
        curve(*raw, TRAIN.to(language), COLOURS[0], size=4, marker_opacity=0.4),
        curve(*smoothed, SMOOTHED.to(language), COLOURS[0], width=2.5),
        curve(*held_out, HELD_OUT.to(language), COLOURS[1], width=2, dash="dot", size=10, symbol="diamond"),
    ])  # fmt: skip
    base = next((event["loss"] for event in evals if event["step"] == 0), None)
    if base is not None:
        base_line(figure, base, 3, language, GREY)
    if not steps and not evals:
        say_empty(figure, NO_POINTS.to(language))
    return figure


@in_words
def score_figure(events: Events, language: Language, axis: Axis = "step") -> go.Figure:
    """chrF of translations: the run's held-out sentences, and the fixed general set, where forgetting shows."""
    figure = empty_curves(CHRF.to(language), language, axis, height=280)
    scored = of_kind(events, "ScoreLogged")
    lines = (("chrf", HELD_OUT_SENTENCES, COLOURS[2], "solid"), ("general_chrf", GENERAL_SENTENCES, COLOURS[3], "dash"))
    for field, name, colour, dash in lines:
        points = [event for event in scored if event[field] is not None]
        if points:
            found = downsample(positions(points, axis), [event[field] for event in points])
            figure.add_trace(curve(*found, name.to(language), colour, width=2.5, dash=dash, size=6))
        base = next((event[field] for event in points if event["step"] == 0), None)
        if base is not None:
            base_line(figure, base, 1, language, colour, dash="dot")
    figure.update_yaxes(rangemode="tozero")
    return figure


class Line(NamedTuple):
    """A chart with one line: what of each step it shows, and in which unit."""

    field: str
    title: Text
    colour: str
    scale: float = 1.0
    from_zero: bool = True


LINES = {
    "learning_rate": Line("learning_rate", LEARNING_RATE, COLOURS[2], from_zero=False),
    "speed": Line("tokens_per_second", SPEED, COLOURS[0]),
    "memory": Line("memory_bytes", MEMORY, COLOURS[3], 1e-6),
    "rank": Line("active_rank", ACTIVE_RANK, COLOURS[4]),  # over all layers; empty for every method but AdaLoRA
}


def new_points(events: Events, known: int, axis: Axis) -> dict[str, list[Points]]:
    """What the events after the first `known` add to each chart of a run: the points of its traces, in their order.

    A chart that was drawn before, extended by these, shows what it would show if it were drawn anew.
    """
    steps, evals = of_kind(events[known:], "StepLogged"), of_kind(events[known:], "EvalLogged")
    recent = of_kind(events, "StepLogged")[-len(steps) - FORGOTTEN :]
    smoothed = smooth([event["loss"] for event in recent])[-len(steps) :] if steps else []
    xs = positions(steps, axis)
    loss = [
        (xs, [event["loss"] for event in steps]),
        (xs, smoothed),
        (positions(evals, axis), [event["loss"] for event in evals]),
    ]
    added = {"loss": loss}
    return added | {chart: [_points_of(line, steps, axis)] for chart, line in LINES.items()}


def _points_of(line: Line, steps: Events, axis: Axis) -> Points:
    shown = [event for event in steps if event.get(line.field) is not None]
    return positions(shown, axis), [event[line.field] * line.scale for event in shown]


@in_words
def line_figure(events: Events, language: Language, axis: Axis = "step", *, chart: str) -> go.Figure:
    line = LINES[chart]
    title, points = line.title.to(language), downsample(*_points_of(line, of_kind(events, "StepLogged"), axis))
    figure = empty_curves(title, language, axis, height=210)
    figure.add_trace(curve(*points, title, line.colour, width=2))
    figure.update_layout(showlegend=False)
    # A rate as it is typed: plotly would say 200μ.
    return figure.update_yaxes(**({"rangemode": "tozero"} if line.from_zero else {"exponentformat": "e"}))


learning_rate_figure, speed_figure, memory_figure, rank_figure = (
    partial(line_figure, chart=chart) for chart in ("learning_rate", "speed", "memory", "rank")
)


@in_words
def overlay(runs: Sequence[tuple[str, Events]], language: Language, axis: Axis = "step") -> go.Figure:
    """The smoothed training loss and the held-out loss of several runs, one colour, dash and shape a run."""
    figure = empty_curves(LOSS.to(language), language, axis, height=420)
    for number, (name, events) in enumerate(runs):
        colour, label = COLOURS[number % len(COLOURS)], plain(name)
        steps, evals = of_kind(events, "StepLogged"), of_kind(events, "EvalLogged")
        trained = downsample(positions(steps, axis), smooth([event["loss"] for event in steps]))
        evaluated = downsample(positions(evals, axis), [event["loss"] for event in evals])
        dash, symbol, group = DASHES[number % len(DASHES)], SHAPES[number % len(SHAPES)], str(number)
        figure.add_trace(curve(*trained, label, colour, width=2.5, dash=dash, legendgroup=group))
        name = f"{label} · {HELD_OUT.to(language)}"
        figure.add_trace(curve(*evaluated, name, colour, size=10, symbol=symbol, legendgroup=group))
    if not runs:
        say_empty(figure, NO_POINTS.to(language))
    return figure


def positions(events: Events, axis: Axis) -> list[float]:
    """Where events lie along the axis."""
    return [event["step"] if axis == "step" else event["seconds"] for event in events]


def empty_curves(title: str, language: Language, axis: Axis, height: int) -> go.Figure:
    """A figure without lines."""
    import plotly.graph_objects as go

    figure = laid_out(go.Figure(), language, height=height, l=48, t=40, b=40)
    figure.update_layout(
        title={"text": title, "font": {"size": 14}, "x": 0.01, "xanchor": "left", "y": 0.97, "yanchor": "top"},
        # below: on a narrow page it takes several lines, which would cover the title
        legend={"yref": "container", "y": 0.0},
        hovermode="x unified",
        uirevision=axis,  # a zoom survives the next points
    )
    axis_title = {"text": (STEP if axis == "step" else TIME).to(language), "standoff": 4}
    figure.update_xaxes(title=axis_title, rangemode="tozero")
    figure.update_xaxes(gridcolor=GRID, zeroline=False, separatethousands=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, separatethousands=True)
    return figure

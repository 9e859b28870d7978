"""What a chart shows in words, for who cannot see it; the page's script hands them to the screen reader."""

from __future__ import annotations

import functools
import html
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, ParamSpec

from playground.numbers import significant
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

P = ParamSpec("P")
MAX_VALUES = 12  # of a series that are all said; of a longer one, its ends and its extremes

CHART = Text("Chart", "Gráfico")
OVER = Text("{vertical} by {horizontal}", "{vertical} por {horizontal}")
LONG = Text(
    "{count} points, from {first} to {last}, lowest {lowest}, highest {highest}",
    "{count} pontos, de {first} a {last}, mínimo {lowest}, máximo {highest}",
)
MAP = Text(
    "a map of {rows} by {columns}, values from {lowest} to {highest}",
    "um mapa de {rows} por {columns}, valores de {lowest} a {highest}",
)
NOTHING = Text("no points yet", "ainda sem pontos")


def in_words(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Decorate what draws a figure, one of its parameters being `language`: the figure then says what it shows."""
    signature = inspect.signature(draw)

    @functools.wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> go.Figure:
        figure = draw(*args, **options)
        language = signature.bind(*args, **options).arguments["language"]
        return figure.update_layout(meta={"description": described(figure, language)})

    return drawn


def described(figure: go.Figure, language: Language) -> str:
    """What the chart is of, then what each of its series says."""
    layout = figure.layout
    panels = [_plain(note.text) for note in layout.annotations] if len(list(figure.select_xaxes())) > 1 else []
    said = []
    for place, trace in enumerate(figure.data):
        name = _plain(trace.name) or (panels[place] if place < len(panels) else "")
        said.append(": ".join(filter(None, [name, _series(figure, trace, language)])))
    vertical, horizontal = (_plain(axis.title.text) for axis in (layout.yaxis, layout.xaxis))
    title = ": ".join(filter(None, [_plain(layout.title.text), vertical]))
    both = title and horizontal
    heading = OVER.to(language, vertical=title, horizontal=horizontal) if both else title or horizontal
    notes = [_plain(note.text) for note in layout.annotations if not panels]
    return ". ".join(filter(None, [heading or CHART.to(language), *(said or [NOTHING.to(language)]), *notes])) + "."


def _series(figure: go.Figure, trace: Any, language: Language) -> str:
    if trace.type == "heatmap":
        values = [value for row in trace.z for value in row if value is not None]
        return MAP.to(language, rows=len(trace.z), columns=len(trace.z[0]), **_ends(values, language)) if values else ""
    along, values = (trace.y, trace.x) if getattr(trace, "orientation", None) == "h" else (trace.x, trace.y)
    points = [(at, value) for at, value in zip(_named(figure, trace, along), values, strict=True) if value is not None]
    if not points:
        return NOTHING.to(language)
    if len(points) <= MAX_VALUES:
        return ", ".join(": ".join(filter(None, [_said(at, language), _said(value, language)])) for at, value in points)
    first, last = (_said(points[end][1], language) for end in (0, -1))
    ends = _ends([value for _, value in points], language)
    return LONG.to(language, count=len(points), first=first, last=last, **ends)


def _named(figure: go.Figure, trace: Any, along: Sequence[Any]) -> Iterator[Any]:
    """The places of a series; where the axis has names for them, these."""
    axis = figure.layout[f"xaxis{(getattr(trace, 'xaxis', None) or 'x')[1:]}"]
    names = dict(zip(axis.tickvals, axis.ticktext, strict=True)) if axis.tickvals and axis.ticktext else {}
    return (names.get(place, place) for place in along)


def _ends(values: Sequence[float], language: Language) -> dict[str, str]:
    return {"lowest": _said(min(values), language), "highest": _said(max(values), language)}


def _said(value: Any, language: Language) -> str:
    """A number as the language writes it, with the digits that tell; a text without plotly's HTML."""
    if not isinstance(value, Real):
        return _plain(str(value))
    return significant(float(value), 4, language)


def _plain(text: str | None) -> str:
    """Without plotly's HTML, and with no character from which HTML could begin anew."""
    words = html.unescape(re.sub(r"<[^>]*>", " ", text or ""))
    return " ".join(words.translate(str.maketrans("<>", "‹›")).split())

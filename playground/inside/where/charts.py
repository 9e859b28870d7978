"""Figures of where an adapter sits and what it changed. Plain numbers in, plotly out; every control is grey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.charts.axes import COLOURS, GREY, GRID, curve, laid_out, plain
from playground.charts.change import LAYER, OUTSIDE, change_map
from playground.charts.words import in_words
from playground.inside.charts import SHUFFLED
from playground.inside.where.intervals import Difference
from playground.inside.where.layer_effects import LayerEffects
from playground.inside.where.soft_prompt import SoftPrompt
from playground.inside.where.weights import Cell, Spectrum, Weights
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

DIRECTION = Text("Direction, strongest first", "Direção, da mais forte à mais fraca")
SINGULAR_VALUE = Text("Singular value of ΔW", "Valor singular de ΔW")
ADAPTER = Text("adapter", "adaptador")
RANDOM = Text("random, of the same size", "aleatório, do mesmo tamanho")
VIRTUAL_TOKEN = Text("Virtual token", "Token virtual")
# What stands along an axis 200 pixels high has some 30 characters; a longer title is cut.
REMOVAL = Text("Loss added without the token", "Perda a mais sem o token")
ATTENTION = Text("Share of attention (%)", "Parcela da atenção (%)")
KNOCK_OUT = Text("Loss added without the layer", "Perda a mais sem a camada")
KNOCK_IN = Text("Loss added by the layer alone", "Perda a mais só com a camada")


def weights_figure(weights: Weights, language: Language) -> go.Figure:
    """The map; a click on a cell types its number, from 1 on, in the order of `weights.cells`."""
    layers, modules, relative = weights.map()
    figure = change_map(layers, modules, relative, language)
    places = {(cell.layer, cell.module): place + 1 for place, cell in enumerate(weights.cells)}
    figure.data[0].customdata = [[places.get((layer, module)) for layer in layers] for module in modules]
    return figure


@in_words
def spectrum_figure(name: str, spectrum: Spectrum, shuffled: Cell | None, language: Language) -> go.Figure:
    """Singular values on a logarithmic axis, which has no zero; `shuffled` is the same layer of the trained control."""
    import plotly.graph_objects as go

    figure, drawn = go.Figure(), list[float]()
    of_control = shuffled.spectrum.values if shuffled and shuffled.spectrum else ()
    sides = (
        (RANDOM, spectrum.control, GREY, "dash"),
        (SHUFFLED, of_control, GREY, "dot"),
        (ADAPTER, spectrum.values, COLOURS[0], "solid"),
    )
    for label, values, colour, dash in sides:
        shown = [value for value in values if value > 0]
        if not shown:
            continue
        drawn += shown
        figure.add_trace(curve(range(1, len(shown) + 1), shown, label.to(language), colour, width=2, dash=dash, size=5))
    figure.update_layout(title={"text": plain(name, 60), "font": {"size": 14}, "x": 0.01, "xanchor": "left"})
    figure.update_xaxes(title=DIRECTION.to(language), gridcolor=GRID, zeroline=False)
    step = _label_step(drawn)
    figure.update_yaxes(title=SINGULAR_VALUE.to(language), type="log", dtick=step, nticks=5, exponentformat="e")
    figure.update_yaxes(gridcolor=GRID)
    return laid_out(figure, language, height=300, legend=True, t=64)


def _label_step(values: Sequence[float]) -> int | str | None:
    """A `dtick` of a logarithmic axis. Where one to two decades are shown plotly's own labels lie on each other.

    Powers of ten are labelled where there are two at least, else 2 and 5 too, and within a decade what plotly chooses.
    """
    if not values or max(values) < 10 * min(values):
        return None
    powers = math.floor(math.log10(max(values))) - math.ceil(math.log10(min(values))) + 1
    return max(1, powers // 6) if powers > 1 else "D2"


@in_words
def removal_figure(prompt: SoftPrompt, shuffled: SoftPrompt | None, language: Language) -> go.Figure:
    """What is lost with each virtual token, with 95 % intervals; of the random and the shuffled prompt in grey."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for label, side, colour, symbol in _sides(prompt, shuffled):
        if removals := side.removals if side else ():
            places = [str(place) for place in range(1, len(removals) + 1)]
            figure.add_trace(_with_intervals(label.to(language), places, removals, colour, symbol))
    figure.update_xaxes(title=VIRTUAL_TOKEN.to(language), **_places_of(prompt.count))
    figure.update_yaxes(title=REMOVAL.to(language), gridcolor=GRID, zerolinecolor=GREY)
    return laid_out(figure, language, height=300, legend=True)


def _places_of(count: int) -> dict[str, Any]:
    """An axis with room for all of them from the first one on: what is measured part by part does not stretch."""
    return {"type": "category", "range": [-0.6, count - 0.4], "gridcolor": GRID, "zeroline": False}


def _sides(found: Any, shuffled: Any | None) -> list[tuple[Text, Any, str, str]]:
    """Label, side, colour and symbol of the random change, the trained control if there is one, and the adapter."""
    return [
        (RANDOM, found.random, GREY, "circle"),
        (SHUFFLED, shuffled.learned if shuffled else None, GREY, "diamond-open"),
        (ADAPTER, found.learned, COLOURS[0], "circle"),
    ]


def _with_intervals(
    name: str, places: Sequence[str], found: Sequence[Difference], colour: str, symbol: str
) -> go.Scatter:
    points = curve(places, [item.change for item in found], name, colour, size=7)
    return points.update(
        marker_symbol=symbol,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(item.high - item.change, 0.0) for item in found],
            "arrayminus": [max(item.change - item.low, 0.0) for item in found],
            "color": colour,
            "thickness": 1.2,
        },
    )


@in_words
def attention_figure(prompt: SoftPrompt, shuffled: SoftPrompt | None, language: Language) -> go.Figure:
    """What of the text's attention goes to all virtual tokens together, layer by layer."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for (label, side, colour, _), dash in zip(_sides(prompt, shuffled), ("dash", "dot", "solid"), strict=True):
        if layers := side.attention if side else ():
            shares = [100 * sum(tokens) for tokens in layers]
            figure.add_trace(curve(range(len(shares)), shares, label.to(language), colour, width=2, dash=dash, size=5))
    figure.update_xaxes(title=LAYER.to(language), gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title=ATTENTION.to(language), rangemode="tozero", gridcolor=GRID)
    return laid_out(figure, language, height=280, legend=True)


@in_words
def knock_out_figure(found: LayerEffects, shuffled: LayerEffects | None, language: Language) -> go.Figure:
    """What the task loses without each layer's change; of a random change and of the trained control in grey."""
    return _effects(found, shuffled, "without", KNOCK_OUT.to(language), language)


@in_words
def knock_in_figure(found: LayerEffects, shuffled: LayerEffects | None, language: Language) -> go.Figure:
    """What each layer's change does alone; of a random change and of the trained control in grey."""
    return _effects(found, shuffled, "alone", KNOCK_IN.to(language), language)


def _effects(
    found: LayerEffects, shuffled: LayerEffects | None, field: str, title: str, language: Language
) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    for label, side, colour, symbol in _sides(found, shuffled):
        if side:
            layers = [effect.layer or OUTSIDE.to(language) for effect in side]
            values = [getattr(effect, field) for effect in side]
            figure.add_trace(_with_intervals(label.to(language), layers, values, colour, symbol))
    figure.update_xaxes(title=LAYER.to(language), **_places_of(found.count))
    figure.update_yaxes(title=title, gridcolor=GRID, zerolinecolor=GREY)
    # On a phone three lines of legend and names set upright leave the axis's title what the rest of it needs.
    return laid_out(figure, language, height=380, legend=True)

"""Figures of a pre-flight: memory in one stacked bar, and where the trained parameters sit. Numbers in, plotly out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from playground.charts.axes import COLOURS, GREY, GRID, laid_out, plain
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

MEGABYTE = 1e6
MODULE_SHOWN = 28
ROW_PIXELS, MOST_PIXELS = 14, 620

PARTS = {
    "weights": Text("weights", "pesos"),
    "activations": Text("activations", "ativações"),
    "gradients": Text("gradients", "gradientes"),
    "optimizer": Text("optimizer", "otimizador"),
    "libraries": Text("libraries", "bibliotecas"),
}
MEGABYTES = Text("Memory (MB)", "Memória (MB)")
FREE = Text("free now", "livre agora")
LAYER = Text("Layer", "Camada")
OUTSIDE = Text("outside", "fora")
PARAMETERS = Text("trained parameters", "parâmetros treinados")
WHERE = Text("Where the trained parameters sit", "Onde ficam os parâmetros treinados")


@in_words
def memory_figure(parts: Mapping[str, int], available: int, language: Language) -> go.Figure:
    """One bar, a piece for each of PARTS in bytes; a line marks what is free, where it is near enough to be seen."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, (name, text) in enumerate(PARTS.items()):
        figure.add_trace(
            go.Bar(
                x=[parts[name] / MEGABYTE],
                y=[""],
                orientation="h",
                name=text.to(language),
                marker_color=GREY if name == "libraries" else COLOURS[place],
                hovertemplate="%{x:,.0f} MB",
            )
        )
    total = sum(parts.values())
    if available < 2 * total:
        figure.add_vline(
            x=available / MEGABYTE, line={"color": "#D55E00", "dash": "dash"}, annotation_text=FREE.to(language)
        )
    figure.update_xaxes(title=MEGABYTES.to(language), gridcolor=GRID, zeroline=False, tickformat=",.0f")
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_layout(legend_traceorder="normal")
    return laid_out(figure, language, height=170, legend=True, b=44)


@in_words
def places_figure(places: Sequence[tuple[str, str, int]], language: Language) -> go.Figure:
    """A map of (layer, module, trained parameters): one row a layer, one column a module; empty where none train."""
    import plotly.graph_objects as go

    outside = OUTSIDE.to(language)
    layers = sorted({layer for layer, _, _ in places}, key=_natural)
    modules = list(dict.fromkeys(module for _, module, _ in places))
    counts = {(layer, module): count for layer, module, count in places}
    figure = go.Figure(
        go.Heatmap(
            x=[_short(module) for module in modules],
            y=[layer or outside for layer in layers],
            z=[[counts.get((layer, module)) for module in modules] for layer in layers],
            colorscale=[[0.0, "#CFE8F5"], [1.0, "#08519C"]],
            zmin=0,
            xgap=1,
            ygap=1,
            colorbar={"title": {"text": PARAMETERS.to(language), "side": "right"}, "thickness": 12},
            hovertemplate=f"{LAYER.to(language)} %{{y}}, %{{x}}: %{{z:,}}<extra></extra>",
        )
    )
    figure.update_yaxes(title=LAYER.to(language), type="category", autorange="reversed")
    figure.update_xaxes(type="category", tickangle=-35)
    figure.update_layout(title={"text": WHERE.to(language), "font": {"size": 14}, "x": 0.0, "xanchor": "left"})
    height = min(MOST_PIXELS, 150 + ROW_PIXELS * max(4, len(layers)))
    return laid_out(figure, language, height=height, legend=False, b=44)


def _natural(layer: str) -> tuple[str, int]:
    """Layers in the order of their numbers, an encoder's before a decoder's, and what has none last."""
    name, _, number = layer.rpartition(" ")
    side = {"encoder": "0", "": "1", "decoder": "2"}.get(name, name)
    return (side, int(number)) if re.fullmatch(r"\d+", number) else ("~", 0)


def _short(module: str) -> str:
    """The end of a module's path, which tells modules apart; plotly reads HTML in texts."""
    short = module if len(module) <= MODULE_SHOWN else "…" + module[-MODULE_SHOWN + 1 :]
    return plain(short)

"""Figures of precisions side by side: what each costs, and what it does to the weights. Numbers in, plotly out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from playground.charts.axes import COLOURS, DASHES, GREY, GRID, SHAPES, curve, laid_out
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

LAYER = Text("Layer", "Camada")
RELATIVE_ERROR = Text("Error of the layer's weights (%)", "Erro dos pesos da camada (%)")
WEIGHT_ERROR = Text(
    "Error of a weight, in units of its matrix's spread (root mean square)",
    "Erro de um peso, em unidades da dispersão de sua matriz (raiz da média dos quadrados)",
)
SHARE = Text("share of weights", "parcela dos pesos")
OUTSIDE = Text("outside of the layers", "fora das camadas")


@in_words
def panels_figure(labels: Sequence[str], panels: Mapping[str, Sequence[float | None]], language: Language) -> go.Figure:
    """One panel a title, one bar a precision; `panels[title][i]` belongs to `labels[i]`; None leaves a gap."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    columns = min(3, len(panels))
    lines = -(-len(panels) // columns)
    figure = make_subplots(rows=lines, cols=columns, subplot_titles=list(panels), vertical_spacing=0.32)
    for place, values in enumerate(panels.values()):
        figure.add_trace(
            go.Bar(
                x=list(labels),
                y=list(values),
                marker_color=[COLOURS[number % len(COLOURS)] for number in range(len(labels))],
                texttemplate="%{y:.4~g}",
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{x}: %{y:.4~g}<extra></extra>",
            ),
            row=place // columns + 1,
            col=place % columns + 1,
        )
        top = 1.18 * max((value for value in values if value is not None), default=1.0)  # room for the figure on a bar
        figure.update_yaxes(range=[0, top], row=place // columns + 1, col=place % columns + 1)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
    figure.update_annotations(font={"size": 13, "color": GREY})
    return laid_out(figure, language, height=270 * lines, legend=False)


@in_words
def layer_figure(
    layers: Sequence[str], errors: Sequence[tuple[str, Sequence[float | None]]], language: Language
) -> go.Figure:
    """The relative error of each layer, a line a precision; logarithmic, so that an error of 0 has no point."""
    import plotly.graph_objects as go

    figure = go.Figure()
    names = [layer or OUTSIDE.to(language) for layer in layers]
    for number, (label, values) in enumerate(errors):
        percent = [100 * value if value else None for value in values]
        if not any(percent):
            continue
        colour = COLOURS[number % len(COLOURS)]
        dash, symbol = DASHES[number % len(DASHES)], SHAPES[number % len(SHAPES)]
        line = curve(names, percent, label, colour, width=2, dash=dash, size=7, symbol=symbol)
        figure.add_trace(line.update(hovertemplate="%{y:.3f}%"))
    figure.update_xaxes(title=LAYER.to(language), type="category", gridcolor=GRID)
    figure.update_yaxes(title=RELATIVE_ERROR.to(language), type="log", gridcolor=GRID, zeroline=False)
    figure.update_layout(hovermode="x unified")
    return laid_out(figure, language, height=340, legend=True)


@in_words
def histogram_figure(
    layers: Sequence[str], centres: Sequence[float], counts: Sequence[Sequence[int]], language: Language
) -> go.Figure:
    """One row a layer, one column a range of errors, the colour the share of the layer's weights in it."""
    import plotly.graph_objects as go

    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    figure = go.Figure(
        go.Heatmap(
            x=list(centres),
            y=[layer or OUTSIDE.to(language) for layer in layers],
            z=shares,
            colorscale="Cividis",
            colorbar={"title": {"text": SHARE.to(language)}, "tickformat": ".0%"},
            hovertemplate="%{y}, %{x:.2f}: %{z:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(title=WEIGHT_ERROR.to(language), zeroline=False)
    figure.update_yaxes(title=LAYER.to(language), type="category", autorange="reversed")
    return laid_out(figure, language, height=max(280, 130 + 14 * len(layers)), legend=False)

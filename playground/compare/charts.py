"""Scores of a comparison -> one small bar chart a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.charts.axes import COLOURS, GREY, GRID, laid_out, plain
from playground.charts.words import in_words
from playground.numbers import significant
from playground.texts import Language

if TYPE_CHECKING:
    import plotly.graph_objects as go


@in_words
def score_figure(columns: Sequence[str], scores: Sequence[dict[str, float]], language: Language) -> go.Figure:
    """`scores[i]` belongs to `columns[i]`. Metrics have scales of their own, so each has its own panel."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    metrics = list(dict.fromkeys(name for column in scores for name in column))
    positions = list(range(len(columns)))  # not names, on the axis: two runs may bear the same name
    colours = [COLOURS[position % len(COLOURS)] for position in positions]
    figure = make_subplots(rows=1, cols=len(metrics), subplot_titles=metrics)
    for place, metric in enumerate(metrics, start=1):
        values = [column.get(metric) for column in scores]
        figure.add_trace(
            go.Bar(
                x=positions,
                y=values,
                marker_color=colours,
                text=["" if value is None else significant(value, 3, language) for value in values],
                textposition="auto",
            ),
            row=1,
            col=place,
        )
        names = [plain(name, 24) for name in columns]
        figure.update_xaxes(tickmode="array", tickvals=positions, ticktext=names, row=1, col=place)
    figure.update_yaxes(rangemode="tozero", gridcolor=GRID, zeroline=False)
    figure.update_annotations(font={"size": 13, "color": GREY})
    return laid_out(figure, language, height=260, legend=False, l=40, t=40, b=40)

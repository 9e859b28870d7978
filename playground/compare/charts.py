"""Scores of a comparison -> one small bar chart a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.charts.curves import COLOURS, GREY, GRID, plain
from playground.charts.words import in_words
from playground.numbers import separators, significant
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
        figure.update_xaxes(
            tickmode="array",
            tickvals=positions,
            ticktext=[plain(name, 24) for name in columns],
            row=1,
            col=place,
        )
    figure.update_yaxes(rangemode="tozero", gridcolor=GRID, zeroline=False)
    figure.update_annotations(font={"size": 13, "color": GREY})
    figure.update_layout(
        height=260,
        margin={"l": 40, "r": 16, "t": 40, "b": 40},
        showlegend=False,
        separators=separators(language),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY, "size": 12},
    )
    return figure

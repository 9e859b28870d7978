"""The figure of a learning-rate range test. Numbers in, plotly out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.charts.axes import COLOURS, GREY, GRID, curve, laid_out
from playground.charts.curves import LEARNING_RATE, LOSS
from playground.charts.words import in_words
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

EACH_STEP = Text("each step", "cada passo")
SMOOTHED = Text("smoothed", "suavizada")
DEFAULT = Text("default {rate:.2g}", "padrão {rate:.2g}")
SUGGESTION = Text("suggestion {rate:.2g}", "sugestão {rate:.2g}")
HEADROOM = 1.6  # times the first loss: a loss that explodes must not flatten the rest of the curve


@in_words
def range_figure(
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    default: float,
    suggestion: float | None,
    language: Language,
) -> go.Figure:
    """Loss over the logarithm of the rate, with the method's default and the suggestion as upright lines."""
    import plotly.graph_objects as go

    figure = go.Figure()
    shown, shown_smoothed = ([value if math.isfinite(value) else None for value in row] for row in (losses, smoothed))
    figure.add_trace(curve(rates, shown, EACH_STEP.to(language), COLOURS[0], size=5, marker_opacity=0.45))
    figure.add_trace(curve(rates, shown_smoothed, SMOOTHED.to(language), COLOURS[0], width=2.5))
    lines = [(default, DEFAULT, GREY, "dash", "top left")]
    if suggestion is not None:
        lines.append((suggestion, SUGGESTION, COLOURS[3], "solid", "bottom left"))
    for rate, text, colour, dash, place in lines:
        figure.add_vline(
            x=rate,
            line={"color": colour, "width": 2, "dash": dash},
            # plotly places the line by the rate and its text by the logarithm
            annotation={"text": text.to(language, rate=rate), "font": {"color": colour}, "x": math.log10(rate)},
            annotation_position=place,
        )
    figure.update_xaxes(title=LEARNING_RATE.to(language), type="log", gridcolor=GRID, exponentformat="e")
    figure.update_yaxes(title=LOSS.to(language), range=_visible(losses), gridcolor=GRID, zeroline=False)
    return laid_out(figure, language, height=300, l=48, t=36)


def _visible(losses: Sequence[float]) -> list[float] | None:
    """The range of the axis: from below the lowest loss to a little above where it began."""
    finite = [value for value in losses if math.isfinite(value)]
    if not finite:
        return None
    top = min(max(finite), HEADROOM * max(finite[:5])) * 1.05
    return [min(finite) * 0.9, top]

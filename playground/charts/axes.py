"""What charts are drawn with: colours, dashes and shapes, traces, and the frame around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.numbers import decimal, separators
from playground.texts import Language, Text

if TYPE_CHECKING:
    import plotly.graph_objects as go

# After Okabe and Ito's colours, which people with any colour vision tell apart, each with a contrast of 3 : 1 at
# least with the light page and with the dark one; dashes and marker shapes say the same once more.
COLOURS = ("#2E8BC9", "#C08500", "#009E73", "#D55E00", "#C66FA0", "#8C7AE6")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SHAPES = ("circle", "square", "diamond", "triangle-up", "x", "star")
GREY = "#8A919E"
FONT = "IBM Plex Sans, ui-sans-serif, system-ui, sans-serif"
GRID = "rgba(128, 136, 150, 0.22)"

BASE = Text("base model", "modelo base")


def curve(
    xs: Sequence[Any], ys: Sequence[Any], name: str, colour: str, *,
    width: float = 0, dash: str = "solid", size: float = 0, symbol: str = "circle", **more: Any,
) -> go.Scatter:  # fmt: skip
    """A line where it has a `width`, points where they have a `size`; `more` are plotly's own attributes."""
    import plotly.graph_objects as go

    line = {"color": colour, "width": width, "dash": dash} if width else None
    marker = {"color": colour, "size": size, "symbol": symbol} if size else None
    mode = "+".join(part for part, look in (("lines", line), ("markers", marker)) if look)
    return go.Scatter(x=list(xs), y=list(ys), name=name, mode=mode, line=line, marker=marker, **more)


def base_line(figure: go.Figure, base: float, digits: int, language: Language, colour: str, dash: str = "dash") -> None:
    """What the base model reaches, from side to side."""
    figure.add_hline(
        y=base,
        line={"color": colour, "width": 1.5, "dash": dash},
        annotation={
            "text": f"{BASE.to(language)}: {decimal(base, digits, language)}",
            "font": {"color": colour, "size": 12},
        },
        annotation_position="top right",
    )


def say_empty(figure: go.Figure, text: str) -> None:
    """`text` in the place of points."""
    figure.add_annotation(
        text=text,
        showarrow=False,
        font={"color": GREY, "size": 14},
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
    )
    figure.update_xaxes(range=[0, 1], showticklabels=False)
    figure.update_yaxes(range=[0, 1], showticklabels=False)


def plain(text: str, width: int | None = None) -> str:
    """Plotly reads a small HTML in texts; what somebody named is only text, and short enough for its place."""
    short = text if width is None or len(text) <= width else text[: width - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def laid_out(
    figure: go.Figure, language: Language, *, height: int, legend: bool | None = None, **margins: int
) -> go.Figure:
    """Transparent and grey, so that it sits on a light and on a dark page; numbers as the language writes them.

    Without `legend` plotly shows one for more than one trace. `margins` are plotly's l, r, t and b, in pixels.
    """
    figure.update_layout(
        height=height,
        margin={"l": 56, "r": 16, "t": 44, "b": 48, **margins},
        showlegend=legend,
        # at the left: plotly's own buttons appear at the right
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0.0},
        separators=separators(language),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY, "size": 12, "family": FONT},
    )
    return figure

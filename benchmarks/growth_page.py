"""docs/growth.md and its picture, from what benchmarks/growth.py has measured."""

from __future__ import annotations

import os
import re
from itertools import cycle
from math import log10
from pathlib import Path

import plotly.graph_objects as go
from growth import CURVES, Measured, in_short, table
from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs
from plotly.subplots import make_subplots

from playground.charts.axes import COLOURS, GREY, GRID, SHAPES
from playground.environment import cpu_model
from tests.browser import bring_chromium

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "growth.md"
PICTURE = ROOT / "assets" / "images" / "growth.png"
MARKED = re.compile(r"(<!-- growth:[^>]*-->\n).*?(<!-- /growth -->)", re.DOTALL)
COLUMNS = 3
WIDTH, HEIGHT_OF_ROW = 1200, 380


def write(curves: list[list[Measured]], busy: float, minutes: float) -> None:
    """`busy` is how many programs were at work before, `minutes` how long it took."""
    machine = (
        f"Measured on {os.cpu_count()} cores ({cpu_model()}), in {minutes:.0f} minutes; in the minute before,"
        f" {busy:.1f} other programs were at work on average."
    )
    text = "\n\n".join([machine, *map(_markdown, map(table, curves))])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page), encoding="utf-8")
    take(figure(curves), PICTURE)
    print(f"{PAGE}, {PICTURE}: look at them before you commit them.")


def figure(curves: list[list[Measured]]) -> go.Figure:
    """A panel for each curve: how many times what it was at the smallest size each measure is, on logarithmic axes."""
    rows = -(-len(curves) // COLUMNS)
    titles = [CURVES[lines[0].curve].grows for lines in curves]
    drawn = make_subplots(rows, COLUMNS, subplot_titles=titles, horizontal_spacing=0.06, vertical_spacing=0.2 / rows)
    for place, lines in enumerate(curves):
        where = {"row": place // COLUMNS + 1, "col": place % COLUMNS + 1}
        legend = f"legend{place + 1}" if place else "legend"
        sizes = lines[0].sizes
        linear = [size / sizes[0] for size in sizes]
        drawn.add_scatter(
            x=sizes, y=linear, name="linear", mode="lines", line={"color": GREY, "dash": "dash"}, legend=legend, **where
        )  # fmt: skip
        for line, colour, shape in zip(lines, cycle(COLOURS), cycle(SHAPES), strict=False):
            times = [value / line.values[0] for value in line.values]
            drawn.add_scatter(
                x=sizes, y=times, name=line.measure.replace("_", " "), mode="lines+markers", legend=legend,
                line={"color": colour, "width": 2.5}, marker={"symbol": shape, "size": 9}, **where,
            )  # fmt: skip
        names = [in_short(size).replace(" ", "<br>") for size in sizes]
        drawn.update_xaxes(type="log", tickvals=sizes, ticktext=names, tickangle=0, **where)
        drawn.update_yaxes(type="log", dtick=1, range=_range(lines, linear[-1]), **where)
        panel = drawn.get_subplot(**where)
        corner = {"x": panel.xaxis.domain[0] + 0.005, "y": panel.yaxis.domain[1] - 0.005, "yanchor": "top"}
        drawn.update_layout({legend: {**corner, "bgcolor": "rgba(255, 255, 255, 0.7)", "font": {"size": 12}}})
    drawn.update_xaxes(gridcolor=GRID, linecolor=GREY)
    drawn.update_yaxes(gridcolor=GRID, linecolor=GREY, zeroline=False)
    drawn.update_yaxes(title="times the smallest", col=1)
    margins = {"l": 70, "r": 20, "t": 40, "b": 40}
    return drawn.update_layout(template="plotly_white", width=WIDTH, height=rows * HEIGHT_OF_ROW, margin=margins)


def _range(lines: list[Measured], linear: float) -> list[float]:
    """Powers of ten between which all lines lie, with room above them for the legend."""
    times = [value / line.values[0] for line in lines for value in line.values]
    low, high = log10(min(times)) - 0.3, log10(max(*times, linear))
    legend = 0.08 + 0.065 * (len(lines) + 1)  # of the panel's height
    return [low, low + (high - low) / (1 - legend)]


def take(drawn: go.Figure, target: Path) -> None:
    """Drawn by Chromium, as the page draws."""
    chromium = bring_chromium.bring()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": drawn.layout.width, "height": drawn.layout.height})
        page.set_content("<body style='margin: 0'><div id='drawn'></div></body>")
        page.add_script_tag(content=get_plotlyjs())
        page.evaluate(
            "([data, layout]) => Plotly.newPlot('drawn', data, layout, {staticPlot: true})",
            [drawn.to_plotly_json()["data"], drawn.to_plotly_json()["layout"]],
        )
        page.screenshot(path=target)
        browser.close()


def _markdown(rows: list[list[str]]) -> str:
    heading, *others = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([heading, f"|---|{'---:|' * (len(rows[0]) - 1)}", *others])

"""Clicks into a chart: gr.Plot tells nobody about them, but the chart itself does."""

from __future__ import annotations

import gradio as gr

# The chart may be drawn anew at any time, so its box is watched.
TYPE_CLICKED = """() => {
    const box = document.getElementById("%s");
    if (!box || box.typesClicks) return;
    box.typesClicks = true;
    const type = (event) => {
        const number = event.points.map((point) => point.customdata).find(Boolean);
        const field = document.querySelector("#%s input");
        if (!number || !field) return;
        field.value = number;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const listen = () => {
        const chart = box.querySelector(".js-plotly-plot");
        if (!chart || !chart.on) return;
        chart.removeAllListeners("plotly_click");
        chart.on("plotly_click", type);
    };
    new MutationObserver(listen).observe(box, { childList: true, subtree: true });
    listen();
}"""


def type_clicked(chart: gr.Plot, field: gr.Number) -> None:
    """A click on a point of `chart` puts its `customdata`, a number, into `field`, as if it were typed."""
    chart.change(None, js=TYPE_CLICKED % (chart.elem_id, field.elem_id), api_visibility="private")

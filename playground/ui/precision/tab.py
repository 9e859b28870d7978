"""The Quantization tab: what a base costs and how much it loses in each precision, measured here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.catalog.models import MODELS
from playground.texts import Language
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import t
from playground.ui.train.fields import model_choices


@dataclass(frozen=True)
class QuantizationTab:
    """The tab's components. `latest` holds the comparison that is shown, or None."""

    model: gr.Dropdown
    train: gr.Checkbox
    again: gr.Checkbox
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    latest: gr.State
    results: gr.Column
    summary: gr.HTML
    panels: gr.Plot
    layers: gr.Plot
    precision: gr.Radio
    histogram: gr.Plot

    @property
    def request(self) -> list[Any]:
        """What `quantization_events.measured` takes, in its order."""
        return [self.model, self.train, self.again]

    @property
    def shown(self) -> list[Any]:
        """What `quantization_events.views` fills, in its order."""
        return [self.latest, self.results, self.summary, self.panels, self.layers, self.precision, self.histogram]


def build(language: Language) -> QuantizationTab:
    gr.HTML(f"<p>{t('quant_intro', language)}</p>", padding=True)
    with gr.Row(equal_height=False):
        model = gr.Dropdown(
            model_choices(), value=next(iter(MODELS)), allow_custom_value=True, min_width=320, elem_id="quant-model",
            label=t("quant_model", language), info=t("quant_model_help", language),
        )  # fmt: skip
        train, again = (
            gr.Checkbox(
                False, min_width=240, elem_id=f"quant-{name}",
                label=t(f"quant_{name}", language), info=t(f"quant_{name}_help", language),
            )
            for name in ("train", "again")
        )  # fmt: skip
    with gr.Row():
        start = gr.Button(t("quant_start", language), variant="primary", elem_id="quant-start")
        stop = gr.Button(t("quant_stop", language), variant="stop", interactive=False, elem_id="quant-stop")
    status = gr.HTML(progress_html(t("quant_welcome", language)), padding=True, elem_id="quant-status")
    with gr.Column(visible=False) as results:
        summary = gr.HTML(css_template=TABLE_CSS, padding=True, elem_id="quant-summary")
        panels = gr.Plot(show_label=False, elem_id="quant-panels")
        gr.HTML(f"<p>{t('quant_layers_help', language)}</p>", padding=True)
        layers = gr.Plot(show_label=False, elem_id="quant-layers")
        precision = gr.Radio([], label=t("quant_histogram", language), elem_id="quant-precision")
        histogram = gr.Plot(show_label=False, elem_id="quant-histogram")
    return QuantizationTab(
        model=model, train=train, again=again, start=start, stop=stop, status=status, latest=gr.State(None),
        results=results, summary=summary, panels=panels, layers=layers, precision=precision, histogram=histogram,
    )  # fmt: skip

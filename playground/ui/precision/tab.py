"""The Quantization tab: what a base costs and how much it loses in each precision, measured here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from playground.catalog.models import MODELS
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.precision import html
from playground.ui.texts import t
from playground.ui.train.fields import chosen_model, model_choices

if TYPE_CHECKING:
    from playground.precision.comparison import PrecisionComparison


class Asked(NamedTuple):
    """What is to be measured; `again` passes over what was measured before."""

    model: str
    train: bool
    again: bool


class PrecisionTab:
    """`latest` holds the comparison that is shown, or None."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self._lay_out()

    def _lay_out(self) -> None:
        language = self.language
        gr.HTML(f"<p>{t('precision_intro', language)}</p>", padding=True)
        with gr.Row(equal_height=False):
            self.model = gr.Dropdown(
                model_choices(), value=next(iter(MODELS)), allow_custom_value=True, min_width=320,
                elem_id="quant-model", label=t("precision_model", language), info=t("precision_model_help", language),
            )  # fmt: skip
            self.train, self.again = (
                gr.Checkbox(
                    False, min_width=240, elem_id=f"quant-{name}",
                    label=t(f"precision_{name}", language), info=t(f"precision_{name}_help", language),
                )
                for name in ("train", "again")
            )  # fmt: skip
        self.start, self.stop = build_buttons("precision", language, "quant")
        self.status = gr.HTML(progress_html(t("precision_welcome", language)), padding=True, elem_id="quant-status")
        self.latest = gr.State(None)
        with gr.Column(visible=False) as self.results:
            self.summary = gr.HTML(css_template=TABLE_CSS, padding=True, elem_id="quant-summary")
            self.panels = gr.Plot(show_label=False, elem_id="quant-panels")
            gr.HTML(f"<p>{t('precision_layers_help', language)}</p>", padding=True)
            self.layers = gr.Plot(show_label=False, elem_id="quant-layers")
            self.precision = gr.Radio([], label=t("precision_histogram", language), elem_id="quant-precision")
            self.histogram = gr.Plot(show_label=False, elem_id="quant-histogram")

    def connect(self, page: gr.Blocks) -> None:
        measuring = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        figures = [self.panels, self.layers, self.precision, self.histogram]
        asked = {"model": self.model, "train": self.train, "again": self.again}
        measuring.wire(page, [self.status, self.latest, self.results, self.summary, *figures], inputs_kwargs=asked)
        chosen: dict[str, Any] = {"latest": self.latest, "precision": self.precision}
        self.precision.input(self.show_histogram, None, self.histogram, inputs_kwargs=chosen, **QUIET)

    def check(self, *, model: str | None, train: bool, again: bool) -> Asked:
        """The form's values. Raises ModelError for no model."""
        return Asked(chosen_model(model), bool(train), bool(again))

    def begin(self, _: Asked) -> Shown:
        return {self.status: progress_html(t("precision_preparing", self.language))}

    def work(self, asked: Asked, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """What is being done, and the results whenever a precision is finished."""
        finished = 0
        found = self.playground.compare_precisions(
            asked.model, train=asked.train, again=asked.again, should_stop=should_stop
        )
        for step in found:
            count = len(step.measured) + len(step.training)
            changed = count != finished or not step.current
            finished = count
            status = html.status_html(step, asked.train, self.language)
            yield {self.status: status} | (self.show(step) if changed else {})

    def fail(self, _: Asked) -> Shown:
        return {self.status: progress_html(t("precision_failed", self.language))}

    def show(self, found: PrecisionComparison) -> Shown:
        """A comparison as far as it is; no figures before the first precision is finished."""
        shown: Shown = {
            self.latest: found,
            self.results: gr.Column(visible=bool(found.measured or found.failed)),
            self.summary: html.summary_html(found, self.language),
        }
        if not found.measured:
            return shown
        choices = html.choices(found)
        shown |= {
            self.panels: html.panels(found, self.language),
            self.layers: html.layers(found, self.language),
            self.precision: gr.Radio(choices=choices, value=choices[-1][1] if choices else None, visible=bool(choices)),
        }
        return shown | ({self.histogram: html.histogram(found, choices[-1][1], self.language)} if choices else {})

    def show_histogram(self, *, latest: PrecisionComparison | None, precision: str | None) -> Any:
        if latest is None or precision not in latest.measured:
            return gr.skip()
        return html.histogram(latest, str(precision), self.language)

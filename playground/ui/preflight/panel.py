"""Before you train: what the form's run would cost, as a strip beside Train and a view beside the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from playground.errors import PlaygroundError
from playground.preflight import charts
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.preflight import html
from playground.ui.texts import t
from playground.ui.train.values import values_from

if TYPE_CHECKING:
    from playground.preflight.report import Preflight
    from playground.ui.train.form import TrainForm


def cost_strip() -> gr.HTML:
    """One line beside the Train button; empty until the first edit, so that the page starts without torch."""
    return gr.HTML("", elem_id="pp-preflight-strip", padding=False)


class PreflightPanel:
    """The view's tab; `strip` stands elsewhere."""

    def __init__(self, playground: Playground, language: Language, strip: gr.HTML) -> None:
        self.playground, self.language, self.strip = playground, language, strip
        with gr.Tab(t("view_preflight", language), id="preflight") as self.view:
            self.findings = gr.HTML(f'<p class="pp-empty">{t("preflight_empty", language)}</p>', elem_id="pp-preflight")
            self.facts = gr.HTML("")
            self.exact = gr.Button(t("preflight_exact_button", language), size="sm", visible=False)
            self.memory = gr.Plot(show_label=False, container=False, visible=False)
            with gr.Row(equal_height=True):
                self.measure = gr.Button(t("preflight_time_button", language), size="sm", scale=0, min_width=220)
                self.time = gr.HTML("", elem_id="pp-preflight-time")
            self.places = gr.Plot(show_label=False, container=False, visible=False)

    @property
    def shown(self) -> list[Component]:
        return [self.strip, self.findings, self.facts, self.exact, self.memory, self.places]

    def connect(self, form: TrainForm) -> None:
        """Counts anew after every edit and when the view is opened; of many edits at once the last counts."""
        counted: dict[str, Any] = {"inputs_kwargs": form.inputs, "trigger_mode": "always_last", **PAST_QUEUE}
        for event in (form.edited.then, self.view.select):
            event(self.preflight, None, self.shown, **counted)
        self.exact.click(
            shows_errors(self.language)(self.count_exactly), None, self.shown,
            inputs_kwargs=form.inputs, trigger_mode="once", api_visibility="private",
        )  # fmt: skip
        self.measure.click(
            shows_errors(self.language)(self.time_run), None, self.time,
            inputs_kwargs=form.inputs, trigger_mode="once", api_visibility="private",
        )  # fmt: skip

    def preflight(self, **fields: Any) -> Shown:
        try:
            return self.show(self.playground.preflight(values_from(self.language, **fields)))
        except PlaygroundError as error:  # half-typed settings are no reason for a message in the visitor's way
            return self.refuse(error)

    def count_exactly(self, **fields: Any) -> Shown:
        """The same of every row of a large file."""
        return self.show(self.playground.preflight(values_from(self.language, **fields), exact=True))

    def time_run(self, **fields: Any) -> str:
        return html.time_html(self.playground.time_run(values_from(self.language, **fields)), self.language)

    def show(self, report: Preflight) -> Shown:
        language, memory = self.language, report.memory
        places = [(place.layer, place.module, place.parameters) for place in report.places]
        shares = {part: getattr(memory, part) for part in charts.PARTS} if memory else {}
        bar = charts.memory_figure(shares, memory.available, language) if memory else None
        has_map = len(places) > 1
        return {
            self.strip: html.strip_html(report, language),
            self.findings: html.findings_html(report, language),
            self.facts: html.facts_html(report, language),
            self.exact: gr.Button(visible=bool(report.tokens and report.tokens.sample)),
            self.memory: gr.Plot(bar, visible=memory is not None),
            self.places: gr.Plot(charts.places_figure(places, language) if has_map else None, visible=has_map),
        }

    def refuse(self, error: PlaygroundError) -> Shown:
        """What is wrong in the place of what it would cost."""
        return {
            self.strip: html.error_strip_html(error, self.language),
            self.findings: html.refused_html(error, self.language),
            self.facts: "",
            self.exact: gr.Button(visible=False),
            self.memory: gr.Plot(visible=False),
            self.places: gr.Plot(visible=False),
        }

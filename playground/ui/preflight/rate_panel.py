"""The learning-rate finder of the Train tab: a test with the form's settings, its curve, and a button that takes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from playground.config import RunConfig
from playground.numbers import significant
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Job, Shown
from playground.ui.parts.progress_bar import progress_html
from playground.ui.preflight.html import rates_figure, rates_html
from playground.ui.texts import t
from playground.ui.train.values import values_from

SECONDS_BETWEEN_CURVES = 1.0


class RatePanel:
    """`found` holds the suggestion as the form's field takes it, or nothing."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.found = gr.State(None)
        with gr.Accordion(t("lr_title", language), open=False, elem_id="lr-finder"):
            self._lay_out()

    def _lay_out(self) -> None:
        language = self.language
        gr.HTML(t("lr_help", language), elem_classes="pp-about", padding=False)
        with gr.Row():
            self.start = gr.Button(t("lr_start", language), size="sm", min_width=140, elem_id="lr-start")
            self.stop = gr.Button(t("lr_stop", language), size="sm", min_width=80, interactive=False, elem_id="lr-stop")
        self.status = gr.HTML(elem_id="lr-status", padding=False)
        self.curve = gr.Plot(show_label=False, visible=False, elem_id="lr-curve")
        self.use = gr.Button(visible=False, size="sm", variant="primary", elem_id="lr-use")

    def connect(self, page: gr.Blocks, inputs: dict[str, Any]) -> None:
        """`inputs` are those of the form, the learning rate among them."""
        finding = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        finding.wire(page, [self.status, self.curve, self.found, self.use], inputs_kwargs=inputs)
        self.use.click(lambda rate: rate or "", self.found, inputs["learning_rate"], **PAST_QUEUE)

    def check(self, **fields: Any) -> RunConfig:
        return self.playground.check(values_from(self.language, **fields))

    def begin(self, _: RunConfig) -> Shown:
        preparing = progress_html(t("lr_preparing", self.language), 0.0)
        return {self.status: preparing, self.found: None, self.use: gr.Button(visible=False)}

    def work(self, config: RunConfig, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """Status, curve, suggestion and the button that takes it, as the test goes on."""
        drawn, language = 0.0, self.language
        for test in self.playground.find_learning_rate(config, should_stop):
            ended = test.finished or test.stopped
            if not ended and time.monotonic() - drawn < SECONDS_BETWEEN_CURVES:
                continue
            drawn = time.monotonic()
            rate = None if test.suggestion is None else significant(test.suggestion, 2, language)
            shown: Shown = {self.status: rates_html(test, language)}
            if test.points:
                shown[self.curve] = gr.Plot(value=rates_figure(test, language), visible=True)
            if ended:
                shown[self.found] = rate
                shown[self.use] = gr.Button(value=t("lr_use", language, rate=rate), visible=rate is not None)
            yield shown

    def fail(self, _: RunConfig) -> Shown:
        return {self.status: progress_html(t("lr_failed", self.language))}

"""The learning-rate finder of the Train tab: a test with the form's settings, its curve, and a button that takes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.numbers import significant
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Job
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import t
from playground.ui.train import fields

if TYPE_CHECKING:
    from playground.preflight.rate_finder import RangeTest

SECONDS_BETWEEN_CURVES = 1.0


@dataclass(frozen=True)
class LrPanel:
    """`found` holds the suggestion as the form's field takes it, or nothing."""

    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    curve: gr.Plot
    found: gr.State
    use: gr.Button


def build(language: Language) -> LrPanel:
    with gr.Accordion(t("lr_title", language), open=False, elem_id="lr-finder"):
        gr.HTML(t("lr_help", language), elem_classes="pp-about", padding=False)
        with gr.Row():
            start = gr.Button(t("lr_start", language), size="sm", min_width=140, elem_id="lr-start")
            stop = gr.Button(t("lr_stop", language), size="sm", min_width=80, interactive=False, elem_id="lr-stop")
        status = gr.HTML(elem_id="lr-status", padding=False)
        curve = gr.Plot(show_label=False, visible=False, elem_id="lr-curve")
        use = gr.Button(visible=False, size="sm", variant="primary", elem_id="lr-use")
    return LrPanel(start=start, stop=stop, status=status, curve=curve, found=gr.State(None), use=use)


def wire(panel: LrPanel, form: fields.TrainForm, page: gr.Blocks, playground: Playground, language: Language) -> None:
    preparing, failed = progress_html(t("lr_preparing", language), 0.0), progress_html(t("lr_failed", language))

    def check(**values: Any) -> RunConfig:
        return playground.check(fields.values_from(**values))

    finding = Job(
        panel.start,
        panel.stop,
        language,
        check=check,
        begin=lambda _: {panel.status: preparing, panel.use: gr.Button(visible=False)},
        work=partial(tested, playground, language=language),
        fail=lambda _: {panel.status: failed},
    )
    finding.wire(page, [panel.status, panel.curve, panel.found, panel.use], inputs_kwargs=form.inputs_kwargs())
    panel.use.click(lambda rate: rate or "", panel.found, form.numbers["learning_rate"], **PAST_QUEUE)


def tested(
    playground: Playground, config: RunConfig, should_stop: Callable[[], bool], language: Language
) -> Iterator[tuple[Any, ...]]:
    """Status, curve, suggestion and the button that takes it, as the test goes on."""
    drawn = 0.0
    for test in playground.find_learning_rate(config, should_stop):
        ended = test.finished or test.stopped
        if not ended and time.monotonic() - drawn < SECONDS_BETWEEN_CURVES:
            continue
        drawn = time.monotonic()
        curve = gr.Plot(value=figure(test, language), visible=True) if test.points else gr.skip()
        if not ended:
            yield status(test, language), curve, None, gr.Button(visible=False)
            continue
        rate = None if test.suggestion is None else significant(test.suggestion, 2, language)
        label = t("lr_use", language, rate=rate)
        yield status(test, language), curve, rate, gr.Button(value=label, visible=rate is not None)


def status(test: RangeTest, language: Language) -> str:
    """One sentence on where the test is, or on what it found."""
    values = {"method": METHODS[test.method].label, "default": significant(test.default, 3, language)}
    if test.stopped:
        return progress_html(t("lr_stopped", language))
    if test.finished and test.suggestion is None:
        return progress_html(t("lr_none", language, **values))
    if test.finished:
        found = {"suggestion": test.suggestion, "lowest": test.lowest}
        values |= {name: significant(rate, 2, language) for name, rate in found.items()}
        return progress_html(t("lr_suggested", language, **values))
    if not test.points:
        return progress_html(t("lr_preparing", language), 0.0)
    last = test.points[-1]
    text = t("lr_progress", language, step=last.step, total=test.steps, rate=significant(last.rate, 2, language))
    return progress_html(text, last.step / test.steps)


def figure(test: RangeTest, language: Language) -> Any:
    from playground.preflight.rate_chart import range_figure

    rates, losses, smoothed = zip(*((point.rate, point.loss, point.smoothed) for point in test.points), strict=True)
    return range_figure(rates, losses, smoothed, test.default, test.suggestion, language)

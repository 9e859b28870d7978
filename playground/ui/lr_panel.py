"""The learning-rate finder of the Train tab: a test with the form's settings, its curve, and a button that takes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.catalog.methods import METHODS
from playground.numbers import significant
from playground.service import Playground
from playground.texts import Language
from playground.ui import fields
from playground.ui.feedback import shows_errors
from playground.ui.progress_bar import progress_html
from playground.ui.strings import t

if TYPE_CHECKING:
    from playground.train.lr_finder import RangeTest

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
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
    stops: dict[str, threading.Event] = {}  # by page: each visitor stops only what they began

    def begin(request: gr.Request) -> tuple[Any, ...]:
        stops[str(request.session_hash)] = threading.Event()
        buttons = gr.Button(interactive=False), gr.Button(interactive=True)
        return *buttons, progress_html(t("lr_preparing", language), 0.0), gr.Button(visible=False)

    @shows_errors(language)
    def find(request: gr.Request, **values: Any) -> Iterator[tuple[Any, ...]]:
        stop = stops.setdefault(str(request.session_hash), threading.Event())
        yield from tested(playground, stop, values, language)

    def ask_to_stop(request: gr.Request) -> gr.Button:
        stops.setdefault(str(request.session_hash), threading.Event()).set()
        return gr.Button(interactive=False)

    # gradio finds the request by its annotation, and only where it can import every other one as well
    def finish(request: gr.Request) -> tuple[Any, Any]:
        stops.pop(str(request.session_hash), None)
        return gr.Button(interactive=True), gr.Button(interactive=False)

    def leave(request: gr.Request) -> None:
        if stop := stops.pop(str(request.session_hash), None):
            stop.set()

    begun = panel.start.click(begin, None, [panel.start, panel.stop, panel.status, panel.use], queue=False, **QUIET)
    finding = begun.then(
        find,
        None,
        [panel.status, panel.curve, panel.found, panel.use],
        inputs_kwargs=form.inputs_kwargs(),
        concurrency_id="model",
        concurrency_limit=1,
        **QUIET,
    )
    failed = progress_html(t("lr_failed", language))
    finding.failure(lambda: failed, None, panel.status, queue=False, **QUIET)
    finding.then(finish, None, [panel.start, panel.stop], **QUIET)
    panel.stop.click(ask_to_stop, None, panel.stop, queue=False, **QUIET)
    panel.use.click(lambda rate: rate or "", panel.found, form.numbers["learning_rate"], queue=False, **QUIET)
    page.unload(leave)


def tested(
    playground: Playground, stop: threading.Event, values: dict[str, Any], language: Language
) -> Iterator[tuple[Any, ...]]:
    """Status, curve, suggestion and the button that takes it, as the test goes on."""
    config = playground.check(fields.values_from(**values))
    drawn = 0.0
    for test in playground.find_learning_rate(config, stop.is_set):
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
    from playground.lr_chart import range_figure

    rates, losses, smoothed = zip(*((point.rate, point.loss, point.smoothed) for point in test.points), strict=True)
    return range_figure(rates, losses, smoothed, test.default, test.suggestion, language)

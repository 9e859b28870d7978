"""What happens on the Quantization tab: measuring, stopping, choosing a histogram."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.catalog.precisions import PRECISIONS
from playground.errors import ModelError
from playground.service import Playground
from playground.texts import Language
from playground.ui import quantization_view as view
from playground.ui.feedback import shows_errors
from playground.ui.progress_bar import progress_html
from playground.ui.quantization_tab import QuantizationTab
from playground.ui.strings import STRINGS, t

if TYPE_CHECKING:
    from playground.measure.quantization import PrecisionComparison

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
STAGES = ("loading", "weights", "writing", "reading")
VIEWS = 7  # components that `views` fills


def wire(tab: QuantizationTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    stops: dict[str, threading.Event] = {}  # by page: each visitor stops only what they began

    def begin(request: gr.Request) -> tuple[Any, ...]:
        stops[str(request.session_hash)] = threading.Event()
        buttons = gr.Button(interactive=False), gr.Button(interactive=True)
        return *buttons, progress_html(t("quant_preparing", language))

    @shows_errors(language)
    def measure(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        stop = stops.setdefault(str(request.session_hash), threading.Event())
        yield from measured(playground, stop, values, language)

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

    measuring = tab.start.click(begin, None, [tab.start, tab.stop, tab.status], queue=False, **QUIET).then(
        measure, tab.request, [tab.status, *tab.shown], concurrency_id="model", concurrency_limit=1, **QUIET
    )
    failed = progress_html(t("quant_failed", language))
    measuring.failure(lambda: failed, None, tab.status, queue=False, **QUIET)
    measuring.then(finish, None, [tab.start, tab.stop], **QUIET)
    tab.stop.click(ask_to_stop, None, tab.stop, queue=False, **QUIET)
    page.unload(leave)

    def show_histogram(latest: PrecisionComparison | None, precision: str | None) -> Any:
        if latest is None or precision not in latest.measured:
            return gr.skip()
        return view.histogram(latest, str(precision), language)

    tab.precision.input(show_histogram, [tab.latest, tab.precision], tab.histogram, **QUIET)


def measured(
    playground: Playground, stop: threading.Event, values: tuple[Any, ...], language: Language
) -> Iterator[tuple[Any, ...]]:
    """Status and `views` as the measuring goes on; the views change when a precision is finished."""
    model, train, again = values
    if not (model or "").strip():
        raise ModelError(STRINGS["quant_needs_model"])
    same: list[Any] = [gr.skip() for _ in range(VIEWS)]
    finished = 0
    found = playground.compare_precisions(model.strip(), train=bool(train), again=bool(again), should_stop=stop.is_set)
    for step in found:
        count = len(step.measured) + len(step.training)
        changed = count != finished or not step.current
        finished = count
        yield status(step, bool(train), language), *(views(step, language) if changed else same)


def status(found: PrecisionComparison, train: bool, language: Language) -> str:
    """What is being done and how much of all is done."""
    if found.stopped:
        return progress_html(t("quant_stopped", language))
    if not found.current:
        text = t("quant_done", language, device=found.device)
        if found.kept:
            names = ", ".join(PRECISIONS[name].label for name in found.kept)
            text = f"{text} {t('quant_kept', language, names=names)}"
        return progress_html(text)
    text = t(f"quant_stage_{found.stage}", language, precision=PRECISIONS[found.current].label)
    total = len(STAGES) * (
        len(PRECISIONS) + (sum(bool(item.trains_as) for item in PRECISIONS.values()) if train else 0)
    )
    done = len(STAGES) * (len(found.measured) + len(found.failed) + len(found.training))
    if found.stage in STAGES and found.current not in found.measured.keys() | found.failed.keys():
        done += STAGES.index(found.stage)
    return progress_html(text, min(1.0, done / total))


def views(found: PrecisionComparison, language: Language) -> tuple[Any, ...]:
    """What `QuantizationTab.shown` shows of a comparison; nothing before the first precision is finished."""
    if not found.measured:
        return found, gr.Column(visible=bool(found.failed)), view.summary_html(found, language), *[gr.skip()] * 4
    choices = view.choices(found)
    chosen = choices[-1][1] if choices else None
    return (
        found,
        gr.Column(visible=True),
        view.summary_html(found, language),
        view.panels(found, language),
        view.layers(found, language),
        gr.Radio(choices=choices, value=chosen, visible=bool(choices)),
        view.histogram(found, chosen, language) if chosen else gr.skip(),
    )

"""What happens on the Quantization tab: measuring, stopping, choosing a histogram."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from playground.catalog.precisions import PRECISIONS
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET
from playground.ui.parts.job import Job
from playground.ui.parts.progress_bar import progress_html
from playground.ui.precision import html as precision_html
from playground.ui.precision.tab import QuantizationTab
from playground.ui.texts import t
from playground.ui.train.fields import chosen_model

if TYPE_CHECKING:
    from playground.precision.comparison import PrecisionComparison

STAGES = ("loading", "weights", "writing", "reading")
VIEWS = 7  # components that `views` fills


class Asked(NamedTuple):
    """What is to be measured; `again` passes over what was measured before."""

    model: str
    train: bool
    again: bool


def wire(tab: QuantizationTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    preparing, failed = (progress_html(t(f"quant_{name}", language)) for name in ("preparing", "failed"))
    measuring = Job(
        tab.start,
        tab.stop,
        language,
        check=checked,
        begin=lambda _: {tab.status: preparing},
        work=partial(measured, playground, language=language),
        fail=lambda _: {tab.status: failed},
    )
    measuring.wire(page, [tab.status, *tab.shown], inputs=tab.request)

    def show_histogram(latest: PrecisionComparison | None, precision: str | None) -> Any:
        if latest is None or precision not in latest.measured:
            return gr.skip()
        return precision_html.histogram(latest, str(precision), language)

    tab.precision.input(show_histogram, [tab.latest, tab.precision], tab.histogram, **QUIET)


def checked(model: str | None, train: bool, again: bool) -> Asked:
    """The form's values. Raises ModelError for no model."""
    return Asked(chosen_model(model), bool(train), bool(again))


def measured(
    playground: Playground, asked: Asked, should_stop: Callable[[], bool], language: Language
) -> Iterator[tuple[Any, ...]]:
    """Status and `views` as the measuring goes on; the views change when a precision is finished."""
    same: list[Any] = [gr.skip() for _ in range(VIEWS)]
    finished = 0
    found = playground.compare_precisions(asked.model, train=asked.train, again=asked.again, should_stop=should_stop)
    for step in found:
        count = len(step.measured) + len(step.training)
        changed = count != finished or not step.current
        finished = count
        yield status(step, asked.train, language), *(views(step, language) if changed else same)


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
        return (
            found,
            gr.Column(visible=bool(found.failed)),
            precision_html.summary_html(found, language),
            *[gr.skip()] * 4,
        )
    choices = precision_html.choices(found)
    chosen = choices[-1][1] if choices else None
    return (
        found,
        gr.Column(visible=True),
        precision_html.summary_html(found, language),
        precision_html.panels(found, language),
        precision_html.layers(found, language),
        gr.Radio(choices=choices, value=chosen, visible=bool(choices)),
        precision_html.histogram(found, chosen, language) if chosen else gr.skip(),
    )

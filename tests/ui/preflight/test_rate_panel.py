"""The finder in the Train tab: what it shows as it goes on, its curve, and the rate that it puts into the form."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.config import RunConfig
from playground.errors import BusyError
from playground.preflight.rate_chart import range_figure
from playground.preflight.rate_finder import RangeTest, RatePoint
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.preflight import rate_panel
from playground.ui.train import tab as train_tab
from playground.ui.train.fields import values_from
from tests.ui.compare.test_tab import Page
from tests.ui.parts.job_events import job_events

RATES = [1e-5, 1e-4, 1e-3, 1e-2]
TEST = RangeTest(
    method="lora", default=1e-3, steps=50, finished=True, suggestion=1.234e-4, lowest=1.234e-3,
    points=tuple(RatePoint(step, rate, 3.0 - step / 4, 3.0 - step / 8) for step, rate in enumerate(RATES, start=1)),
)  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> tuple[gr.Blocks, train_tab.TrainTab]:
    with gr.Blocks() as blocks:
        tab = train_tab.build(playground, request.param)
        rate_panel.wire(tab.lr, tab.form, blocks, playground, request.param)
    return blocks, tab


@pytest.fixture
def form(built: tuple[gr.Blocks, train_tab.TrainTab], tiny_model: str, tiny_data: str) -> dict[str, Any]:
    """The untouched form, on the tiny model and data."""
    return built[1].form.initial_values() | {"base_model": tiny_model, "dataset": tiny_data, "batch_size": 4}


def shown_by(playground: Playground, form: dict[str, Any], *, stop: bool = False) -> list[tuple[Any, ...]]:
    return list(rate_panel.tested(playground, playground.check(values_from(**form)), lambda: stop, "en"))


def test_the_test_runs_with_the_forms_settings_and_ends_with_a_rate_to_take(
    playground: Playground, form: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_panel, "SECONDS_BETWEEN_CURVES", 0.0)
    *steps, (status, curve, rate, button) = shown_by(playground, form)
    assert "Step 1 of 50" in steps[1][0]
    assert len(steps[3][1].value["plot"]) > 0
    assert all(step[2] is None and not step[3].visible for step in steps)
    assert f"Suggestion: {rate}" in status
    assert button.visible
    assert button.value == f"Use {rate}"
    assert curve.visible
    # What the button puts into the form is a rate that a run takes.
    values = values_from(**form | {"learning_rate": rate})
    assert RunConfig.from_values(values).training.learning_rate == pytest.approx(float(rate))


def test_a_stopped_test_and_a_busy_model_offer_no_rate(playground: Playground, form: dict[str, Any]) -> None:
    [_, (status, _, rate, button)] = shown_by(playground, form, stop=True)
    assert ("Stopped" in status, rate, button.visible) == (True, None, False)
    with playground.worker.model_lock(), pytest.raises(BusyError):
        shown_by(playground, form)


def test_settings_that_cannot_run_are_refused_before_anything_begins(
    built: tuple[gr.Blocks, train_tab.TrainTab], form: dict[str, Any]
) -> None:
    blocks, tab = built
    page, events = SimpleNamespace(session_hash="one"), job_events(blocks, tab.lr.start)
    with pytest.raises(gr.Error, match="no model"):
        events.start(page, **form | {"base_model": "no model"})
    assert list(events.work(page)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_a_test_has_its_sentence(language: Language) -> None:
    none = RangeTest(method="lora", default=1e-3, steps=50, finished=True, points=TEST.points)
    texts = [Page(rate_panel.status(test, language)).text for test in (TEST, none)]
    for text, words in zip(texts, ({"en": "Suggestion: 0.00012", "pt": "Sugestão: 0,00012"},
                                   {"en": "No suggestion", "pt": "Sem sugestão"}), strict=True):  # fmt: skip
        assert words[language] in text
        assert "LoRA" in text
        assert {"en": "0.001", "pt": "0,001"}[language] in text


def test_the_curve_marks_the_default_and_the_suggestion_on_a_logarithmic_axis() -> None:
    figure = rate_panel.figure(TEST, "en")
    raw, smoothed = figure.data
    assert (list(raw.x), list(raw.y)) == (RATES, [point.loss for point in TEST.points])
    assert list(smoothed.y) == [point.smoothed for point in TEST.points]
    assert figure.layout.xaxis.type == "log"
    assert [shape.x0 for shape in figure.layout.shapes] == [1e-3, 1.234e-4]
    notes = figure.layout.annotations
    assert [note.text for note in notes] == ["default 0.001", "suggestion 0.00012"]
    assert [note.x for note in notes] == pytest.approx([-3.0, math.log10(1.234e-4)])  # beside the lines


def test_a_loss_that_explodes_does_not_flatten_the_curve() -> None:
    figure = range_figure(RATES, [3.0, 2.0, 1e9, math.inf], [3.0, 2.5, 1e8, math.inf], 1e-3, None, "pt")
    assert figure.layout.yaxis.range[1] < 1e10
    assert figure.data[0].y[-1] is None
    calm = range_figure(RATES, [3.0, 2.0, 2.5, 2.0], [3.0, 2.5, 2.5, 2.5], 1e-3, None, "pt")
    assert calm.layout.yaxis.range[1] < 3.3


def test_taking_the_rate_fills_the_field_and_no_event_is_public(
    built: tuple[gr.Blocks, train_tab.TrainTab],
) -> None:
    blocks, tab = built
    takers = [block for block in blocks.fns.values() if block.outputs == [tab.form.numbers["learning_rate"]]]
    [take] = [block for block in takers if block.inputs == [tab.lr.found]]
    assert (take.fn("0.002"), take.fn(None)) == ("0.002", "")
    assert {block.api_visibility for block in blocks.fns.values() if block.fn} <= {"private"}

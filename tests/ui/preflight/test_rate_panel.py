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
from playground.ui.preflight import html, rate_panel
from playground.ui.train.form import TrainForm
from playground.ui.train.values import values_from
from tests.ui.compare.test_tab import Page
from tests.ui.parts.job_events import job_events

RATES = [1e-5, 1e-4, 1e-3, 1e-2]
TEST = RangeTest(
    method="lora", default=1e-3, steps=50, finished=True, suggestion=1.234e-4, lowest=1.234e-3,
    points=tuple(RatePoint(step, rate, 3.0 - step / 4, 3.0 - step / 8) for step, rate in enumerate(RATES, start=1)),
)  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> tuple[gr.Blocks, TrainForm]:
    with gr.Blocks() as blocks:
        form = TrainForm(playground, request.param)
        form.connect(blocks)
    return blocks, form


@pytest.fixture
def fields(built: tuple[gr.Blocks, TrainForm], tiny_model: str, tiny_data: str) -> dict[str, Any]:
    """The untouched form, on the tiny model and data."""
    return built[1].initial_values() | {"base_model": tiny_model, "dataset": tiny_data, "batch_size": 4}


def shown_by(built: tuple[gr.Blocks, TrainForm], fields: dict[str, Any], *, stop: bool = False) -> list[dict[str, Any]]:
    """What the panel shows, by the names of its components."""
    rates = built[1].rates
    names = {component: name for name, component in vars(rates).items() if isinstance(component, gr.blocks.Block)}
    work = rates.work(rates.check(**fields), lambda: stop)
    return [{names[component]: value for component, value in shown.items()} for shown in work]


def test_the_test_runs_with_the_forms_settings_and_ends_with_a_rate_to_take(
    built: tuple[gr.Blocks, TrainForm], fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_panel, "SECONDS_BETWEEN_CURVES", 0.0)
    *steps, last = shown_by(built, fields)
    language = built[1].language
    assert {"en": "Step 1 of 50", "pt": "Passo 1 de 50"}[language] in steps[1]["status"]
    assert len(steps[3]["curve"].value["plot"]) > 0
    assert all(step.keys() <= {"status", "curve"} for step in steps)  # no rate before the end
    rate, button = last["found"], last["use"]
    assert {"en": f"Suggestion: {rate}", "pt": f"Sugestão: {rate}"}[language] in last["status"]
    assert button.visible
    assert button.value == {"en": f"Use {rate}", "pt": f"Usar {rate}"}[language]
    assert last["curve"].visible
    # What the button puts into the form is a rate that a run takes.
    values = values_from(language, **fields | {"learning_rate": rate})
    assert RunConfig.from_values(values).training.learning_rate == pytest.approx(float(rate.replace(",", ".")))


def test_a_stopped_test_and_a_busy_model_offer_no_rate(
    built: tuple[gr.Blocks, TrainForm], fields: dict[str, Any], playground: Playground
) -> None:
    *_, last = shown_by(built, fields, stop=True)
    assert {"en": "Stopped", "pt": "Parado"}[built[1].language] in last["status"]
    assert (last["found"], last["use"].visible) == (None, False)
    with playground.worker.model_lock(), pytest.raises(BusyError):
        shown_by(built, fields)


def test_a_test_that_begins_takes_the_last_rate_away(built: tuple[gr.Blocks, TrainForm]) -> None:
    rates = built[1].rates
    shown = rates.begin(RunConfig.from_values({"data": {"dataset": "notes-to-json"}}))
    assert (shown[rates.found], shown[rates.use].visible) == (None, False)


def test_settings_that_cannot_run_are_refused_before_anything_begins(
    built: tuple[gr.Blocks, TrainForm], fields: dict[str, Any]
) -> None:
    blocks, form = built
    page, events = SimpleNamespace(session_hash="one"), job_events(blocks, form.rates.start)
    with pytest.raises(gr.Error, match="no model"):
        events.start(page, **fields | {"base_model": "no model"})
    assert list(events.work(page)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_a_test_has_its_sentence(language: Language) -> None:
    none = RangeTest(method="lora", default=1e-3, steps=50, finished=True, points=TEST.points)
    texts = [Page(html.rates_html(test, language)).text for test in (TEST, none)]
    for text, words in zip(texts, ({"en": "Suggestion: 0.00012", "pt": "Sugestão: 0,00012"},
                                   {"en": "No suggestion", "pt": "Sem sugestão"}), strict=True):  # fmt: skip
        assert words[language] in text
        assert "LoRA" in text
        assert {"en": "0.001", "pt": "0,001"}[language] in text


def test_the_curve_marks_the_default_and_the_suggestion_on_a_logarithmic_axis() -> None:
    figure = html.rates_figure(TEST, "en")
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
    built: tuple[gr.Blocks, TrainForm],
) -> None:
    blocks, form = built
    takers = [block for block in blocks.fns.values() if block.outputs == [form.numbers["learning_rate"]]]
    [take] = [block for block in takers if block.inputs == [form.rates.found]]
    assert (take.fn("0.002"), take.fn(None)) == ("0.002", "")
    assert {block.api_visibility for block in blocks.fns.values() if block.fn} <= {"private"}

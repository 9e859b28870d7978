"""What the page says before a run: harmless text, both languages, and an error in place of a cost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from playground.errors import BusyError
from playground.preflight.findings import Finding
from playground.preflight.memory import Memory
from playground.preflight.meta_model import Place
from playground.preflight.report import LastEstimate, Preflight
from playground.preflight.timing import Timing
from playground.preflight.token_lengths import TokenReport
from playground.service import Playground
from playground.texts import LANGUAGES, Language, Text
from playground.ui.page import build_ui
from playground.ui.preflight import html
from playground.ui.preflight.panel import PreflightPanel, cost_strip
from playground.ui.texts import t
from playground.ui.train.form import TrainForm
from tests.ui.compare.test_tab import SCRIPT

MEMORY = Memory(
    weights=270_000_000, activations=400_000_000, gradients=0, optimizer=20_000_000, libraries=560_000_000,
    moment="training", available=900_000_000, installed=8_000_000_000,
)  # fmt: skip
TOKENS = TokenReport(
    train_examples=300, held_out_examples=60, dropped_examples=2, truncated_examples=5, tokens=1000, lost_tokens=25,
    longest=118, limit=512, passes=1.6,
)  # fmt: skip
REPORT = Preflight(
    base_model="smollm2-135m-instruct", method="lora", trainable_parameters=2_442_240, total_parameters=136_957_248,
    places=tuple(Place(layer=str(n), module=m, parameters=n + 1) for n in (10, 9) for m in ("q_proj", SCRIPT)),
    adapter_bytes=9_823_216, device="cpu", dtype="bfloat16", dtype_reason="cpu_bf16", tokens=TOKENS, memory=MEMORY,
    last_estimate=LastEstimate(run_id="1", name=SCRIPT, estimated=110, measured=100),
    findings=(Finding(kind="data", blocks=True, message=Text(SCRIPT, SCRIPT)),), ready=False,
)  # fmt: skip


def panel_in(playground: Playground, language: Language = "en") -> PreflightPanel:
    with gr.Blocks():
        strip = cost_strip()
        with gr.Tabs():
            return PreflightPanel(playground, language, strip)


def words(report: Preflight, playground: Playground, language: Language) -> str:
    return "".join(part for part in panel_in(playground, language).show(report).values() if isinstance(part, str))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_data_and_runs_stay_texts(language: Language, playground: Playground) -> None:
    page = words(REPORT, playground, language)
    assert SCRIPT not in page
    assert "<script" not in page
    assert "✕" in page


@pytest.mark.parametrize(("language", "expected"), [("en", "1.78%"), ("pt", "1,78%")])
def test_numbers_are_written_as_the_language_does(language: Language, expected: str, playground: Playground) -> None:
    page = words(REPORT, playground, language)
    assert expected in page
    assert ("9.82\N{NO-BREAK SPACE}MB" in page) is (language == "en")
    assert ("9,82\N{NO-BREAK SPACE}MB" in page) is (language == "pt")
    assert "+10%" in page  # the estimate of the last run was 110 for 100


def test_the_map_has_a_row_a_layer_in_the_order_of_their_numbers(playground: Playground) -> None:
    panel = panel_in(playground)
    shown = panel.show(REPORT)
    heat_map = json.loads(shown[panel.places].value["plot"])["data"][0]
    assert heat_map["y"] == ["9", "10"]
    assert "<" not in heat_map["x"][1]
    assert heat_map["z"] == [[10, 10], [11, 11]]
    assert shown[panel.memory].visible


def test_without_an_estimate_there_is_no_bar_and_with_one_place_no_map(playground: Playground) -> None:
    place = Place(layer="", module="prompt_encoder", parameters=5)
    alone = replace(REPORT, memory=None, tokens=None, places=(place,), findings=(), ready=True)
    panel = panel_in(playground)
    shown = panel.show(alone)
    assert "memory not known yet" in shown[panel.strip]
    assert "prompt_encoder" in shown[panel.facts]
    assert not shown[panel.memory].visible
    assert not shown[panel.places].visible


@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_settings_are_told_in_the_view_and_not_in_a_message_over_the_form(
    language: Language, playground: Playground
) -> None:
    with gr.Blocks():
        form = TrainForm(playground, language)
    panel = panel_in(playground, language)
    shown = panel.preflight(**form.initial_values() | {"learning_rate": "<script>", "max_steps": -1})
    strip, message = shown[panel.strip], shown[panel.findings]
    assert "<script>" not in strip + message
    assert "training.max_steps: " in strip  # the first reason stands beside the Train button
    assert t("preflight_more_reasons", language, count=1) in strip
    assert "training.max_steps" in message
    assert "training.learning_rate" in message


def test_what_keeps_a_run_from_starting_stands_beside_the_train_button_in_the_place_of_its_cost() -> None:
    blocking = [Finding(kind="memory", blocks=True, message=Text(f"{n} <GB> is missing. " * 20, "")) for n in (1, 2)]
    warning = Finding(kind="data", blocks=False, message=Text("a warning", ""))
    strip = html.strip_html(replace(REPORT, findings=(warning, *blocking)), "en")
    assert "Not ready</b> · 1 &lt;GB&gt; is missing." in strip
    assert "and 1 more" in strip
    assert "a warning" not in strip
    assert len(strip) < 400


def test_the_probe_is_refused_while_a_run_trains(playground: Playground, values: dict[str, Any]) -> None:
    with playground.worker.model_lock(), pytest.raises(BusyError):
        playground.time_run(values)
    assert playground.preflight(values).trainable_parameters > 0  # counting needs no model


def test_the_probes_answer_is_one_sentence() -> None:
    timing = Timing(first_step=2.0, step=1.25, evaluation=3.0, base_sample=0.4, sample=0.5, total=125.0)
    told = " ".join(html.time_html(timing, "en").split())
    assert "2 min 5 s of training: 1.2 s a step, 3 s an evaluation" in told


def test_the_page_is_built_without_counting(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Playground, "preflight", lambda *_: pytest.fail("the page counted before anybody asked"))
    page = build_ui(playground, "en")
    loads = [block for block in page.fns.values() if ("load" in {target[1] for target in block.targets})]
    assert loads
    assert "preflight" not in {getattr(block.fn, "__name__", "") for block in loads}

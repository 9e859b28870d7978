"""Why a run is not let start, and where pre-flight cannot know."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from playground.model import in_memory
from playground.preflight import meta_model, report
from playground.preflight.readiness import Readiness
from playground.preflight.report import reasons_against
from playground.service import Playground


def test_nothing_is_said_against_a_run_that_fits(playground: Playground, values: dict[str, Any]) -> None:
    assert reasons_against(playground.check(values)) is None


def test_memory_that_does_not_fit_is_named_with_both_sizes(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.preflight.memory.device_memory", lambda _: (10**6, 10**6))
    reasons = reasons_against(playground.check(values))
    assert reasons
    assert "this machine has 1\N{NO-BREAK SPACE}MB" in reasons.en
    assert "esta máquina tem 1\N{NO-BREAK SPACE}MB" in reasons.pt


def test_memory_that_is_only_in_use_now_keeps_no_run_from_starting(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.preflight.memory.device_memory", lambda _: (10**6, 10**15))
    assert reasons_against(playground.check(values)) is None


def test_data_that_does_not_fit_and_modules_that_do_not_exist_are_reasons(
    playground: Playground, values: dict[str, Any]
) -> None:
    values["data"]["max_tokens"] = 16
    assert reasons_against(playground.check(values))
    del values["data"]["max_tokens"]
    values["method"] = {"method": "lora", "params": {"target_modules": ["nowhere"]}}
    reasons = reasons_against(playground.check(values))
    assert reasons
    assert "q_proj" in reasons.en


def test_a_folder_with_a_configuration_and_no_weights_is_a_reason(
    playground: Playground, values: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "hollow"
    folder.mkdir()
    config = Path(values["base_model"]) / "config.json"
    (folder / "config.json").write_text(json.dumps(json.loads(config.read_text())), encoding="utf-8")
    reasons = reasons_against(playground.check({**values, "base_model": str(folder)}))
    assert reasons
    assert "no safetensors weights" in reasons.en


def test_a_model_that_is_still_on_the_hub_is_not_asked_about(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "meta_base", lambda _: pytest.fail("asked for the model's files"))
    assert reasons_against(playground.check({**values, "base_model": "nobody/nothing-here"})) is None


def test_while_a_model_is_being_loaded_nobody_knows(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_memory, "SECONDS_TO_WAIT", 0.01)
    asked, answers = threading.Event(), []

    def load() -> None:
        with in_memory.no_base_in_memory():
            asked.wait(20)

    loading = threading.Thread(target=load)
    loading.start()
    try:
        answers.append(reasons_against(playground.check(values)))
    finally:
        asked.set()
        loading.join()
    assert answers == [None]


def test_a_form_waits_until_a_run_that_was_started_knows_whether_it_may_begin(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer, is_counted = threading.Event(), threading.Event()

    def held(_: Any) -> None:
        assert may_answer.wait(30)

    def preflight() -> None:
        playground.preflight(values)
        is_counted.set()

    monkeypatch.setattr("playground.preflight.report.reasons_against", held)
    readiness = Readiness(playground.check(values))
    form = threading.Thread(target=preflight, daemon=True)
    form.start()
    assert not is_counted.wait(2)
    may_answer.set()
    assert readiness.refusal(30) is None
    assert is_counted.wait(30)


def test_a_run_and_the_form_that_it_was_started_from_are_counted_once(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def outline(*args: Any) -> Any:
        counted.append(args)
        return meta_model.outline(*args)

    monkeypatch.setattr(report, "outline", outline)
    values["method"] = {"method": "lora", "params": {"r": 8, "lora_alpha": 7}}  # which no other test counts
    assert reasons_against(playground.check({**values, "name": "A run"})) is None
    first = playground.preflight({**values, "name": "A form"})
    assert len(counted) == 1
    assert (
        first.trainable_parameters
        == meta_model.outline(*counted[0][:1], meta_model.meta_base(values["base_model"])).trainable_parameters
    )
    wider = playground.preflight({**values, "method": {"method": "lora", "params": {"r": 16}}})
    assert len(counted) == 2
    assert wider.trainable_parameters == 2 * first.trainable_parameters

"""A run that pre-flight refuses never begins, and nobody waits long for the answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from playground import worker
from playground.config import RunConfig
from playground.errors import ModelError, RunError
from playground.service import Playground, run_queue
from playground.texts import Text
from tests.held_training import HeldTraining
from tests.service.queued import CONFIG, create, ended, status


def test_a_run_that_pre_flight_refuses_makes_no_folder(
    playground: Playground, training: HeldTraining, says: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 20)
    says(lambda _: Text("It needs 900 GB.", "Precisa de 900 GB."))
    with pytest.raises(RunError, match="cannot end well.*900 GB") as caught:
        playground.start_run(CONFIG)
    assert "Precisa de 900 GB" in caught.value.to("pt")
    assert playground.list_runs() == []
    assert not playground.runs_dir.exists()


def test_an_answer_that_comes_after_the_click_fails_the_run_before_it_begins(
    playground: Playground, training: HeldTraining, says: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def answer_late(_: RunConfig) -> Text:
        asked.wait(20)
        return Text("It needs 900 GB.", "Precisa de 900 GB.")

    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    says(answer_late)
    run_id = playground.start_run(CONFIG)
    asked.set()
    assert playground.worker.wait(run_id, timeout=20)
    info = playground.run_info(run_id)
    assert (info.status, info.steps) == ("failed", 0)
    assert "900 GB" in info.error
    assert "900 GB" in info.error_pt
    assert "900 GB" in playground.progress(run_id).events[-1]["reason"]
    assert training.begun == []


def test_a_click_does_not_wait_for_the_libraries(
    playground: Playground, training: HeldTraining, says: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = threading.Event()
    says(lambda _: loading.wait(20) and None)
    monkeypatch.setattr(run_queue, "PRE_FLIGHT", "a module that is not loaded yet")
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 20)
    folder = playground.store.open(playground.start_run(CONFIG))
    assert not loading.is_set()
    assert status(playground, folder) == "running"
    loading.set()
    training.let_go()
    assert ended(playground, folder) == ["finished"]


def test_a_run_that_is_stopped_while_pre_flight_is_asked_never_begins(
    playground: Playground, training: HeldTraining, says: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    says(lambda _: asked.wait(20) and None)
    folder = playground.store.open(playground.start_run(CONFIG))
    playground.stop_run(folder.run_id)
    asked.set()
    assert ended(playground, folder) == ["stopped"]
    assert training.begun == []


def test_a_run_begins_where_pre_flight_breaks_or_never_answers(
    playground: Playground,
    training: HeldTraining,
    says: Callable[[Any], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(_: RunConfig) -> None:
        raise ZeroDivisionError

    training.let_go()
    says(break_down)
    first = playground.start_run(CONFIG)
    assert ended(playground, playground.store.open(first)) == ["finished"]
    assert "pre-flight could not be asked" in caplog.text

    never = threading.Event()
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    monkeypatch.setattr(worker, "READINESS_SECONDS", 0.0)
    says(lambda _: never.wait(20))
    with caplog.at_level(logging.WARNING):
        second = playground.start_run(CONFIG)
        assert ended(playground, playground.store.open(second)) == ["finished"]
    assert "before pre-flight has answered" in caplog.text
    never.set()


def test_a_run_that_goes_on_is_not_asked_about(
    playground: Playground, training: HeldTraining, says: Callable[[Any], None]
) -> None:
    def refuse(_: RunConfig) -> Text:
        raise ModelError(Text("no", "não"))

    says(refuse)
    folder = create(playground)
    folder.finish({"status": "stopped"})
    training.let_go()
    playground.resume_run(folder.run_id)
    assert ended(playground, folder) == ["finished"]

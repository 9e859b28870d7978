"""One queue, one training thread."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from playground.errors import BusyError, RunError
from playground.service import Playground


def test_runs_train_one_after_another_and_one_that_trains_can_be_stopped(
    playground: Playground, values: dict[str, Any]
) -> None:
    values["training"] |= {"max_steps": 300, "eval_every": 100}
    first = playground.start_run(playground.check(values))
    second = playground.start_run(playground.check(values))
    assert playground.active_run() == first
    assert playground.progress(second).status == "queued"
    assert playground.progress(second).queue_position == 1
    playground.stop_run(second)
    playground.stop_run(first)
    playground.stop_run(first)
    assert playground.worker.wait(first, timeout=120)
    assert {playground.run_info(run).status for run in (first, second)} == {"stopped"}
    assert playground.run_info(second).steps == 0
    assert playground.active_run() is None


def test_the_model_is_refused_while_a_run_trains_and_the_run_is_named(
    playground: Playground, values: dict[str, Any]
) -> None:
    values |= {"name": "long one"}
    values["training"] |= {"max_steps": 300, "eval_every": 100}
    run = playground.start_run(playground.check(values))
    with pytest.raises(BusyError, match="long one"), playground.worker.model_lock():
        pass
    with pytest.raises(RunError, match="long one"):
        playground.delete_run(run)
    playground.stop_run(run)
    assert playground.worker.wait(run, timeout=120)
    with playground.worker.model_lock(), pytest.raises(BusyError), playground.worker.model_lock():
        pass


def test_a_failed_run_does_not_end_the_worker(playground: Playground, values: dict[str, Any]) -> None:
    broken = {**values, "method": {"method": "lora", "params": {"target_modules": ["nowhere"]}}}
    first = playground.store.create(playground.check(broken), {}).run_id
    playground.worker.submit(playground.store.open(first))
    second = playground.start_run(playground.check(values))
    assert playground.worker.wait(second, timeout=120)
    assert playground.run_info(first).status == "failed"
    assert playground.run_info(second).status == "finished"


def test_the_history_of_a_run_is_complete_for_whoever_comes_late(
    playground: Playground, values: dict[str, Any]
) -> None:
    run = playground.start_run(playground.check(values))
    seen: list[dict[str, Any]] = []
    revision = 0
    while True:
        progress = playground.progress(run, since=revision)
        seen += progress.events
        revision = progress.revision
        if not progress.is_live:
            break
        threading.Event().wait(0.05)
    seen += playground.progress(run, since=revision).events
    assert seen == playground.progress(run).events
    assert [event["step"] for event in seen if event["event"] == "StepLogged"] == [1, 2, 3, 4]
    assert seen[-1]["event"] == "RunFinished"

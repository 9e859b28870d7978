"""Runs that are stopped while they wait, or just as they are taken; training itself is a stand-in."""

from __future__ import annotations

import threading

import pytest

from playground.service import Playground
from tests.held_training import HeldTraining
from tests.service.queued import create, ended, status, submit

pytestmark = pytest.mark.usefixtures("says")


def test_a_queued_run_is_out_at_once_without_ever_beginning_and_can_be_resumed(
    playground: Playground, training: HeldTraining
) -> None:
    first, second, third = (submit(playground) for _ in range(3))
    training.wait_for(first.run_id)
    playground.stop_run(second.run_id)
    assert status(playground, second) == "stopped"
    assert second.summary()
    assert not second.is_claimed()
    assert playground.progress(third.run_id).queue_position == 1
    assert status(playground, first) == "running"
    playground.resume_run(second.run_id)
    assert status(playground, second) == "queued"
    training.let_go()
    assert ended(playground, first, second, third) == ["finished"] * 3
    assert training.begun == [first.run_id, third.run_id, second.run_id]


class WatchedLock:
    """A lock that tells when somebody begins to wait for it in a `with`."""

    def __init__(self) -> None:
        self.wanted = threading.Event()
        self._lock = threading.Lock()
        self.acquire, self.release = self._lock.acquire, self._lock.release

    def __enter__(self) -> None:
        self.wanted.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_run_that_waits_for_a_comparison_is_stopped_at_once_and_left_alone_from_then_on(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = WatchedLock()
    monkeypatch.setattr(playground.worker, "_model", model)
    with playground.worker.model_lock():
        folder = submit(playground)
        assert model.wanted.wait(20)  # the training thread has taken the run
        playground.stop_run(folder.run_id)
        assert status(playground, folder) == "stopped"
        playground.delete_run(folder.run_id)
    training.let_go()
    after = submit(playground)
    assert ended(playground, after) == ["finished"]
    assert training.begun == [after.run_id]
    assert not folder.path.exists()
    assert caplog.text == ""


def test_a_stop_while_the_run_is_just_being_taken_ends_it_one_way_or_the_other(
    playground: Playground, training: HeldTraining
) -> None:
    for _ in range(30):
        folder = submit(playground)
        stopper = threading.Thread(target=playground.stop_run, args=(folder.run_id,))
        stopper.start()
        assert ended(playground, folder) == ["stopped"]
        stopper.join()
        assert not folder.is_claimed()
        assert folder.place() is None


def test_a_stop_keeps_what_an_earlier_part_of_the_run_measured(playground: Playground, training: HeldTraining) -> None:
    busy, folder = submit(playground), create(playground)
    folder.append({"event": "RunFinished", "status": "failed", "reason": "once"})
    folder.finish({"status": "failed", "steps": 7, "best_step": 6, "eval_loss": 0.5, "error": "once"})
    playground.resume_run(folder.run_id)
    assert playground.run_info(folder.run_id).error == ""
    playground.stop_run(folder.run_id)
    info = playground.run_info(folder.run_id)
    assert (info.status, info.steps, info.eval_loss, info.error) == ("stopped", 7, 0.5, "")
    assert (folder.summary() or {})["best_step"] == 6
    assert [event["status"] for event in playground.progress(folder.run_id).events] == ["stopped"]
    training.let_go()
    ended(playground, busy)


def test_a_run_that_another_process_asked_to_stop_while_it_waited_never_begins(
    playground: Playground, training: HeldTraining
) -> None:
    first, second = submit(playground), submit(playground)
    Playground(playground.runs_dir).stop_run(second.run_id)
    training.let_go()
    assert ended(playground, first, second) == ["finished", "stopped"]
    assert training.begun == [first.run_id]

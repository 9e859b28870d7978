"""The queue from outside: what ends, what is refused, what waits; training itself is a stand-in."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from playground import worker
from playground.config import RunConfig
from playground.errors import ModelError, RunError
from playground.race.config import RaceConfig
from playground.runs.folder import RunFolder
from playground.service import Playground, run_queue
from playground.texts import Text
from tests.ending import end_all
from tests.held_training import HeldTraining

RACE = {"data": {"dataset": "notes-to-json"}, "race": {"entrants": ["lora", "prefix_tuning"]}}
CONFIG = RunConfig.from_values({"data": {"dataset": "notes-to-json"}})


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pre-flight has no objection, unless a test says otherwise."""
    says(monkeypatch, lambda _: None)


def says(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr("playground.preflight.report.reasons_against", answer)


def create(playground: Playground, name: str = "run") -> RunFolder:
    return playground.store.create(CONFIG.model_copy(update={"name": name}), {})


def submit(playground: Playground, name: str = "run") -> RunFolder:
    folder = create(playground, name)
    playground.worker.submit(folder)
    return folder


def status(playground: Playground, folder: RunFolder) -> str:
    return playground.run_info(folder.run_id).status


def ended(playground: Playground, *folders: RunFolder) -> list[str]:
    for folder in folders:
        assert playground.worker.wait(folder.run_id, timeout=20)
    return [status(playground, folder) for folder in folders]


# --- the thread lives on ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ValueError("\ud800"), SystemExit(3), KeyboardInterrupt(), MemoryError()], ids=lambda error: type(error)
)
def test_a_run_from_which_anything_escapes_has_failed_and_the_next_one_trains(
    playground: Playground, training: HeldTraining, error: BaseException
) -> None:
    first, second = create(playground), create(playground)
    training.fails_with[first.run_id] = error
    training.let_go()
    playground.worker.submit(first)
    playground.worker.submit(second)
    assert ended(playground, first, second) == ["failed", "finished"]
    assert type(error).__name__ in playground.run_info(first.run_id).error
    assert "Traceback" in (first.path / "error.txt").read_text(encoding="utf-8")
    assert playground.progress(first.run_id).events[-1]["event"] == "RunFinished"
    assert not first.is_claimed()


def test_libraries_that_cannot_be_loaded_fail_the_run_and_not_the_queue(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "playground.runs.session", None)
        assert ended(playground, submit(playground)) == ["failed"]
    training.let_go()
    assert ended(playground, submit(playground)) == ["finished"]


def test_a_failure_that_no_file_takes_leaves_a_run_that_does_not_seem_to_train(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    first, second = create(playground), create(playground)
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "finish", full)
        training.let_go()
        playground.worker.submit(first)
        assert ended(playground, first) == ["interrupted"]
    assert "could not be written" in caplog.text
    playground.worker.submit(second)
    playground.resume_run(first.run_id)
    assert ended(playground, first, second) == ["finished", "finished"]


# --- stopping what waits ------------------------------------------------------------------------------


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


# --- how many wait ------------------------------------------------------------------------------------


def test_a_full_queue_refuses_with_its_length_until_one_is_stopped(
    playground: Playground, training: HeldTraining
) -> None:
    folders = [submit(playground) for _ in range(worker.LONGEST_QUEUE + 1)]
    stopped = create(playground)
    stopped.finish({"status": "stopped"})
    before = len(playground.list_runs())
    for request in (lambda: playground.start_run(CONFIG), lambda: playground.resume_run(stopped.run_id)):
        with pytest.raises(RunError, match="20 runs wait in the queue"):
            request()
    assert len(playground.list_runs()) == before
    playground.stop_run(folders[3].run_id)
    assert status(playground, playground.store.open(playground.start_run(CONFIG))) == "queued"
    for folder in folders:
        playground.stop_run(folder.run_id)


def test_a_full_queue_refuses_a_race_at_its_start_but_not_the_next_run_of_one_under_way(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LONGEST_QUEUE", 2)
    race = RaceConfig.from_values(RACE)
    race_id = playground.races.start(race)
    training.wait_for(first_run_of(playground, race_id))
    folders = [submit(playground) for _ in range(2)]
    with pytest.raises(RunError, match="2 runs wait"):
        playground.races.start(race)
    assert len(playground.list_races()) == 1
    training.let_go()
    assert playground.races.wait(race_id, timeout=20)
    assert playground.race_results(race_id).status == "finished"
    assert ended(playground, *folders) == ["finished", "finished"]


def first_run_of(playground: Playground, race_id: str) -> str:
    """The id of the run with which the race begins, once it has one."""
    for _ in range(2000):
        if run_ids := playground.race_results(race_id).entrants[0].run_ids:
            return str(run_ids[0])
        threading.Event().wait(0.01)
    raise AssertionError("the race put no run into the queue")


# --- after a restart ----------------------------------------------------------------------------------


@pytest.fixture
def left_behind(playground: Playground) -> list[RunFolder]:
    """What a process that ended leaves: one that trained, and three that waited, made in another order than queued."""
    names = ["trained", "third", "first", "second"]
    folders = {name: create(playground, name) for name in names}
    folders["trained"].append({"event": "StepLogged", "step": 5, "seconds": 1.0})
    folders["second"].finish({"status": "stopped", "steps": 4})  # had been resumed
    for name in ("first", "second", "third"):
        folders[name].wait_in_line(playground.store.next_place())
    return [folders[name] for name in ("trained", "first", "second", "third")]


def test_runs_that_were_waiting_are_told_from_the_one_that_was_training(
    playground: Playground, left_behind: list[RunFolder]
) -> None:
    assert [status(playground, folder) for folder in left_behind] == ["interrupted", *["waiting"] * 3]
    assert playground.waiting_runs() == [folder.run_id for folder in left_behind[1:]]


def test_all_that_waited_go_on_at_once_in_the_order_in_which_they_were_queued(
    playground: Playground, training: HeldTraining, left_behind: list[RunFolder]
) -> None:
    waiting = [folder.run_id for folder in left_behind[1:]]
    assert playground.resume_waiting() == waiting
    assert playground.waiting_runs() == []
    training.let_go()
    assert ended(playground, *left_behind[1:]) == ["finished"] * 3
    assert training.begun == waiting
    assert playground.resume_waiting() == []
    assert status(playground, left_behind[0]) == "interrupted"


def test_those_for_which_there_is_no_room_go_on_waiting(
    playground: Playground, training: HeldTraining, left_behind: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LONGEST_QUEUE", 1)
    assert len(playground.resume_waiting()) == 2
    assert playground.waiting_runs() == [left_behind[3].run_id]
    with pytest.raises(RunError, match="queue"):
        playground.resume_waiting()
    training.let_go()
    ended(playground, *left_behind[1:3])


def test_a_run_that_waited_can_be_deleted_or_resumed_alone(
    playground: Playground, training: HeldTraining, left_behind: list[RunFolder]
) -> None:
    _, first, second, third = left_behind
    playground.delete_run(second.run_id)
    assert not second.path.exists()
    training.let_go()
    playground.resume_run(third.run_id)
    assert ended(playground, third) == ["finished"]
    assert playground.waiting_runs() == [first.run_id]


# --- what pre-flight refuses --------------------------------------------------------------------------


def test_a_run_that_pre_flight_refuses_makes_no_folder(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 20)
    says(monkeypatch, lambda _: Text("It needs 900 GB.", "Precisa de 900 GB."))
    with pytest.raises(RunError, match="cannot end well.*900 GB") as caught:
        playground.start_run(CONFIG)
    assert "Precisa de 900 GB" in caught.value.to("pt")
    assert playground.list_runs() == []
    assert not playground.runs_dir.exists()


def test_an_answer_that_comes_after_the_click_fails_the_run_before_it_begins(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def answer_late(_: RunConfig) -> Text:
        asked.wait(20)
        return Text("It needs 900 GB.", "Precisa de 900 GB.")

    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    says(monkeypatch, answer_late)
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
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = threading.Event()
    says(monkeypatch, lambda _: loading.wait(20) and None)
    monkeypatch.setattr(run_queue, "PRE_FLIGHT", "a module that is not loaded yet")
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 20)
    folder = playground.store.open(playground.start_run(CONFIG))
    assert not loading.is_set()
    assert status(playground, folder) == "running"
    loading.set()
    training.let_go()
    assert ended(playground, folder) == ["finished"]


def test_a_run_that_is_stopped_while_pre_flight_is_asked_never_begins(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    says(monkeypatch, lambda _: asked.wait(20) and None)
    folder = playground.store.open(playground.start_run(CONFIG))
    playground.stop_run(folder.run_id)
    asked.set()
    assert ended(playground, folder) == ["stopped"]
    assert training.begun == []


def test_a_run_begins_where_pre_flight_breaks_or_never_answers(
    playground: Playground,
    training: HeldTraining,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(_: RunConfig) -> None:
        raise ZeroDivisionError

    training.let_go()
    says(monkeypatch, break_down)
    first = playground.start_run(CONFIG)
    assert ended(playground, playground.store.open(first)) == ["finished"]
    assert "pre-flight could not be asked" in caplog.text

    never = threading.Event()
    monkeypatch.setattr(run_queue, "CLICK_SECONDS", 0.0)
    monkeypatch.setattr(worker, "READINESS_SECONDS", 0.0)
    says(monkeypatch, lambda _: never.wait(20))
    with caplog.at_level(logging.WARNING):
        second = playground.start_run(CONFIG)
        assert ended(playground, playground.store.open(second)) == ["finished"]
    assert "before pre-flight has answered" in caplog.text
    never.set()


def test_a_run_that_goes_on_is_not_asked_about(
    playground: Playground, training: HeldTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: RunConfig) -> Text:
        raise ModelError(Text("no", "não"))

    says(monkeypatch, refuse)
    folder = create(playground)
    folder.finish({"status": "stopped"})
    training.let_go()
    playground.resume_run(folder.run_id)
    assert ended(playground, folder) == ["finished"]


# --- a folder in which nothing can be written -----------------------------------------------------------


def test_a_folder_of_runs_that_is_a_file_shows_no_run_and_refuses_a_start_with_the_reason(
    playground: Playground, training: HeldTraining
) -> None:
    playground.runs_dir.write_text("mine")
    assert playground.list_runs() == []
    assert playground.list_races() == []
    with pytest.raises(RunError, match="cannot be written"):
        playground.start_run(CONFIG)
    with pytest.raises(RunError, match="cannot be written"):
        playground.races.start(RaceConfig.from_values(RACE))


def test_a_folder_of_runs_that_cannot_be_read_shows_no_run(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(playground)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert Playground(playground.runs_dir).list_runs() == []
    assert Playground(playground.runs_dir).list_races() == []


def test_only_a_run_that_does_not_say_how_it_ended_is_asked_who_works_in_it(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(RunFolder, "is_claimed", lambda folder: bool(asked.append(folder.run_id)))
    for _ in range(5):
        create(playground).finish({"status": "finished"})
    killed = create(playground)
    assert len(playground.list_runs()) == 6
    assert asked == [killed.run_id]


# --- between two tests --------------------------------------------------------------------------------


def test_what_a_test_leaves_in_the_queue_ends_with_it_and_never_begins(
    playground: Playground, training: HeldTraining
) -> None:
    first, second = submit(playground), submit(playground)
    training.wait_for(first.run_id)
    end_all(playground)
    assert playground.worker.folders() == []
    assert [status(playground, folder) for folder in (first, second)] == ["stopped", "stopped"]
    assert training.begun == [first.run_id]

"""The queue from outside: what ends, how many wait, what cannot be written; training itself is a stand-in."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from playground import worker
from playground.errors import RunError
from playground.race.config import RaceConfig
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.ending import end_all
from tests.held_training import HeldTraining
from tests.service.queued import CONFIG, RACE, create, ended, status, submit

pytestmark = pytest.mark.usefixtures("says")


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
    assert (playground.race_names(), playground.race_under_way()) == ({race_id: race.name}, race_id)
    training.let_go()
    assert playground.races.wait(race_id, timeout=20)
    assert playground.race_results(race_id).status == "finished"
    assert ended(playground, *folders) == ["finished", "finished"]
    assert (playground.race_names(), playground.race_under_way()) == ({race_id: race.name}, None)


def first_run_of(playground: Playground, race_id: str) -> str:
    """The id of the run with which the race begins, once it has one."""
    for _ in range(2000):
        if run_ids := playground.race_results(race_id).entrants[0].run_ids:
            return str(run_ids[0])
        threading.Event().wait(0.01)
    raise AssertionError("the race put no run into the queue")


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

    monkeypatch.setattr("os.listdir", refuse)
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

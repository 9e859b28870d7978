"""What waited when the process ended: told from what trained, and taken up again in order."""

from __future__ import annotations

import pytest

from playground import worker
from playground.errors import RunError
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.held_training import HeldTraining
from tests.service.queued import create, ended, status

pytestmark = pytest.mark.usefixtures("says")


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

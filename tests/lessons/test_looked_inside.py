"""Lessons that the adapter itself answers: measured on a click, kept with the run, offered to its owner."""

from __future__ import annotations

import pytest

from playground.errors import RunError
from playground.lessons.taken import Taken, remember
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.service.lessons.calls import LessonTaken
from playground.service.visitor import Visitor
from tests.inside.where.conftest import Finished

LESSONS = {"strength": "lora", "soft-prompt": "prompt_tuning"}


def taken(playground: Playground, folder: RunFolder) -> LessonTaken:
    found = playground.lesson_of_run(folder.run_id)
    assert found is not None
    return found


@pytest.mark.parametrize(("lesson", "method"), LESSONS.items())
def test_a_lesson_of_an_adapter_is_answered_once_it_was_measured_and_from_then_on(
    lesson: str, method: str, looking: Playground, finished: Finished
) -> None:
    folder = finished(method)
    remember(folder.path, Taken(lesson=lesson, guess=1))
    before = taken(looking, folder)
    assert (before.has_ended, before.can_measure, before.measured, before.answer) == (True, True, None, None)
    done = list(looking.measure_lesson(folder.run_id, lambda: False))
    assert all(isinstance(share, float) for share in done)
    assert done == sorted(done)  # type: ignore[type-var]
    after = taken(looking, folder)
    assert not after.can_measure
    assert after.measured is not None
    assert after.answer is not None
    assert after.name == folder.name
    assert [len(curve.points) for curve in after.curves] == [6, 2]
    assert len(list(looking.measure_lesson(folder.run_id, lambda: False))) == 0, "what was kept is not measured again"


def test_a_measurement_ends_soon_after_it_is_no_longer_wanted(looking: Playground, finished: Finished) -> None:
    folder = finished("ia3")
    remember(folder.path, Taken(lesson="strength", guess=None))
    assert list(looking.measure_lesson(folder.run_id, lambda: True)) == []
    assert taken(looking, folder).can_measure


def test_a_lesson_that_the_run_itself_answers_needs_no_measurement(looking: Playground, finished: Finished) -> None:
    folder = finished("lora")
    remember(folder.path, Taken(lesson="quicktour", guess=None))
    assert list(looking.measure_lesson(folder.run_id, lambda: False)) == []
    assert not taken(looking, folder).can_measure
    with pytest.raises(RunError):
        list(looking.measure_lesson("gone", lambda: False))


def test_another_visitor_sees_the_lesson_and_may_not_have_it_measured(
    looking: Playground, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("ia3")
    remember(folder.path, Taken(lesson="strength", guess=None))
    monkeypatch.setattr(looking, "visitor", lambda: Visitor("ben"))
    assert not taken(looking, folder).can_measure
    with pytest.raises(RunError):
        list(looking.measure_lesson(folder.run_id, lambda: False))

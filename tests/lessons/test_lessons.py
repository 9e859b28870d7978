"""Lessons taken: the guess is remembered, and every lesson's reveal is what its own run or race shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.catalog.presets import list_presets, load_preset
from playground.lessons.measurements import MEASUREMENTS
from playground.lessons.taken import FILE, Taken, recall
from playground.race.config import RaceConfig
from playground.service import Playground
from playground.service.lessons.calls import LessonTaken
from playground.texts import LANGUAGES, Language
from playground.ui.lessons.html import panel_html
from tests.held_training import HeldTraining
from tests.lessons.planted import events_of, measured
from tests.race.test_results import add_run

TEACHING = Path(__file__).resolve().parents[2] / "docs" / "teaching.md"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [preset.name for preset in list_presets()])
def test_two_results_of_a_lesson_are_two_reveals(name: str, language: Language) -> None:
    preset = load_preset(name)
    values = [measured(preset, much=much) for much in (False, True)]
    taken = [LessonTaken(preset=preset, guess=0, has_ended=True, measured=value) for value in values]
    answers = [item.answer for item in taken]
    assert None not in answers
    assert answers[0] != answers[1], "the choices tell the two results apart"
    pages = [panel_html(item, language) for item in taken]
    assert pages[0] != pages[1]
    for page, value in zip(pages, values, strict=True):
        assert value.said.to(language).split(",")[0].split(";")[0] in page


def test_a_run_remembers_its_lesson_and_answers_once_it_has_ended(playground: Playground) -> None:
    preset = load_preset("quicktour")
    folder = playground.store.create(playground.check(preset.values), {})
    assert playground.lesson_of_run(folder.run_id) is None
    (folder.path / FILE).write_text('{"lesson": "quicktour", "guess": 3}')
    before = playground.lesson_of_run(folder.run_id)
    assert before is not None
    assert (before.guess, before.has_ended, before.answer) == (3, False, None)
    for event in events_of("fields_right", much=True):
        folder.append(event)
    folder.finish({"status": "finished"})
    after = playground.lesson_of_run(folder.run_id)
    assert after is not None
    assert (after.guess, after.has_ended, after.answer) == (3, True, 3)


def test_a_race_remembers_its_lesson_and_answers_once_it_has_ended(playground: Playground) -> None:
    config = RaceConfig.from_values(load_preset("race-six-methods").values)
    race = playground.races.store.create(config)
    (race.path / FILE).write_text('{"lesson": "race-six-methods", "guess": null}')
    for place in range(6):
        add_run(playground, race, place, 42)
    taken = playground.lesson_of_race(race.race_id)
    assert taken is not None
    assert (taken.guess, taken.has_ended, taken.answer) == (None, True, 0)
    assert taken.measured is not None
    assert taken.measured.value == "lora"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"lesson": "gone"}', '{"lesson": "../x", "guess": 9}', "\xff\xfe"])
def test_a_damaged_memory_is_no_lesson(text: str, playground: Playground) -> None:
    folder = playground.store.create(playground.check(load_preset("quicktour").values), {})
    (folder.path / FILE).write_text(text, encoding="utf-16")
    assert playground.lesson_of_run(folder.run_id) is None
    (folder.path / FILE).write_text(text, encoding="utf-8")
    assert playground.lesson_of_run(folder.run_id) is None


def test_a_lesson_is_taken_with_a_guess_and_once_more_with_one_setting_changed(
    playground: Playground, training: HeldTraining
) -> None:
    run_id = playground.take_lesson("quicktour", 2)
    taken = playground.lesson_of_run(run_id)
    assert taken is not None
    assert (taken.preset.name, taken.guess) == ("quicktour", 2)
    again = playground.take_changed(taken.preset)
    assert again is not None
    differing = dict(playground.differences([run_id, again]))
    assert differing.keys() == {"name", "training.max_steps"}
    assert differing["training.max_steps"] == [20, 60]
    assert playground.lesson_of_run(again) is None


def test_the_guess_is_there_before_anybody_works_in_the_folder(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run begins by sweeping what is half written in its folder: the guess was, and was lost."""
    found: list[Taken | None] = []
    monkeypatch.setattr(playground.worker, "submit", lambda folder, *_: found.append(recall(folder.path)))
    playground.take_lesson("quicktour", 2)
    assert found == [Taken(lesson="quicktour", guess=2)]


def test_the_page_for_teachers_shows_a_whole_lesson_and_every_measurement(
    playground: Playground, tmp_path: Path
) -> None:
    page = TEACHING.read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "two-steps.yaml"
    path.write_text(shown, encoding="utf-8")
    assert playground.check_lesson(path) == []
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)[1:] == list(MEASUREMENTS)

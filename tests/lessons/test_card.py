"""The result card, read back by an XML parser: it says what was asked, guessed and found, and is only a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from playground.catalog.presets import load_preset
from playground.lessons.card import Curve, curves_of_race, curves_of_run
from playground.race.results import RunResult
from playground.runs.progress import Evaluation
from playground.service.lessons.calls import LessonTaken
from playground.texts import LANGUAGES, Language, Text
from playground.ui.lessons.card import result_card
from tests.events import evaluated, stepped
from tests.lessons.planted import measured, race_of

HOSTILE = "</text><script>alert(1)</script>&<img src=x onerror=alert(1)>\x00\x0b\u202e\uffff]]> \"' {guess}"
EVENTS = [stepped(1, loss=2.0), evaluated(0, 2.0), stepped(2, loss=float("nan")), evaluated(2, 0.5)]
TAGS = {"svg", "title", "rect", "text", "path", "polyline"}


def taken(lesson: str = "quicktour", **values: Any) -> LessonTaken:
    preset = load_preset(lesson)
    found = LessonTaken(
        preset=preset, guess=0, has_ended=True, measured=measured(preset, much=True), name="my run",
        curves=tuple(curves_of_run(EVENTS)),
    )  # fmt: skip
    return replace(found, **values)


def read(svg: str) -> tuple[set[str], str, ElementTree.Element]:
    """Its tags, its words in one line, and the tree."""
    tree = ElementTree.fromstring(svg)
    tags = {element.tag.rsplit("}", 1)[-1] for element in tree.iter()}
    return tags, " ".join(" ".join(tree.itertext()).split()), tree


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_question_guess_answer_and_what_came_out_in_the_language_of_the_page(language: Language) -> None:
    lesson = taken()
    tags, words, tree = read(result_card(lesson, language))
    assert tags == TAGS
    choices = lesson.preset.lesson.question.choices
    assert lesson.measured is not None
    for said in (
        lesson.preset.title, lesson.preset.lesson.question.text, choices[0].text, choices[3].text, lesson.measured.said,
    ):  # fmt: skip
        assert said.to(language) in words
    assert "my run" in words
    lines = [element.get("points", "").split() for element in tree.iter() if element.tag.endswith("polyline")]
    assert [len(line) for line in lines] == [1, 2], "a loss that is no number is no point"


def test_what_a_stranger_named_is_text_on_the_card_and_never_markup() -> None:
    hostile = taken(name=HOSTILE, curves=(Curve(Text(HOSTILE, HOSTILE), [(0.0, 1.0), (5.0, 0.5)]),))
    svg = result_card(hostile, "en")
    tags, words, tree = read(svg)
    assert tags == TAGS
    assert "</text><script>alert(1)</script>" in words
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not any(name.startswith("on") or "href" in name for name in attributes)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", ""), "it needs no other file"


def test_a_card_of_endless_words_is_no_endless_card() -> None:
    lesson = taken(name="x" * 10_000, curves=(Curve(Text("y" * 10_000, "y"), [(0.0, 1.0)]),))
    assert len(result_card(lesson, "en")) < 10_000


def test_two_results_are_two_cards_and_one_without_guess_says_so() -> None:
    cards = [result_card(taken(measured=measured(load_preset("quicktour"), much=much)), "en") for much in (False, True)]
    assert cards[0] != cards[1]
    assert "Your guess: none" in read(result_card(taken(guess=None, curves=()), "en"))[1]


def test_a_race_draws_a_line_for_each_entrant_that_has_a_loss() -> None:
    found = race_of(load_preset("race-qlora-twin"), 0)
    curve = tuple(Evaluation(step, float(step), 2.0 - step / 10) for step in (0, 4, 8))
    first = replace(found.entrants[0], runs=(RunResult(seed=1, status="finished", curve=curve),))
    curves = curves_of_race(replace(found, entrants=(first, *found.entrants[1:])))
    assert [len(curve.points) for curve in curves] == [3, 0]
    _, words, _ = read(result_card(taken("race-qlora-twin", curves=tuple(curves)), "en"))
    assert found.entrants[0].name in words

"""Beside a lesson's run: the button that measures on its adapter, and the link that saves the result card."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import gradio as gr
import pytest

from playground.catalog.presets import load_preset
from playground.errors import BusyError
from playground.service import Playground
from playground.service.lessons.calls import LessonTaken
from playground.texts import LANGUAGES, Language, Text
from playground.ui.lessons.html import panel_html
from playground.ui.lessons.measuring import LessonMeasuring
from playground.ui.texts import t
from tests.lessons.planted import measured

UNMEASURED = LessonTaken(
    preset=load_preset("strength"), guess=0, has_ended=True, measured=None, can_measure=True, name="<b>mine</b>"
)  # fmt: skip


def test_what_only_the_adapter_can_answer_is_offered_to_be_measured(playground: Playground) -> None:
    with gr.Blocks():
        measuring = LessonMeasuring(playground, "en", "live")
    offered, none = measuring.show(UNMEASURED), measuring.show(None)
    assert (offered[measuring.start].visible, none[measuring.start].visible) == (True, False)
    assert t("lesson_to_measure", "en") in panel_html(UNMEASURED, "en")


def test_a_measurement_says_how_far_it_is_and_for_whom_it_waits(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def measure_lesson(run_id: str, _: Any) -> Iterator[float | BusyError]:
        asked.append(run_id)
        yield BusyError(Text("<b> trains", "<b> treina"))
        yield 0.25

    monkeypatch.setattr(playground, "measure_lesson", measure_lesson)
    with gr.Blocks():
        measuring = LessonMeasuring(playground, "en", "live")
    waits, goes_on = (shown[measuring.status] for shown in measuring.work("a run", lambda: False))
    assert asked == ["a run"]
    assert "&lt;b&gt; trains" in waits
    assert 'aria-valuenow="25"' in goes_on


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_is_offered_with_the_answer_and_not_before(language: Language) -> None:
    assert "download=" not in panel_html(UNMEASURED, language)
    preset = load_preset("quicktour")
    answered = LessonTaken(
        preset=preset, guess=0, has_ended=True, measured=measured(preset, much=True), name="<b>mine</b>"
    )  # fmt: skip
    page = panel_html(answered, language)
    (name, held), *more = re.findall(r'download="([^"]+)" href="data:image/svg[+]xml;base64,([^"]+)"', page)
    assert (name, more) == ("quicktour.svg", [])
    words = " ".join(ElementTree.fromstring(b64decode(held)).itertext())
    assert preset.lesson.question.text.to(language) in words
    assert "<b>mine</b>" in words
    assert "<b>mine</b>" not in page

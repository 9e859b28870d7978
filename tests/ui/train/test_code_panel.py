"""The code beside the form: only for who looks, always of the form as it is, and never a traceback."""

from __future__ import annotations

import ast
from typing import Any

import gradio as gr
import pytest

from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.texts import t
from playground.ui.train.code_panel import CodePanel
from playground.ui.train.form import TrainForm
from playground.ui.train.tab import TrainTab


def built(playground: Playground, language: Language = "en") -> tuple[CodePanel, TrainForm]:
    with gr.Blocks():
        form = TrainForm(playground, language)
        panel = CodePanel(playground, language)
        panel.connect(form)
    return panel, form


@pytest.fixture
def fields(playground: Playground, tiny_model: str, tiny_data: str) -> dict[str, Any]:
    """The inputs of a form that names the tiny model and its data."""
    return {**built(playground)[1].initial_values(), "base_model": tiny_model, "dataset": tiny_data}


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_programs_are_shown_and_follow_the_form(
    playground: Playground, fields: dict[str, Any], language: Language
) -> None:
    panel, _ = built(playground, language)
    first = panel.write(**fields)
    assert t("code_help", language) in first[panel.note]
    assert "LoraConfig(" in first[panel.train]
    assert "PeftModel.from_pretrained" in first[panel.answer]
    second = panel.write(**fields | {"lora__r": 3, "max_steps": 17})
    assert "r=3" in second[panel.train]
    assert "r=3" not in first[panel.train]
    assert "else 17" in second[panel.train]
    ast.parse(second[panel.train])
    ast.parse(second[panel.answer])


def test_nothing_is_computed_for_who_does_not_look(
    playground: Playground, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Playground, "program_of", lambda *_: pytest.fail("written although nobody looks"))
    with gr.Blocks():
        tab = TrainTab(playground, "en")
    assert not tab.code.accordion.open
    assert list(tab.write(code_is_open=False, **fields)) == [tab.yaml]


def test_who_looks_sees_the_code_of_what_the_file_says(playground: Playground, fields: dict[str, Any]) -> None:
    with gr.Blocks():
        tab = TrainTab(playground, "en")
    shown = tab.write(code_is_open=True, **fields | {"lora__r": 3})
    assert "r: 3" in shown[tab.yaml]
    assert "r=3" in shown[tab.code.train]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dataset", ["", "<script>alert(1)</script>"])
def test_an_incomplete_form_is_explained_in_the_place_of_the_code(
    playground: Playground, fields: dict[str, Any], language: Language, dataset: str
) -> None:
    panel, _ = built(playground, language)
    shown = panel.write(**fields | {"dataset": dataset, "max_steps": -1, "learning_rate": '"); import os #'})
    assert "training.max_steps" in shown[panel.note]
    assert "training.learning_rate" in shown[panel.note]
    assert "<script>" not in shown[panel.note]
    assert shown[panel.train] == shown[panel.answer] == ""
    mended = panel.write(**fields)
    assert "training.max_steps" not in mended[panel.note]
    assert mended[panel.train]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_method_that_no_program_repeats_says_so(
    playground: Playground, fields: dict[str, Any], language: Language
) -> None:
    panel, _ = built(playground, language)
    shown = panel.write(**fields | {"method": "full"})
    assert {"en": "more code than plain PEFT", "pt": "mais código que o PEFT puro"}[language] in shown[panel.note]
    assert shown[panel.train] == ""

"""A file to translate: what it says about itself, and what is left of it in the filled one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.errors import PlaygroundError
from playground.service import Playground
from playground.translate.text import Row
from playground.ui.translate.choices import Offered, offered_by
from playground.ui.translate.tab import TranslateTab
from tests.ui.translate.examples import FORM, MINI, made, update

XLIFF = (
    '<xliff version="1.2"><file source-language="{}" target-language="{}"><body>'
    "<trans-unit id='1'><source>Save the file.</source></trans-unit>"
    "<trans-unit id='2'><source>Save <x id='1'/> all.</source></trans-unit></body></file></xliff>"
)


@pytest.fixture
def tab_pt(playground: Playground) -> TranslateTab:
    with gr.Blocks():
        return TranslateTab(playground, "pt")


def said_of(
    tab: TranslateTab, file: Path, offered: Offered | None, source: str | None, target: str | None
) -> tuple[str, Any, Any]:
    shown = tab.file.follow_file(file=str(file), offered=offered, source=source, target=target)
    note = shown.pop(tab.file.note)
    assert note.visible
    return str(note.value), shown.get(tab.direction.source, source), shown.get(tab.direction.target, target)


def test_a_file_s_own_languages_are_chosen_and_that_is_said(
    tab: TranslateTab, tab_pt: TranslateTab, tmp_path: Path
) -> None:
    path = tmp_path / "menu.xlf"
    path.write_text(XLIFF.format("pt-BR", "en-GB"), encoding="utf-8")
    note, *boxes = said_of(tab, path, offered_by(MINI), "en", "fr")
    assert boxes == ["pt", "en"]
    assert "Portuguese → English: the languages above were changed to it" in note
    assert "Texts to translate: 1." in note
    assert "1 with markup inside the sentence" in note
    note, *boxes = said_of(tab_pt, path, offered_by(MINI), "pt", "en")
    assert boxes == ["pt", "en"]
    assert "O arquivo diz Português → Inglês." in note


def test_languages_that_the_model_lacks_are_said_and_not_chosen(tab: TranslateTab, tmp_path: Path) -> None:
    path = tmp_path / "menu.xlf"
    path.write_text(XLIFF.format("en", "tlh"), encoding="utf-8")
    note, *boxes = said_of(tab, path, offered_by(MINI), "en", "fr")
    assert boxes == ["en", "fr"]
    assert "this model does not have" in note
    note, *boxes = said_of(tab, path, None, None, None)
    assert (boxes, "does not have" in note) == ([None, None], False)


def test_a_file_that_cannot_be_read_says_why_where_it_was_chosen_and_a_removed_one_says_nothing(
    tab: TranslateTab, tmp_path: Path
) -> None:
    path = tmp_path / "<img src=x>.xlf"
    path.write_text("<tmx/>", encoding="utf-8")
    note, *_ = said_of(tab, path, offered_by(MINI), "en", "pt")
    assert "✗" in note
    assert "&lt;img" in note
    removed = tab.file.follow_file(file=None, offered=offered_by(MINI), source="en", target="pt")
    assert not removed[tab.file.note].visible


def test_of_the_filled_file_the_status_says_what_was_left_and_a_column_can_be_chosen(
    tab: TranslateTab, tmp_path: Path
) -> None:
    path = tmp_path / "menu.po"
    path.write_text('msgid "two eggs"\nmsgstr ""\n\nmsgid "three"\nmsgstr ""\n', encoding="utf-8")
    rows = [Row("two eggs", (made("dois ovos"), made("dois gatos"))), Row("three", (made("três"), None))]
    half = update(rows=rows, done=3, is_final=False)
    shown, note = tab.results.finish(half, str(path))
    filled, tsv = shown[tab.results.filled], shown[tab.results.tsv]
    assert Path(str(filled.value["path"])).name == "menu.pt.po"
    assert Path(str(tsv.value["path"])).name == "menu.pt.tsv"
    assert note == "Filled in: 1. These stay as they are: 1 without a translation."
    assert "dois gatos" in Path(str(filled.value["path"])).read_text(encoding="utf-8")
    base = tab.results.choose_column(latest=half, column=0, file=str(path))[tab.results.filled]
    assert 'msgstr "três"' in Path(str(base.value["path"])).read_text(encoding="utf-8")


def test_a_file_is_not_translated_into_another_language_than_its_own(tab: TranslateTab, tmp_path: Path) -> None:
    path = tmp_path / "menu.xlf"
    path.write_text(XLIFF.format("en", "de"), encoding="utf-8")
    with pytest.raises(PlaygroundError, match="from English into German, not from English into Portuguese"):
        tab.check(**FORM | {"text": "", "file": str(path)})

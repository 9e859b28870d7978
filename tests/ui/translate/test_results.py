"""What the Translate tab shows of a translation, as text and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playground.texts import LANGUAGES, Language
from playground.translate.text import Row
from playground.ui.translate.html import SHOWN_ROWS, status_html, translation_html
from playground.ui.translate.tab import TranslateTab
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page
from tests.ui.translate.examples import made, update


@pytest.mark.parametrize("ui", LANGUAGES)
@pytest.mark.parametrize("marks", ["added", "both", "none"])
def test_names_sources_and_translations_are_shown_as_text(marks: Any, ui: Language) -> None:
    hostile = update(texts=[SCRIPT, SCRIPT], rows=[Row(SCRIPT, (made(SCRIPT), made(f"x {SCRIPT}"))), *update().rows])
    shown = Page(translation_html(hostile, marks, False, ui))
    assert not {"script", "img"} & set(shown.tags)
    assert SCRIPT in shown.text
    assert HTML_NAME in shown.text


def test_what_the_adapter_changed_is_marked_and_confidence_and_badges_are_there() -> None:
    html = translation_html(update(), "both", False, "en")
    shown = Page(html)
    assert shown.inside["ins"][0] == f"gatos {SCRIPT}"
    assert shown.inside["del"][0] == "ovos"
    assert 'aria-valuenow="90"' in html
    assert "30%" in shown.text
    assert "wrong language" in shown.text
    assert "idioma errado" in translation_html(update(), "both", False, "pt")


def test_only_suspicious_sentences_are_shown_on_request() -> None:
    assert "three" not in Page(translation_html(update(), "none", True, "en")).text
    assert "three" in Page(translation_html(update(), "none", False, "en")).text


def test_a_page_shows_the_first_of_thousands_of_rows_and_says_so() -> None:
    rows = [Row(f"row {number}", (made("x"), None)) for number in range(5000)]
    html = translation_html(update(rows=rows, texts=["x\n" * 5000, "…"]), "added", False, "en")
    assert html.count('<th scope="row">') == SHOWN_ROWS
    assert "of 5,000" in html
    assert len(html) < 200_000


def test_the_memory_s_column_can_be_chosen_and_is_the_adapter_at_first(tab: TranslateTab) -> None:
    results = tab.results
    shown, note = results.finish(update(), None)
    assert (shown[results.filled].visible, note) == (False, "")
    assert (shown[results.column].value, shown[results.column].visible) == (1, True)
    assert "gatos" in Path(str(shown[results.tmx].value["path"])).read_text(encoding="utf-8")
    base = results.choose_column(latest=update(), column=0, file=None)[results.tmx]
    assert "ovos" in Path(str(base.value["path"])).read_text(encoding="utf-8")


def test_nothing_is_offered_before_something_is_translated(tab: TranslateTab) -> None:
    results, emptied = tab.results, tab.results.emptied()
    assert not any(emptied[item].visible for item in (results.filled, results.tsv, results.tmx, results.column))
    assert results.finish(update(done=0, is_final=False), None) == ({}, "")


def test_the_status_counts_what_is_done_and_what_looks_suspicious() -> None:
    assert "Done: 4" in status_html(update(), "en", goes_on=False)
    assert "1 look suspicious" in status_html(update(), "en", goes_on=False)
    assert "2 de 4" in status_html(update(done=2, is_final=False), "pt", goes_on=False)

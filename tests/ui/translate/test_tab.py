"""The Translate tab: what it offers, what it asks of the service, and what it shows of a translation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.catalog.languages import language_name
from playground.compare.adapters import Column
from playground.config import DataConfig, RunConfig
from playground.data.example import Languages
from playground.errors import PlaygroundError
from playground.model.translate import TranslationConfig
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.translate.text import Row, Translated, TranslateUpdate, model_languages
from playground.ui.translate.choices import (
    EXAMPLES,
    Offered,
    about_model,
    chosen_pair,
    language_choices,
    offered_by,
    trained_pair,
    translation_models,
)  # fmt: skip
from playground.ui.translate.html import SHOWN_ROWS, status_html, translation_html
from playground.ui.translate.tab import TranslateTab
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page, event
from tests.ui.parts.job_events import clicked, first_values, job_events, leaves

MINI, HUB = "m2m100-mini", "facebook/m2m100_418M"
FORM: dict[str, Any] = {
    "model": MINI, "runs": [], "source": "en", "target": "pt", "text": "x", "file": None, "beams": 1, "longest": 9,
    "length_penalty": 1, "ngram": 0, "repetition": 1, "marks": "added", "only": False,
}  # fmt: skip
ONE_WAY = Offered(("en",), ("de",), ("en", "de"))


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> tuple[gr.Blocks, TranslateTab]:
    with gr.Blocks() as blocks:
        with gr.Tab() as item:
            tab = TranslateTab(playground, request.param)
        tab.connect(blocks, item)
    return blocks, tab


@pytest.fixture
def tab(playground: Playground) -> TranslateTab:
    with gr.Blocks():
        return TranslateTab(playground, "en")


@pytest.fixture
def tab_pt(playground: Playground) -> TranslateTab:
    with gr.Blocks():
        return TranslateTab(playground, "pt")


def add_run(playground: Playground, base_model: str, name: str, **data: Any) -> str:
    settings = {"name": name, "base_model": base_model, "data": {"dataset": "notes-to-json", **data}}
    folder = playground.store.create(RunConfig.from_values(settings), {})
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}")
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
    folder.finish({"status": "finished"})
    return folder.run_id


def made(text: str, confidence: float = 0.5, *badges: str) -> Translated:
    return Translated(text, confidence, "truncated" in badges, badges)


def update(**changes: Any) -> TranslateUpdate:
    rows = [
        Row("two eggs", (made("dois ovos", 0.9), made(f"dois gatos {SCRIPT}", 0.3, "wrong_language"))),
        Row("three", (made("três", 0.55), made("três", 0.55))),
    ]
    values: dict[str, Any] = {
        "columns": [Column(MINI, None), Column(HTML_NAME, "20250101-000000-abcdef")],
        "languages": Languages("en", "pt"), "decoding": TranslationConfig(), "rows": rows,
        "texts": ["dois ovos\ntrês", "dois gatos\ntrês"], "done": 4, "total": 4, "is_final": True,
    }  # fmt: skip
    return TranslateUpdate(**{**values, **changes})


# --- what is offered --------------------------------------------------------------------------------


def test_the_embedded_model_comes_first_and_each_model_says_what_it_costs() -> None:
    assert list(translation_models()) == [MINI, HUB]
    assert "nothing to download" in about_model(MINI, "en")
    assert "1.94\N{NO-BREAK SPACE}GB" in about_model(HUB, "en")
    assert "1,94\N{NO-BREAK SPACE}GB" in about_model(HUB, "pt")
    assert "4\N{NO-BREAK SPACE}GB de memória" in about_model(HUB, "pt")


def test_the_listed_languages_are_those_that_the_embedded_model_really_has() -> None:
    found, offered = model_languages(MINI), offered_by(MINI)
    assert offered is not None
    assert set(offered.sources) == set(found.sources)
    assert set(offered.targets) == set(found.targets)
    assert offered.trained == found.trained
    assert offered_by("owner/unknown") is None


@pytest.mark.parametrize("ui", LANGUAGES)
def test_languages_are_offered_by_name_the_learned_ones_first_and_the_others_say_so(ui: Language) -> None:
    offered = offered_by(MINI)
    assert offered is not None
    choices = language_choices(offered.targets, offered.trained, ui)
    assert {code for _, code in choices[:4]} == {"en", "pt", "es", "fr"}
    assert [name for name, _ in choices[:4]] == sorted(language_name(code, ui) for code in ("en", "pt", "es", "fr"))
    [galician] = [name for name, code in choices if code == "gl"]
    assert galician.startswith("Gali") or galician.startswith("Gale")
    assert "·" in galician
    assert not any("·" in name for name, _ in choices[:4])


def test_a_pair_that_the_model_lacks_is_replaced_by_one_that_it_has() -> None:
    assert chosen_pair(ONE_WAY, "pt", "en") == ("en", "de")
    mini = offered_by(MINI)
    assert mini is not None
    assert chosen_pair(mini, "pt", "gl") == ("pt", "gl")
    assert chosen_pair(mini, None, None) == ("en", "pt")
    assert chosen_pair(mini, "pt", None)[1] == "en"


def test_the_first_click_translates_an_example_that_the_model_knows(
    built: tuple[gr.Blocks, TranslateTab],
) -> None:
    blocks, tab = built
    request = tab.check(**first_values(blocks, tab.start)).request
    assert request.base_model == MINI
    assert request.languages == ("en", "pt")
    assert request.text == EXAMPLES["en"]
    assert request.decoding == TranslationConfig()


def test_only_adapters_of_the_chosen_model_are_offered(tab: TranslateTab, playground: Playground) -> None:
    mine, other = add_run(playground, MINI, "mine"), add_run(playground, HUB, "other")
    box = tab.direction.offer_runs(model=MINI, runs=[mine, other])
    assert [run_id for _, run_id in box.choices] == [mine]
    assert box.value == [mine]


def test_choosing_a_run_chooses_the_direction_that_it_learned() -> None:
    def data(source: str | None, target: str | None) -> DataConfig:
        return DataConfig(dataset="x.tsv", source_language=source, target_language=target)

    mini = offered_by(MINI)
    assert trained_pair(data("en", "pt-BR"), mini) == ("en", "pt")
    assert trained_pair(data("en", None), mini) is None
    assert trained_pair(data("en", "pt"), ONE_WAY) is None


# --- events -------------------------------------------------------------------------------------------


def test_no_event_of_the_tab_is_part_of_the_public_api(built: tuple[gr.Blocks, TranslateTab]) -> None:
    assert {block.api_visibility for block in built[0].fns.values()} == {"private"}


def test_a_hub_model_that_is_not_listed_asks_to_be_loaded_before_it_shows_languages(
    built: tuple[gr.Blocks, TranslateTab],
) -> None:
    blocks, tab = built
    direction, follow = tab.direction, event(blocks, "follow_model").fn
    shown = follow(model="owner/unknown", source="en", target="pt", runs=[])
    assert shown[direction.load].visible
    assert shown[direction.offered] is None
    source, target = shown[direction.source], shown[direction.target]
    assert (source.choices, source.interactive, target.value) == ([], False, None)
    shown = follow(model=HUB, source="en", target="gl", runs=[])
    assert not shown[direction.load].visible
    source, target = shown[direction.source], shown[direction.target]
    assert len(target.choices) == 100
    assert "value" not in source.constructor_args | target.constructor_args  # both stay as they are
    assert "GB" in shown[direction.about]


def test_loading_a_model_lists_its_languages_and_one_that_is_no_translator_is_refused(
    built: tuple[gr.Blocks, TranslateTab], tiny_model: str
) -> None:
    blocks, direction = built[0], built[1].direction
    page, events = SimpleNamespace(session_hash="one"), job_events(blocks, direction.load)

    def load(model: str, source: str | None, target: str | None) -> dict[Any, Any]:
        events.start(page, model=model, source=source, target=target)
        [shown] = events.work(page)
        return shown

    shown = load(MINI, "pt", "en")
    assert not shown[direction.load].visible
    assert events.success(page)[direction.load].interactive  # for the next model that is not listed
    assert shown[direction.offered].trained == ("en", "pt", "es", "fr")
    assert "value" not in shown[direction.source].constructor_args  # it stays as it is
    assert load(MINI, "xx", None)[direction.source].value == "en"
    with pytest.raises(gr.Error):
        load(tiny_model, None, None)


def test_languages_are_swapped_only_where_the_model_goes_both_ways(
    built: tuple[gr.Blocks, TranslateTab],
) -> None:
    swap, direction = event(built[0], "swap_languages").fn, built[1].direction
    swapped = swap(offered=offered_by(MINI), model=MINI, source="en", target="pt")
    assert swapped == {direction.source: "pt", direction.target: "en"}
    with pytest.raises(gr.Error):
        swap(offered=ONE_WAY, model="marian", source="en", target="de")


def test_the_example_follows_the_language_and_a_visitor_s_text_stays(
    built: tuple[gr.Blocks, TranslateTab],
) -> None:
    follow = event(built[0], "follow_source").fn
    assert follow(source="pt", text=EXAMPLES["en"]) == EXAMPLES["pt"]
    assert follow(source="pt", text="my own") == gr.skip()
    assert follow(source="zh", text=EXAMPLES["en"]) == gr.skip()


def translated(blocks: gr.Blocks, tab: TranslateTab, page: Any, **values: Any) -> Iterator[Any]:
    events = job_events(blocks, tab.start)
    events.start(page, **first_values(blocks, tab.start) | values)
    steps: Iterator[Any] = events.work(page)
    return steps


def test_a_file_of_lines_is_translated_stopped_and_what_is_there_is_kept(
    built: tuple[gr.Blocks, TranslateTab], tmp_path: Path
) -> None:
    blocks, tab = built
    results = tab.results
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(f"Open file number {number}." for number in range(400)), encoding="utf-8")
    page = SimpleNamespace(session_hash="one")
    updates = translated(blocks, tab, page, file=str(path), beams=1)
    shown: dict[Any, Any] = {}
    for step in updates:
        shown |= step
        if shown[results.latest].done:
            clicked(blocks, tab.stop)(page)
    latest, status = shown[results.latest], shown[tab.status]
    assert 0 < latest.done < 400
    filled, tsv, tmx, column = (shown[item] for item in (results.filled, results.tsv, results.tmx, results.column))
    assert Path(str(filled.value["path"])).name == "lines.pt.txt"
    assert Path(str(filled.value["path"])).read_text(encoding="utf-8").count("\n") == 399
    assert Path(str(tsv.value["path"])).name == "lines.pt.tsv"
    assert f"{latest.done}" in status
    assert "■" in status
    assert Path(str(tsv.value["path"])).read_text(encoding="utf-8").count("\n") == 401
    assert Path(str(tmx.value["path"])).read_text(encoding="utf-8").count("<tu>") == latest.done
    assert not column.visible
    assert next(translated(blocks, tab, page, text="Save the file."))  # and the model is free again


def test_a_page_that_is_closed_stops_its_translation(built: tuple[gr.Blocks, TranslateTab]) -> None:
    blocks, tab = built
    page = SimpleNamespace(session_hash="gone")
    updates = translated(blocks, tab, page, text="\n".join(f"Open file number {number}." for number in range(400)))
    first = next(updates)[tab.results.latest]
    for leave in leaves(blocks):
        leave(page)
    *_, latest = (step[tab.results.latest] for step in updates if tab.results.latest in step)
    assert latest.done < first.total


@pytest.mark.parametrize(
    "changes", [{"source": None}, {"target": ""}, {"text": "  "}, {"beams": 99}, {"file": "/nowhere/x.txt"},
                {"runs": ["a"] * 4}],
)  # fmt: skip
def test_values_that_cannot_be_used_are_refused(tab: TranslateTab, changes: dict[str, Any]) -> None:
    with pytest.raises(PlaygroundError):
        tab.check(**FORM | changes)


# --- files --------------------------------------------------------------------------------------------

XLIFF = (
    '<xliff version="1.2"><file source-language="{}" target-language="{}"><body>'
    "<trans-unit id='1'><source>Save the file.</source></trans-unit>"
    "<trans-unit id='2'><source>Save <x id='1'/> all.</source></trans-unit></body></file></xliff>"
)


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


# --- what is shown ------------------------------------------------------------------------------------


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

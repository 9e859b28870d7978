"""The Translate tab: what it offers, and what it asks of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.catalog.languages import language_name
from playground.config import DataConfig
from playground.errors import PlaygroundError
from playground.model.translate import TranslationConfig
from playground.texts import LANGUAGES, Language
from playground.translate.text import model_languages
from playground.ui.translate.choices import (
    EXAMPLES,
    about_model,
    chosen_pair,
    language_choices,
    offered_by,
    trained_pair,
    translation_models,
)  # fmt: skip
from playground.ui.translate.tab import TranslateTab
from tests.ui.compare.test_tab import event
from tests.ui.parts.job_events import clicked, first_values, job_events, leaves
from tests.ui.translate.examples import FORM, HUB, MINI, ONE_WAY

# --- what is offered ----------------------------------------------------------------------------------


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


def test_only_adapters_of_the_chosen_model_are_offered(tab: TranslateTab, add_run: Callable[..., str]) -> None:
    mine, other = add_run(MINI, "mine"), add_run(HUB, "other")
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

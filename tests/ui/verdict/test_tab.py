"""The Verdict tab: what it offers, what it asks of the service, and what it shows of a verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.errors import DataError, RunError
from playground.runs import session
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.verdict.html import KINDS, leaks_html, list_html, sentence_html, verdict_html
from playground.ui.verdict.panel import most_moved
from playground.ui.verdict.tab import HELD_OUT, OWN_FILE, VerdictTab
from playground.verdict.files import to_json
from playground.verdict.judge import System, TestSet, Verdict, judge
from playground.verdict.leakage import Leak, Pair
from tests.tiny import save_tiny_translator
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page, event
from tests.ui.parts.job_events import first_values

WORDS = ("cat", "mat", "rain", "house", "file", "editor", "floor", "ticket")
NAME = "verdict-20261124-120413-000001.json"
FORM: dict[str, Any] = {
    "runs": ["a"], "test": HELD_OUT, "files": None, "source": None, "target": None, "beams": 1, "accept": False
}  # fmt: skip


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    """Twelve sentences; names, sentences and translations that would run if they were not shown as text."""
    pairs = tuple(Pair(f"source {place} {SCRIPT}", f"o gato {place} {SCRIPT} dorme") for place in range(12))
    base = System("m2m100-mini", None, tuple(f"um cão {place}" for place in range(12)), "beam:4")
    outputs = [pair.reference for pair in pairs]
    outputs[5] = ""
    badges = tuple(("empty",) if place == 5 else ("unheard-of",) for place in range(12))
    adapter = System(HTML_NAME, "20250101-000000-abcdef", tuple(outputs), "beam:4", badges)
    leaks = (Leak(2, "source", SCRIPT, SCRIPT, HTML_NAME),)
    return judge(TestSet(f"{SCRIPT}.tsv", "en", "pt", pairs, leaks), base, [adapter])


# --- what is offered and asked --------------------------------------------------------------------


def test_only_runs_of_translation_are_offered(tab: VerdictTab, add_run: Callable[..., str]) -> None:
    add_run("smollm2-135m-instruct")
    mine = add_run("m2m100-mini", dataset="everyday-phrases")
    box = tab.offer_runs(runs=[mine, "gone"])
    assert [run_id for _, run_id in box.choices] == [mine]
    assert box.value == [mine]


def test_without_a_run_the_page_says_how_to_get_one(tab: VerdictTab) -> None:
    assert "Start tab" in str(tab.offer_runs(runs=[]).info)


def test_a_file_is_judged_only_where_it_is_chosen(built: tuple[gr.Blocks, VerdictTab], tmp_path: Path) -> None:
    blocks, tab = built
    files = [str(tmp_path / "x.en"), str(tmp_path / "x.pt")]
    form = first_values(blocks, tab.start) | {"runs": ["a"], "files": files, "source": "en", "target": "pt"}
    request = tab.check(**form | {"beams": 2, "accept": True})
    assert (request.run_ids, request.test_file, request.decoding.num_beams) == (("a",), None, 2)
    assert request.accept_leakage
    assert request.languages is None
    own = tab.check(**form | {"test": OWN_FILE})
    assert [own.test_file, own.test_target] == files
    assert own.languages == ("en", "pt")


def test_what_is_missing_is_named(tab: VerdictTab) -> None:
    with pytest.raises(RunError, match="at least one run"):
        tab.check(**FORM | {"runs": []})
    with pytest.raises(RunError, match="No test file"):
        tab.check(**FORM | {"test": OWN_FILE})
    with pytest.raises(DataError, match="3 files were given"):
        tab.check(**FORM | {"test": OWN_FILE, "files": ["x", "y", "z"]})


def test_no_event_of_the_tab_is_part_of_the_public_api(built: tuple[gr.Blocks, VerdictTab]) -> None:
    assert {block.api_visibility for block in built[0].fns.values() if block.fn} <= {"private"}


def test_a_click_in_the_chart_reaches_the_number_beside_it(built: tuple[gr.Blocks, VerdictTab]) -> None:
    blocks, tab = built
    scripts = [block.js for block in blocks.fns.values() if block.js]
    assert any(str(tab.panel.number.elem_id) in str(js) and "plotly_click" in str(js) for js in scripts)
    assert event(blocks, "open_sentence").outputs == [tab.panel.sentence]


def test_other_test_sentences_need_another_acknowledgement(built: tuple[gr.Blocks, VerdictTab]) -> None:
    blocks, tab = built
    assert event(blocks, "forget_leaks").fn(test=OWN_FILE)[tab.accept] is False


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_sentences_and_translations_are_shown_as_text(verdict: Verdict, language: Language) -> None:
    parts = [verdict_html(verdict, language), leaks_html(verdict.test.leaks, 12, language)]
    parts += [sentence_html(verdict, place, language) for place in (0, 5)]
    parts += [list_html(verdict, 0, kind, language) for kind in KINDS]
    for html in parts:
        shown = Page(html)
        assert not {"script", "img"} & set(shown.tags)
    assert HTML_NAME in Page(parts[0]).text
    assert SCRIPT in Page(parts[1]).text


def test_the_sentence_its_caution_and_the_leakage_are_all_said(verdict: Verdict) -> None:
    for language, words in (("en", ("Better by", "Only 12 test", "1 of these 12", "11 better")),
                            ("pt", ("Melhor em", "Só 12 frases", "1 destas 12", "11 melhores"))):  # fmt: skip
        text = Page(verdict_html(verdict, language)).text  # type: ignore[arg-type]
        for word in words:
            assert word in text


def test_the_figures_are_those_of_the_verdict(verdict: Verdict) -> None:
    text = Page(verdict_html(verdict, "en")).text
    for result in verdict.results:
        for score in result.scores.values():
            assert f"{score.score:.2f}" in text
            assert score.signature in text
    assert f"Decoding settings: {verdict.base.system.decoding}" in text


def test_a_sentence_shows_both_models_their_scores_and_what_is_new(verdict: Verdict) -> None:
    shown = Page(sentence_html(verdict, 5, "en"))
    assert "(empty)" in shown.text
    assert "empty" in shown.inside["span"]
    changed = Page(sentence_html(verdict, 3, "pt"))
    assert "gato" in "".join(changed.inside["ins"])
    assert f"chrF {verdict.adapters[0].sentence_chrf[3]:.1f}".replace(".", ",") in changed.text
    assert "unheard-of" not in changed.text


def test_a_verdict_fills_all_of_its_panel_and_none_hides_it(
    built: tuple[gr.Blocks, VerdictTab], verdict: Verdict
) -> None:
    panel = built[1].panel
    filled, hidden = panel.show(verdict), panel.show(None)
    assert filled.keys() == set(panel.components)
    assert (hidden[panel.latest], hidden[panel.results].visible) == (None, False)
    assert filled[panel.latest] is verdict
    assert filled[panel.number].value == most_moved(verdict) + 1
    assert filled[panel.number].maximum == 12
    assert len(filled[panel.scatter].data) == 2
    files = [Path(str(filled[button].value["path"])) for button in (panel.tsv, panel.csv, panel.json, panel.signatures)]
    assert [path.name for path in files] == ["sentences.tsv", "scores.csv", "verdict.json", "signatures.txt"]
    assert json.loads(files[2].read_text(encoding="utf-8"))["test"]["source_language"] == "en"


def test_a_number_outside_the_test_opens_nothing(built: tuple[gr.Blocks, VerdictTab], verdict: Verdict) -> None:
    opened = event(built[0], "open_sentence").fn
    for number in (None, 0, 13, -1):
        assert not isinstance(opened(latest=verdict, number=number), str)
    assert "source 11" in opened(latest=verdict, number=12)


# --- verdicts that were given earlier, and new ones -------------------------------------------------


def test_a_run_brings_its_newest_verdict_and_no_other_file_is_read(
    built: tuple[gr.Blocks, VerdictTab], playground: Playground, verdict: Verdict, add_run: Callable[..., str]
) -> None:
    run_id = add_run("m2m100-mini", dataset="everyday-phrases")
    folder = playground.store.open(run_id).path
    older = replace(verdict, created_at="2026-11-23T00:00:00")
    (folder / NAME.replace("1124", "1123")).write_text(to_json(older), encoding="utf-8")
    (folder / NAME).write_text(to_json(verdict), encoding="utf-8")
    blocks, tab = built
    shown = event(blocks, "follow_runs").fn(runs=[run_id])
    earlier = shown[tab.earlier]
    assert [label for label, _ in earlier.choices] == ["2026-11-24 12:04:13", "2026-11-23 12:04:13"]
    assert earlier.value == NAME
    assert shown[tab.panel.latest] == verdict
    opened = event(blocks, "open_earlier").fn(runs=[run_id], name=NAME.replace("1124", "1123"))
    assert opened[tab.panel.latest] == older
    for name in ("../config.yaml", "summary.json", "verdict-x.json"):
        with pytest.raises(RunError):
            playground.saved_verdict(run_id, name)


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_translator(tmp_path_factory.mktemp("model") / "m2m100", "m2m100"))


def trained(playground: Playground, translator: str, folder: Path) -> str:
    path = folder / "pairs.tsv"
    rows = [f"The {word} number {number}.\tO {word} {number}." for number in range(5) for word in WORDS]
    path.write_text("en\tpt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    values = {
        "name": HTML_NAME,
        "base_model": translator,
        "data": {"dataset": str(path), "source_language": "en", "target_language": "pt", "eval_fraction": 0.3},
        "training": {"max_steps": 2, "batch_size": 4, "eval_examples": 4, "score_examples": 0},
    }
    run = playground.store.create(playground.check(values), {})
    assert session.run(run, lambda: False)["status"] == "finished"
    return run.run_id


def asked(tab: VerdictTab, run_id: str | None, *files: Path) -> dict[str, Any]:
    """What the tab shows for test files of the visitor's own."""
    runs = [run_id] if run_id else []
    shown = tab.ask_languages(test=OWN_FILE, files=[str(file) for file in files], runs=runs)
    source, target = shown[tab.source], shown[tab.target]
    return {
        "visible": shown[tab.languages].visible,
        "pair": (source.value, target.value),
        "codes": [code for _, code in source.choices],
        "note": shown[tab.file_note].value or "",
    }


def test_languages_are_asked_for_where_file_and_run_leave_them_open(
    tab: VerdictTab, add_run: Callable[..., str], tmp_path: Path
) -> None:
    run_id = add_run("m2m100-mini", dataset="everyday-phrases")
    two, three, other = tmp_path / "two.tsv", tmp_path / "three.tsv", tmp_path / "other.tsv"
    two.write_text("en\tpt-BR\nThe cat.\tO gato.\n", encoding="utf-8")
    three.write_text("en\tpt\tes\nThe cat.\tO gato.\tEl gato.\n", encoding="utf-8")
    other.write_text("fr\tes\nLe chat.\tEl gato.\n", encoding="utf-8")
    assert asked(tab, run_id, two) == {"visible": False, "pair": (None, None), "codes": [], "note": ""}
    shown = asked(tab, run_id, three)
    assert (shown["visible"], shown["pair"], sorted(shown["codes"])) == (True, ("en", "pt"), ["en", "es", "pt"])
    assert "English, Portuguese, Spanish" in shown["note"]
    assert asked(tab, run_id, other)["pair"] == ("fr", "es")
    assert asked(tab, None, two)["visible"]
    assert "✗" in asked(tab, run_id, tmp_path / "gone.tsv")["note"]
    assert not tab.ask_languages(test=HELD_OUT, files=[str(three)], runs=[run_id])[tab.languages].visible


def test_two_texts_that_do_not_say_their_languages_get_those_of_the_run(
    tab: VerdictTab, add_run: Callable[..., str], tmp_path: Path
) -> None:
    run_id = add_run("m2m100-mini", dataset="everyday-phrases")
    one, other = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text("1\n2\n", encoding="utf-8")
    other.write_text("3\n4\n", encoding="utf-8")
    shown = asked(tab, run_id, one, other)
    assert (shown["visible"], shown["pair"]) == (True, ("en", "pt"))
    assert "does not say" in shown["note"]


def test_judging_shows_progress_then_the_verdict_and_leakage_waits_for_a_nod(
    tab: VerdictTab, playground: Playground, translator: str, tmp_path: Path
) -> None:
    run_id = trained(playground, translator, tmp_path)

    def judged(*, stop: bool = False, **changes: Any) -> list[dict[Any, Any]]:
        request = tab.check(**FORM | {"runs": [run_id]} | changes)
        return list(tab.work(request, lambda: stop))

    *progress, last = judged()
    assert "translated" in progress[0][tab.status]
    assert HTML_NAME not in "".join(shown[tab.status] for shown in progress)
    assert "Judged on 12 sentences" in last[tab.status]
    latest = last[tab.panel.latest]
    assert isinstance(latest, Verdict)
    assert playground.saved_verdict(run_id, playground.verdict_names(run_id)[0]) == latest

    leaky = tmp_path / "leaky.tsv"
    leaky.write_text("en\tpt\nThe cat number 0.\tO cat 0.\nThe cat number 3.\tO cat 3.\nNew words.\tNovas palavras.\n")
    (blocked,) = judged(test=OWN_FILE, files=[str(leaky)])
    assert blocked[tab.leaks_panel].visible
    assert "were trained on" in blocked[tab.leaks]
    accepted = judged(test=OWN_FILE, files=[str(leaky)], accept=True)[-1]
    assert accepted[tab.panel.latest].test.leaks

    stopped = judged(stop=True)
    assert "Stopped" in stopped[-1][tab.status]
    assert len(playground.verdict_names(run_id)) == 2

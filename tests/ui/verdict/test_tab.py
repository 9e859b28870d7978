"""The Verdict tab: what it offers, what it asks of the service, and what it shows of a verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from playground.config import RunConfig
from playground.errors import DataError, RunError
from playground.runs import session
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.verdict import events as verdict_events
from playground.ui.verdict import file as verdict_file
from playground.ui.verdict import tab as verdict_tab
from playground.ui.verdict.html import KINDS, leaks_html, list_html, sentence_html, verdict_html
from playground.verdict.files import to_json
from playground.verdict.judge import System, TestSet, Verdict, judge
from playground.verdict.leakage import Leak, Pair
from tests.tiny import save_tiny_translator
from tests.ui.compare.test_tab import HTML_NAME, SCRIPT, Page, event

WORDS = ("cat", "mat", "rain", "house", "file", "editor", "floor", "ticket")
NAME = "verdict-20261124-120413-000001.json"


@pytest.fixture(params=LANGUAGES)
def built(request: pytest.FixtureRequest, playground: Playground) -> tuple[gr.Blocks, verdict_tab.VerdictTab]:
    with gr.Blocks() as blocks:
        tab = verdict_tab.build(request.param)
        verdict_events.wire(tab, blocks, playground, request.param)
        verdict_events.refresh_on([blocks.load], tab, playground, request.param)
    return blocks, tab


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


def add_run(playground: Playground, base_model: str, dataset: str) -> str:
    settings = {"name": "first", "base_model": base_model, "data": {"dataset": dataset}}
    folder = playground.store.create(RunConfig.from_values(settings), {})
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}")
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
    folder.finish({"status": "finished"})
    return folder.run_id


# --- what is offered and asked --------------------------------------------------------------------


def test_only_runs_of_translation_are_offered(playground: Playground) -> None:
    add_run(playground, "smollm2-135m-instruct", "notes-to-json")
    mine = add_run(playground, "m2m100-mini", "everyday-phrases")
    box = verdict_events.run_choices(playground, [mine, "gone"], "en")
    assert [run_id for _, run_id in box.choices] == [mine]
    assert box.value == [mine]


def test_without_a_run_the_page_says_how_to_get_one(playground: Playground) -> None:
    assert "Start tab" in str(verdict_events.run_choices(playground, [], "en").info)


def test_the_form_and_the_request_have_the_same_order(
    built: tuple[gr.Blocks, verdict_tab.VerdictTab], tmp_path: Path
) -> None:
    _, tab = built
    values = dict(
        zip(tab.request, (["a"], verdict_tab.HELD_OUT, [str(tmp_path / "x.tsv")], "en", "pt", 2, True), strict=True)
    )
    request = verdict_tab.read_request(*values.values())
    assert (request.run_ids, request.test_file, request.decoding.num_beams) == (("a",), None, 2)
    assert request.accept_leakage
    assert request.languages is None
    files = [str(tmp_path / "x.en"), str(tmp_path / "x.pt")]
    own = verdict_tab.read_request(["a"], verdict_tab.OWN_FILE, files, "en", "pt", 2, False)
    assert [own.test_file, own.test_target] == files
    assert own.languages == ("en", "pt")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(RunError, match="at least one run"):
        verdict_tab.read_request([], verdict_tab.HELD_OUT, None, None, None, 4, False)
    with pytest.raises(RunError, match="No test file"):
        verdict_tab.read_request(["a"], verdict_tab.OWN_FILE, None, None, None, 4, False)
    with pytest.raises(DataError, match="3 files were given"):
        verdict_tab.read_request(["a"], verdict_tab.OWN_FILE, ["x", "y", "z"], None, None, 4, False)


def test_no_event_of_the_tab_is_part_of_the_public_api(built: tuple[gr.Blocks, verdict_tab.VerdictTab]) -> None:
    assert {block.api_visibility for block in built[0].fns.values() if block.fn} <= {"private"}


def test_a_click_in_the_chart_reaches_the_number_beside_it(built: tuple[gr.Blocks, verdict_tab.VerdictTab]) -> None:
    blocks, tab = built
    scripts = [block.js for block in blocks.fns.values() if block.js]
    assert any(str(tab.number.elem_id) in str(js) and "plotly_click" in str(js) for js in scripts)
    assert event(blocks, "open_sentence").outputs == [tab.sentence]


def test_other_test_sentences_need_another_acknowledgement(built: tuple[gr.Blocks, verdict_tab.VerdictTab]) -> None:
    blocks, tab = built
    forget = event(blocks, "forget_leaks")
    assert forget.outputs[-1] is tab.accept
    assert forget.fn(verdict_tab.OWN_FILE)[-1] is False


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


def test_the_views_fill_exactly_what_the_tab_shows(
    built: tuple[gr.Blocks, verdict_tab.VerdictTab], verdict: Verdict
) -> None:
    _, tab = built
    assert len(tab.shown) == verdict_events.VIEWS
    for given in (verdict, None):
        assert len(verdict_events.views(given, "en")) == verdict_events.VIEWS
    filled = dict(zip(tab.shown, verdict_events.views(verdict, "en"), strict=True))
    assert filled[tab.latest] is verdict
    assert filled[tab.number].value == verdict_events.most_moved(verdict) + 1
    assert filled[tab.number].maximum == 12
    assert len(filled[tab.scatter].data) == 2
    files = [Path(str(filled[button].value["path"])) for button in (tab.tsv, tab.csv, tab.json, tab.signatures)]
    assert [path.name for path in files] == ["sentences.tsv", "scores.csv", "verdict.json", "signatures.txt"]
    assert json.loads(files[2].read_text(encoding="utf-8"))["test"]["source_language"] == "en"


def test_a_number_outside_the_test_opens_nothing(
    built: tuple[gr.Blocks, verdict_tab.VerdictTab], verdict: Verdict
) -> None:
    opened = event(built[0], "open_sentence").fn
    for number in (None, 0, 13, -1):
        assert not isinstance(opened(verdict, number), str)
    assert "source 11" in opened(verdict, 12)


# --- verdicts that were given earlier, and new ones -------------------------------------------------


def test_a_run_brings_its_newest_verdict_and_no_other_file_is_read(
    built: tuple[gr.Blocks, verdict_tab.VerdictTab], playground: Playground, verdict: Verdict
) -> None:
    run_id = add_run(playground, "m2m100-mini", "everyday-phrases")
    folder = playground.store.open(run_id).path
    older = replace(verdict, created_at="2026-11-23T00:00:00")
    (folder / NAME.replace("1124", "1123")).write_text(to_json(older), encoding="utf-8")
    (folder / NAME).write_text(to_json(verdict), encoding="utf-8")
    earlier, latest, *_ = event(built[0], "follow_runs").fn([run_id])
    assert [label for label, _ in earlier.choices] == ["2026-11-24 12:04:13", "2026-11-23 12:04:13"]
    assert earlier.value == NAME
    assert latest == verdict
    assert event(built[0], "open_earlier").fn([run_id], NAME.replace("1124", "1123"))[0] == older
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


def asked(playground: Playground, run_id: str | None, *files: Path) -> dict[str, Any]:
    """What the tab shows for test files of the visitor's own."""
    runs = [run_id] if run_id else []
    row, source, target, note = verdict_file.languages_asked(
        playground, verdict_tab.OWN_FILE, [str(file) for file in files], runs, "en"
    )
    codes = [code for _, code in source.choices]
    return {"visible": row.visible, "pair": (source.value, target.value), "codes": codes, "note": note.value or ""}


def test_languages_are_asked_for_where_file_and_run_leave_them_open(playground: Playground, tmp_path: Path) -> None:
    run_id = add_run(playground, "m2m100-mini", "everyday-phrases")
    two, three, other = tmp_path / "two.tsv", tmp_path / "three.tsv", tmp_path / "other.tsv"
    two.write_text("en\tpt-BR\nThe cat.\tO gato.\n", encoding="utf-8")
    three.write_text("en\tpt\tes\nThe cat.\tO gato.\tEl gato.\n", encoding="utf-8")
    other.write_text("fr\tes\nLe chat.\tEl gato.\n", encoding="utf-8")
    assert asked(playground, run_id, two) == {"visible": False, "pair": (None, None), "codes": [], "note": ""}
    shown = asked(playground, run_id, three)
    assert (shown["visible"], shown["pair"], sorted(shown["codes"])) == (True, ("en", "pt"), ["en", "es", "pt"])
    assert "English, Portuguese, Spanish" in shown["note"]
    assert asked(playground, run_id, other)["pair"] == ("fr", "es")
    assert asked(playground, None, two)["visible"]
    assert "✗" in asked(playground, run_id, tmp_path / "gone.tsv")["note"]
    nothing = verdict_file.languages_asked(playground, verdict_tab.HELD_OUT, [str(three)], [run_id], "en")
    assert not nothing[0].visible


def test_two_texts_that_do_not_say_their_languages_get_those_of_the_run(playground: Playground, tmp_path: Path) -> None:
    run_id = add_run(playground, "m2m100-mini", "everyday-phrases")
    one, other = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text("1\n2\n", encoding="utf-8")
    other.write_text("3\n4\n", encoding="utf-8")
    shown = asked(playground, run_id, one, other)
    assert (shown["visible"], shown["pair"]) == (True, ("en", "pt"))
    assert "does not say" in shown["note"]


def test_judging_shows_progress_then_the_verdict_and_leakage_waits_for_a_nod(
    playground: Playground, translator: str, tmp_path: Path
) -> None:
    run_id = trained(playground, translator, tmp_path)

    def judged(*values: Any, stop: bool = False) -> list[tuple[Any, ...]]:
        request = verdict_tab.read_request(*values)
        return list(verdict_events.judged(playground, request, lambda: stop, "en"))

    *progress, last = judged([run_id], verdict_tab.HELD_OUT, None, None, None, 1, False)
    assert "translated" in progress[0][0]
    assert HTML_NAME not in "".join(item[0] for item in progress)
    assert "Judged on 12 sentences" in last[0]
    assert isinstance(last[4], Verdict)
    assert playground.saved_verdict(run_id, playground.verdict_names(run_id)[0]) == last[4]

    leaky = tmp_path / "leaky.tsv"
    leaky.write_text("en\tpt\nThe cat number 0.\tO cat 0.\nThe cat number 3.\tO cat 3.\nNew words.\tNovas palavras.\n")
    (blocked,) = judged([run_id], verdict_tab.OWN_FILE, [str(leaky)], None, None, 1, False)
    assert blocked[1].visible
    assert "were trained on" in blocked[2]
    accepted = judged([run_id], verdict_tab.OWN_FILE, [str(leaky)], None, None, 1, True)[-1]
    assert accepted[4].test.leaks

    stopped = judged([run_id], verdict_tab.HELD_OUT, None, None, None, 1, False, stop=True)
    assert "Stopped" in stopped[-1][0]
    assert len(playground.verdict_names(run_id)) == 2

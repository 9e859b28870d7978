"""The Inside tab: what it shows of a sweep, what a drag and a measurement answer, and that names stay text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.helpers import special_args

from playground.errors import BusyError
from playground.inside.charts import knob_figure
from playground.inside.knobs import Setting, turned
from playground.inside.look import Look
from playground.inside.recommend import Recommendation, Reported
from playground.inside.sweep import CONTROL, Point, Sweep
from playground.service import Playground
from playground.texts import LANGUAGES, Language, Text
from playground.ui.inside.control import compared_html
from playground.ui.inside.html import answer_html, effects_html, recommendation_html
from playground.ui.inside.tab import InsideTab
from playground.ui.texts import t
from tests.ui.compare.test_tab import SCRIPT, Page, event
from tests.ui.parts.job_events import job_events

GROUPS = ("early", "middle", "late", "attention", "mlp")
KNOBS = {"strength": 1.0, "rank": 8, **{f"gain_{name}": 1.0 for name in GROUPS}}


@pytest.fixture
def tab_class() -> type:
    return InsideTab


@pytest.fixture
def sweep() -> Sweep:
    """The task's loss halves a unit of strength, that of general text doubles."""

    def at(knob: str, value: float) -> Point:
        return Point(knob, value, 4.0 * 0.5**value, 2.0**value, abs(value))

    strengths = [at("strength", value) for value in (0.0, 1.0, 0.5, 2.0)]
    return Sweep(
        texts="", points=(*strengths, at(CONTROL, 1.0), at("rank", 2.0), at("gain.early", 0.0)), total=9,
        base_answer=SCRIPT, adapter_answer="yes", prompt=SCRIPT, groups=("early", "attention"), largest_rank=8,
        note=None, task_examples=32, held_out=70,
    )  # fmt: skip


def look(**changes: Any) -> Look:
    values: dict[str, Any] = {
        "run_id": "r", "knobs": {"strength": 0.7}, "task_loss": 3.25, "general_loss": 3.5, "kl": 0.5,
        "base_task_loss": 4.0, "base_general_loss": 3.0, "adapter_task_loss": 3.0, "adapter_general_loss": 3.5,
        "adapter_kl": 1.0, "prompt": "p", "answer": SCRIPT, "base_answer": "b", "adapter_answer": "a",
        "task_examples": 32, "groups": (), "largest_rank": 8, "note": None, "seconds": 1.5,
    }  # fmt: skip
    return Look(**{**values, **changes})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_model_answers_is_shown_as_text(sweep: Sweep, language: Language) -> None:
    for html in (answer_html(sweep, look(), language), effects_html(sweep, Setting(strength=0.7), look(), language)):
        assert not {"script", "img"} & set(Page(html).tags)
    assert Page(answer_html(sweep, look(), language)).text.count(SCRIPT) == 3


def test_the_table_says_what_is_measured_and_what_lies_between(sweep: Sweep) -> None:
    between = Page(effects_html(sweep, Setting(strength=0.7), Point("strength", 0.7, 3.3, 3.35, 0.7), "en"))
    assert between.tags.count("tr") == 4
    assert "between measured points" in between.text
    assert "3.3000" in between.text
    exact = Page(effects_html(sweep, Setting(strength=0.7), look(), "pt"))
    assert "entre pontos" not in exact.text
    assert "3,2500" in exact.text
    unknown = Page(effects_html(sweep, Setting(strength=0.7, rank=2), None, "en"))
    assert "two knobs are turned" in unknown.text


def test_the_page_knows_what_to_answer_at_each_place_of_each_slider(tab: Any, sweep: Sweep) -> None:
    found = tab.first_shown(sweep)[tab.effects].props["between"]["knobs"]
    strength, rank, early, attention = found
    at = {slider["slider"]: getattr(tab, slider["slider"].removeprefix("inside-")) for slider in (strength, rank)}
    for answers in (strength, rank):
        slider = at[answers["slider"]]
        assert len(answers["names"]) == len(answers["said"])
        assert slider.minimum + slider.step * answers["own"] == (8 if answers is rank else 1.0)
    place = strength["names"].index("strength 0.7")
    assert place == round((0.7 - tab.strength.minimum) / tab.strength.step)
    assert strength["said"][place][0] == "2.4623"
    assert strength["said"][0] is None, "nothing was measured below 0"
    assert strength["base"] == 20
    # What is typed between two places the page names itself, as the table of what is measured there does.
    signs = tab.first_shown(sweep)[tab.effects].props["between"]["labels"]["signs"]
    assert f"{strength['title']} {signs['-']}0{signs['.']}37" == turned({"strength": -0.37}, "en")
    assert rank["names"][1] == "rank 2"
    assert rank["said"][0] is None
    assert early["said"][20] is not None
    assert set(attention["said"]) == {None}


def test_the_chart_has_both_losses_and_the_control_in_grey(sweep: Sweep) -> None:
    figure = knob_figure(sweep, "strength", "en")
    task, control, general, _ = figure.data
    assert list(task.x) == [0.0, 0.5, 1.0, 2.0]
    assert list(task.y) == pytest.approx([4.0, 8**0.5, 2.0, 1.0])
    assert list(general.y) == pytest.approx([1.0, 2**0.5, 2.0, 4.0])
    assert control.line.color != task.line.color
    assert list(control.x) == [0.0, 1.0]
    assert "strength" in figure.layout.meta["description"]
    assert list(knob_figure(sweep, "rank", "pt").data[0].x) == [2.0, 8.0]


def test_a_random_change_that_gains_as_much_or_moves_as_far_is_said(sweep: Sweep) -> None:
    at_one = Point(CONTROL, 1.0, 4.0, 2.0, 0.1)

    def said(**changes: float) -> str:
        kept = tuple(point for point in sweep.points if point.knob != CONTROL)
        return compared_html(replace(sweep, points=(*kept, replace(at_one, **changes))), None, "en")

    assert said() == ""
    assert "random change of the same size gains as much" in said(task_loss=2.0)
    assert "random change of the same size moves it as far" in said(kl=1.0)
    assert compared_html(replace(sweep, points=sweep.points[:2]), None, "en") == ""  # it is not measured yet


def test_a_recommendation_is_told_with_its_uncertainty(sweep: Sweep) -> None:
    told = Reported(examples=38, task_loss=2.0, adapter_task_loss=2.01, low=-0.02, high=0.01)
    found = Recommendation(setting=Setting(strength=0.5, rank=2), reported=told, forgets=0.1, adapter_forgets=0.4)
    text = Page(recommendation_html(found, "en")).text
    assert "Turn it to strength 0.5, rank 2." in text
    assert "On 38 examples" in text
    assert "does not hold" not in text
    assert "differs from the base's by +0.1000, at strength 1 by +0.4000" in text
    better = replace(found, forgets=-0.1)  # training may help general text
    assert "by −0.1000" in Page(recommendation_html(better, "en")).text
    clear = Page(recommendation_html(replace(found, general_texts=68, saved=(0.2, 0.4)), "en")).text
    assert "On 68 general texts that took no part in the choice it forgets less, by 0.2000 to 0.4000" in clear
    slight = Page(recommendation_html(replace(found, general_texts=68, saved=(-0.001, 0.0014)), "pt")).text
    assert "Não é certo que ela esqueça menos: de −0,0010 a +0,0014 em 68 textos gerais" in slight
    far = Page(recommendation_html(replace(found, is_by_distance=True), "en")).text
    assert "general text" not in far.replace("There is no general text", "")
    assert "0.1000 nats from the base, where strength 1 is 0.4000" in far
    few = Recommendation(setting=None, reason=Text("few", "poucos"))
    assert Page(recommendation_html(few, "pt")).text == "poucos"


def test_runs_that_have_ended_are_offered_and_a_choice_that_is_right_is_not_sent_back(tab: Any, add_run: Any) -> None:
    run_id = add_run(name=SCRIPT)
    offered = tab.offer_runs(run=None, is_offered=False)
    assert [value for _, value in offered[tab.run].choices] == [run_id]
    again = tab.offer_runs(run=run_id, is_offered=True)[tab.run]
    assert "value" not in again.constructor_args


def test_the_newest_run_is_chosen_once_and_only_where_none_was(tab: Any, add_run: Any) -> None:
    empty = tab.offer_runs(run=None, is_offered=False)
    assert empty[tab.is_offered] is False
    first, second = add_run(name="first"), add_run(name="second")
    newest = max(first, second)
    opened = tab.offer_runs(run=None, is_offered=False)
    assert opened[tab.run].value == newest
    assert opened[tab.is_offered] is True
    assert "value" not in tab.offer_runs(run=None, is_offered=True)[tab.run].constructor_args
    assert "value" not in tab.offer_runs(run=min(first, second), is_offered=False)[tab.run].constructor_args
    assert tab.offer_runs(run="gone", is_offered=True)[tab.run].value is None


class Fake:
    """In place of the service: what it finds, one after another."""

    def __init__(self, *found: Any) -> None:
        self.found = found

    def __call__(self, *_: Any) -> Iterator[Any]:
        return iter(self.found)


def test_measuring_shows_the_sliders_once_and_then_leaves_them_to_the_visitor(
    built: tuple[gr.Blocks, Any], sweep: Sweep, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    blocks, tab = built
    busy = BusyError(Text("a run trains", "uma execução treina"))
    monkeypatch.setattr(tab.playground, "sweep", Fake(busy, sweep, sweep), raising=False)
    events, visitor = job_events(blocks, tab.start), SimpleNamespace(session_hash="one")
    events.start(visitor, run="r", latest=None)
    waits, first, second, last = events.work(visitor)
    assert "trein" in waits[tab.status] or "trains" in waits[tab.status]
    assert first[tab.results].visible
    assert (first[tab.rank].maximum, first[tab.rank].value) == (8, 8)
    assert tab.strength not in second
    assert second[tab.latest] is sweep
    assert last.keys() == {tab.status}
    with pytest.raises(gr.Error):
        events.start(visitor, run=None, latest=None)


def test_a_choice_that_is_told_again_takes_nothing_away_that_was_measured_since(tab: Any, add_run: Any) -> None:
    run_id = add_run(name="one")
    first = tab.show_kept(run=run_id, shown_run=None)
    assert (first[tab.shown_run], first[tab.latest]) == (run_id, None)
    assert tab.begin((run_id, False))[tab.shown_run] == run_id
    assert tab.show_kept(run=run_id, shown_run=run_id) == {tab.shown_run: run_id}
    assert tab.show_kept(run=None, shown_run=run_id)[tab.shown_run] is None


def test_a_run_that_is_chosen_brings_its_own_chart_though_all_else_reads_the_same(
    tab: Any, sweep: Sweep, add_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_run(name="first"), add_run(name="second")
    lower = replace(sweep, points=tuple(replace(point, task_loss=point.task_loss / 2) for point in sweep.points))
    monkeypatch.setattr(tab.playground, "kept_sweep", {first: sweep, second: lower}.get)
    monkeypatch.setattr(tab.playground, "kept_control", lambda *_: None)
    shown = [tab.show_kept(run=first, shown_run=None), tab.show_kept(run=second, shown_run=first)]
    assert shown[0][tab.status] == shown[1][tab.status]
    assert [list(each[tab.chart].data[0].y)[0] for each in shown] == [4.0, 2.0]


def test_what_a_recommendation_measured_is_in_the_chart_and_the_knobs_stay_where_they_are(
    built: tuple[gr.Blocks, Any], sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks, tab = built
    tried = replace(sweep, points=(*sweep.points, Point("strength", 0.8, 2.3, 1.7, 0.8)))
    monkeypatch.setattr(tab.playground, "kept_sweep", lambda _: tried)
    monkeypatch.setattr(tab.playground, "kept_control", lambda *_: None)
    show = event(blocks, "show_advised").fn
    shown = show(run="r", latest=sweep, drawn="strength")
    assert shown.keys() == {tab.latest, tab.status, tab.effects, tab.chart, tab.control.compared}
    assert f" {len(tried.points)} " in shown[tab.status]
    assert 0.8 in shown[tab.chart].data[0].x
    assert "value" not in shown[tab.effects].constructor_args
    assert shown[tab.latest] is tried
    assert show(run=None, latest=None, drawn=None) == {tab.latest: None}  # the run was left meanwhile


def test_letting_a_knob_go_waits_its_turn_and_then_shows_what_was_measured(
    built: tuple[gr.Blocks, Any], sweep: Sweep, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    blocks, tab = built
    busy = BusyError(Text("a run trains", "uma execução treina"))
    monkeypatch.setattr(
        tab.playground, "look_when_free", Fake(busy, look(answer=None, general_loss=None), look()), raising=False
    )
    measure, visitor = event(blocks, "measure").fn, SimpleNamespace(session_hash="one")
    asked = {**KNOBS, "strength": 0.7}
    began, waits, more, done = measure(visitor, run="r", latest=sweep, **asked)
    assert tab.answer not in more
    assert tab.effects not in began
    assert "trein" in waits[tab.measured] or "trains" in waits[tab.measured]
    assert "3.2500" in done[tab.effects] or "3,2500" in done[tab.effects]
    assert list(measure(visitor, run=None, latest=None, **KNOBS)) == []
    assert told == []
    *_, last = measure(visitor, run="r", latest=sweep, **{**KNOBS, "strength": 99})
    assert last == gr.skip()
    assert len(told) == 1


@pytest.mark.parametrize("moved", [{"run": "r", **KNOBS, "strength": 0.2}, {"run": "other", **KNOBS, "strength": 0.7}])
def test_a_setting_that_is_left_is_not_measured_on_nor_told(
    built: tuple[gr.Blocks, Any], sweep: Sweep, monkeypatch: pytest.MonkeyPatch, moved: dict[str, Any]
) -> None:
    blocks, tab = built
    stops: list[bool] = []

    def looks(_: str, __: Setting, should_stop: Callable[[], bool]) -> Iterator[Look]:
        for found in (look(answer=None), look()):
            stops.append(should_stop())
            yield found

    monkeypatch.setattr(tab.playground, "look_when_free", looks, raising=False)
    one, other = SimpleNamespace(session_hash="one"), SimpleNamespace(session_hash="other")
    asked = {"run": "r", **KNOBS, "strength": 0.7}
    want, measuring = event(blocks, "want").fn, event(blocks, "measure").fn(one, latest=sweep, **asked)
    next(measuring)
    want(one, **asked)  # the same once more
    want(other, **moved)  # somebody else's
    assert tab.effects in next(measuring)
    want(one, **moved)
    assert list(measuring) == []
    assert stops == [False, True]


def test_each_visitor_lets_go_only_their_own_knobs(built: tuple[gr.Blocks, Any]) -> None:
    """gradio gives a request only to a handler whose annotations it can read."""
    request = gr.Request()
    for name in ("want", "measure", "forget"):
        handler = event(built[0], name).fn
        assert special_args(handler, [], request)[0] == [request], name


def test_a_kept_setting_is_named(
    built: tuple[gr.Blocks, Any], sweep: Sweep, playground: Playground, add_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks, tab = built
    monkeypatch.setattr(tab.playground, "keep_setting", Fake(add_run(name="tiny · strength 0.5")), raising=False)
    *_, said = event(blocks, "keep_setting").fn(run="r", latest=sweep, **KNOBS)
    assert "tiny · strength 0.5" in said


def test_the_list_of_runs_is_filled_as_the_tab_opens_and_once_a_setting_is_kept(built: tuple[gr.Blocks, Any]) -> None:
    blocks, tab = built
    opens, kept = (block for block in blocks.fns.values() if block.name == "offer_runs")
    assert [event for _, event in opens.targets] == ["select"]
    assert blocks.fns[kept.trigger_after].targets == [(tab.advice.keep._id, "click")]
    assert kept.trigger_only_on_success
    assert opens.outputs == kept.outputs == [tab.run, tab.is_offered]


def test_of_a_run_that_was_deleted_meanwhile_nothing_is_said_to_go_on(
    built: tuple[gr.Blocks, Any], sweep: Sweep, told: list[str]
) -> None:
    blocks, tab = built
    gone = "20261127-000000-0a1b2c3d4e5f-gone"
    measuring = event(blocks, "measure").fn(SimpleNamespace(session_hash="one"), run=gone, latest=sweep, **KNOBS)
    keeping = event(blocks, "keep_setting").fn(run=gone, latest=sweep, **KNOBS)
    _, last, after = measuring
    assert t("inside_not_measured", tab.language) in last[tab.measured]
    assert after == gr.skip()
    assert gone in told[0]
    next(keeping)
    assert t("inside_not_kept", tab.language) in next(keeping)
    with pytest.raises(gr.Error, match=gone):
        next(keeping)
    assert tab.draw(run=gone, latest=sweep, drawn="strength")[tab.chart].data


def test_no_event_of_the_tab_is_part_of_the_public_api(built: tuple[gr.Blocks, Any]) -> None:
    assert {block.api_visibility for block in built[0].fns.values() if block.fn} <= {"private"}

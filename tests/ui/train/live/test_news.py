"""What a page that shows a run is told: only what is new, and nothing for what no page would ask."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from playground.charts import curves
from playground.charts.curves import Axis
from playground.config import RunConfig
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.service.visitor import Visitor
from playground.texts import Text
from playground.ui import header
from playground.ui.train.live import news as live_news
from tests.events import changed, evaluated, started, stepped

ATTACK = "<img src=x onerror=alert(1)>"


def sample(step: int) -> dict[str, Any]:
    return {"event": "SampleLogged", "step": step, "prompt": "q", "reference": "r", "base": "no", "adapter": ATTACK}


@pytest.fixture
def run(playground: Playground) -> RunFolder:
    """One that has measured its base and taken two steps."""
    folder = playground.store.create(RunConfig.from_values({"name": ATTACK, "data": {"dataset": "notes-to-json"}}), {})
    for event in (started(), evaluated(0, 2.0), stepped(1, loss=1.9), stepped(2, loss=1.7)):
        folder.append(event)
    return folder


def asked(run: RunFolder, since: int | None = None, part: int = 0, axis: str = "step", **more: Any) -> dict[str, Any]:
    return {"run_id": run.run_id, "since": since, "part": part, "axis": axis, **more}


def news(playground: Playground, question: Any) -> dict[str, Any]:
    return json.loads(live_news.server_function(playground, "en")(question).body)


def test_a_page_that_shows_nothing_yet_is_told_everything(playground: Playground, run: RunFolder) -> None:
    told = news(playground, asked(run))
    assert (told["since"], told["part"], told["is_live"]) == (4, 0, False)
    assert told["status"]["name"] == ATTACK  # as it is: the page writes it as text
    assert told["facts"]["cells"]
    assert told["figures"]["loss"]["data"][0]["y"] == [1.9, 1.7]
    assert (told["figures"]["scores"], told["figures"]["rank"]) == (None, None)


def test_a_page_is_told_only_what_it_does_not_know(playground: Playground, run: RunFolder) -> None:
    assert news(playground, asked(run, since=4))["points"]["loss"] == [[[], []], [[], []], [[], []]]
    run.append(stepped(3, loss=1.5, memory_bytes=3 * 10**6))
    told = news(playground, asked(run, since=4))
    assert told["figures"] == {}
    assert told["points"]["loss"][0] == [[3], [1.5]]
    assert told["points"]["memory"] == [[[3], [3.0]]]
    assert not told.keys() & {"facts", "samples", "result"}
    assert news(playground, asked(run, since=5))["points"]["loss"][0] == [[], []]


@pytest.mark.parametrize("axis", ["step", "time"])
def test_charts_that_were_extended_show_what_charts_drawn_anew_would(axis: Axis) -> None:
    events = [started(), evaluated(0, 2.0)]
    for step in range(1, 30):
        events.append(stepped(step, loss=2 + math.sin(step), seconds=step * 1.5, active_rank=100 - step))
        if step % 10 == 0:
            events.append(evaluated(step, 1 / step, seconds=step * 1.5))
    for chart in ("loss", "learning_rate", "speed", "memory", "rank"):
        draw = live_news.FIGURES[chart]
        shown = [(list(trace.x), list(trace.y)) for trace in draw(events[:7], "en", axis).data]
        for known in range(7, len(events), 5):
            added = curves.new_points(events[: known + 5], known, axis)[chart]
            shown = [
                (x + list(more_x), y + list(more_y)) for (x, y), (more_x, more_y) in zip(shown, added, strict=True)
            ]
        whole = [(list(trace.x), list(trace.y)) for trace in draw(events, "en", axis).data]
        assert [x for x, _ in shown] == [x for x, _ in whole], chart
        for (_, mine), (_, theirs) in zip(shown, whole, strict=True):
            assert mine == pytest.approx(theirs), chart


def test_an_evaluation_brings_its_sample_and_the_charts_new_words(playground: Playground, run: RunFolder) -> None:
    run.append(evaluated(2, 0.25))
    run.append(sample(2))
    told = news(playground, asked(run, since=4))
    assert told["points"]["loss"][2] == [[2], [0.25]]
    assert "0.25" in told["words"]["loss"]
    assert told["samples"][-1]["parts"] == [[ATTACK, True]]


def test_words_of_very_many_evaluations_are_said_ever_more_seldom(
    playground: Playground, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_news, "EVALUATIONS_SAID", 4)
    said = []
    for count in range(2, 18):  # the base's is the first
        run.append(evaluated(count, 1.0))
        told = news(playground, asked(run, since=count + 2))
        assert told["points"]["loss"][2] == [[count], [1.0]]
        said += [count] if "loss" in told["words"] else []
    assert said == [2, 3, 4, 6, 8, 12, 16]


def test_each_evaluation_brings_the_newest_map_of_weights_and_the_distance_from_the_base(
    playground: Playground, run: RunFolder
) -> None:
    assert news(playground, asked(run))["figures"]["change"] is None
    run.append(changed(2))
    told = news(playground, asked(run, since=4))
    assert told["figures"]["change"]["data"][0]["z"] == [[1.0, 3.0], [2.0, None]]
    assert told["figures"]["kl"]["data"][0]["y"] == [0.0, 0.5]
    assert "ranks" not in told["figures"]
    run.append(changed(4, kl=0.75, relative=[], ranks=[[2, 1], [3, None]]))  # too dear to measure at this evaluation
    told = news(playground, asked(run, since=5))
    assert "step 2" in told["figures"]["change"]["layout"]["title"]["text"]
    assert told["figures"]["kl"]["data"][0]["x"] == [0.0, 2, 4]
    assert told["figures"]["ranks"]["data"][0]["z"] == [[3], [3]]


def test_the_end_brings_the_result_and_whole_charts(playground: Playground, run: RunFolder) -> None:
    finished = {"status": "failed", "reason": ATTACK, "reason_pt": "", "steps": 2, "best_step": 2, "seconds": 1.0}
    finished |= {"eval_loss_base": None, "eval_loss": None, "train_loss": None, "examples_per_second": 1.0}
    run.append({"event": "RunFinished", "peak_memory_bytes": 1, **finished})
    told = news(playground, asked(run, since=4))
    assert told["result"] == {"failed": ATTACK}
    assert told["figures"]["loss"]["data"][0]["x"] == [1, 2]


def test_a_chart_of_very_many_steps_is_chosen_anew(
    playground: Playground, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "MAX_POINTS", 3)
    run.append(stepped(3))
    assert "loss" in news(playground, asked(run, since=4))["figures"]


def test_a_run_that_was_cut_back_and_goes_on_is_shown_anew(playground: Playground, run: RunFolder) -> None:
    assert news(playground, asked(run))["since"] == 4
    run.keep_events(lambda event: event.get("step", 0) < 2)
    for event in ({"event": "Resumed", "step": 1, "damaged": 0}, stepped(2, loss=1.6), stepped(3, loss=1.4)):
        run.append(event)
    told = news(playground, asked(run, since=4))
    assert told["part"] == 1
    assert told["figures"]["loss"]["data"][0]["y"] == [1.9, 1.6, 1.4]


def test_a_loss_that_is_no_number_is_a_gap_and_no_error(playground: Playground, run: RunFolder) -> None:
    run.append(stepped(3, loss=math.nan))
    assert news(playground, asked(run, since=4))["points"]["loss"][0] == [[3], [None]]


def test_a_deleted_run_is_gone(playground: Playground, run: RunFolder) -> None:
    playground.delete_run(run.run_id)
    assert news(playground, asked(run)) == {"is_gone": True}


@pytest.mark.parametrize("run_id", ["", "../../etc/passwd", "20260101-000000-abcdef-gone", ATTACK])
def test_what_is_no_run_is_gone(playground: Playground, run_id: str) -> None:
    assert news(playground, {"run_id": run_id, "since": None, "part": 0, "axis": "step"}) == {"is_gone": True}


HOSTILE: dict[str, Any] = {
    "since": [-1, 10**30, 1.5, "4", True, [4], {"$gt": 0}],
    "part": [-1, 10**30, None, "0"],
    "axis": ["", "__class__", None, ["step"]],
    "run_id": ["x" * 201, "\ud800", None, 7, ["a"], {"path": "/etc/passwd"}],
    "more": ["a field that no page sends"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in HOSTILE.items() for value in values])
def test_what_no_page_would_ask_is_refused(playground: Playground, run: RunFolder, field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        news(playground, {**asked(run), field: value})


@pytest.mark.parametrize("question", [None, [], "run", 7, [[]], {}])
def test_what_is_no_question_is_refused(playground: Playground, question: Any) -> None:
    with pytest.raises(ValidationError):
        news(playground, question)


def test_the_header_names_a_visitor_s_own_run_and_no_other(
    playground: Playground, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.give_to("ana")
    monkeypatch.setattr(playground.worker, "folders", lambda: [run])
    shown = header.what_trains(replace(playground, visitor=lambda: Visitor("ana")), "en")
    assert (shown["run_id"], shown["text"]) == (run.run_id, f"{ATTACK} · 50%")
    hidden = header.what_trains(replace(playground, visitor=lambda: Visitor("ben")), "en")
    assert hidden["run_id"] is None
    assert ATTACK not in json.dumps(hidden)
    assert Text("another visitor's run is training", "").en in hidden["text"]

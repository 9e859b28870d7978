"""Events asked for by kind as a run grows: the same answers as of a plain list, and smoothing that forgets."""

from __future__ import annotations

import math
from typing import Any

import pytest

from playground.charts import curves
from playground.charts.known_events import KnownEvents
from playground.service import Playground
from playground.ui.train.live import news as live_news
from tests.events import evaluated, started, stepped
from tests.service.queued import create


def history(steps: int) -> list[dict[str, Any]]:
    events = [started(), evaluated(0, 2.0)]
    for step in range(1, steps + 1):
        events.append(stepped(step, loss=2 + math.sin(step), active_rank=step if step > 3 else None))
        if step % 10 == 0:
            events.append(evaluated(step, 1 / step))
    return events


def test_events_that_were_added_are_those_of_a_list() -> None:
    events, known = history(40), KnownEvents()
    for start in range(0, len(events), 7):
        known.extend(events[start : start + 7])
        so_far = events[: start + 7]
        assert list(known) == so_far
        for kind in ("RunStarted", "StepLogged", "EvalLogged", "RunFinished"):
            assert curves.of_kind(known, kind) == curves.of_kind(so_far, kind)
            for place in (0, 1, 5, len(so_far)):
                assert known.count_before(place, kind) == len(curves.of_kind(so_far[:place], kind))
    assert known.first_ranked == events.index(next(event for event in events if event.get("active_rank")))


def test_a_point_that_is_added_to_a_long_curve_is_smoothed_as_if_all_were_drawn_anew() -> None:
    events = history(1503)
    whole = curves.smooth([event["loss"] for event in curves.of_kind(events, "StepLogged")])
    for known in (len(events) - 1, len(events) - 40):
        added = curves.new_points(KnownEvents(events), known, "step")["loss"][1][1]
        assert added == pytest.approx(whole[-len(added) :], rel=1e-12)


def test_a_look_at_a_long_run_goes_over_no_more_steps_than_one_at_a_short_run(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    smoothed: list[int] = []
    own = curves.smooth
    monkeypatch.setattr(curves, "smooth", lambda values: smoothed.append(len(values)) or own(values))
    run, news = create(playground), live_news.server_function(playground, "en")
    for event in history(1600):
        run.append(event)
    known = len(history(1600))
    asked = {"run_id": run.run_id, "part": 0, "axis": "step"}
    news({**asked, "since": None})
    run.append(stepped(1601))
    monkeypatch.setattr(KnownEvents, "__iter__", lambda _: pytest.fail("all events were walked over"))
    smoothed.clear()
    news({**asked, "since": known})
    assert max(smoothed) <= curves.FORGOTTEN + 1

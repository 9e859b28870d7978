"""What is new in a run, for the page that shows it: live.js asks, past gradio's events and their queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from playground.charts import curves
from playground.charts.change import kl_figure, live_change_map, ranks_figure
from playground.charts.curves import Axis, of_kind
from playground.charts.known_events import KnownEvents
from playground.errors import RunError
from playground.service import Playground, Progress
from playground.texts import Language
from playground.ui.train.live import html

MAX_EVENTS = 10**9
EVALUATIONS_SAID = 64  # each one; then every other one, until there are twice as many, and so on
KEPT_RUNS = 16  # whose events stay in memory, so that no look reads all of them from the disk
FIGURES: dict[str, Callable[..., Any]] = {
    "loss": curves.loss_figure,
    "scores": curves.score_figure,
    "learning_rate": curves.learning_rate_figure,
    "speed": curves.speed_figure,
    "memory": curves.memory_figure,
    "rank": curves.rank_figure,
    "change": lambda events, language, _: live_change_map(events, language),
    "kl": kl_figure,
    "ranks": ranks_figure,
}
OF_CHANGE = {"change", "kl", "ranks"}  # drawn anew at each evaluation


class Asked(BaseModel):
    """What a page knows of a run: its first `since` events; None while it shows nothing.

    `part` counts the resumes that it knows of: each cuts the events back to a checkpoint.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    run_id: str = Field(max_length=200)
    since: int | None = Field(ge=0, le=MAX_EVENTS)
    part: int = Field(ge=0, le=MAX_EVENTS)
    axis: Axis


@dataclass
class Reading:
    """A run's events as far as they have been read, the same for every page that shows it."""

    run_id: str
    name: str = ""
    revision: int = 0
    events: KnownEvents = field(default_factory=KnownEvents)
    lock: threading.RLock = field(default_factory=threading.RLock)  # whoever holds it sees no event being added

    def read_on(self, playground: Playground) -> tuple[Progress, KnownEvents]:
        """How the run is now, and all of its events, which are added to. Raises RunError for an unknown run."""
        with self.lock:
            progress = playground.progress(self.run_id, max(self.revision - 1, 0))
            if progress.events[:1] == self.events[-1:]:
                self.events.extend(progress.events[len(self.events[-1:]) :])
            else:  # a resumed run was cut back: what was known last does not stand where it stood
                progress = playground.progress(self.run_id)
                self.events = KnownEvents(progress.events)
            self.revision = progress.revision
            return progress, self.events


reading_of = lru_cache(maxsize=KEPT_RUNS)(Reading)


def server_function(playground: Playground, language: Language) -> Callable[[Any], Response]:
    """`news` as gradio calls it: with whatever was sent, by whoever sent it."""

    def news(asked: Any) -> Response:
        from plotly.utils import PlotlyJSONEncoder  # writes figures, and null where JSON has no number

        known = Asked.model_validate(asked)
        try:
            playground.store.open(known.run_id)  # before anything is kept under this id
            with reading_of(known.run_id).lock:
                found = news_of(playground, known, reading_of(known.run_id), language)
        except RunError:  # deleted, or an address from elsewhere
            found = {"is_gone": True}
        return Response(PlotlyJSONEncoder().encode(found), media_type="application/json")

    return news


def news_of(playground: Playground, known: Asked, reading: Reading, language: Language) -> dict[str, Any]:
    """What the page has to change to show the run as it is now; live.js reads it."""
    progress, events = reading.read_on(playground)
    if known.since is None or not reading.name:  # it may have been renamed
        reading.name = playground.run_info(known.run_id).name
    part = len(of_kind(events, "Resumed"))
    goes_on = known.since is not None and known.since <= len(events) and known.part == part
    since = known.since if goes_on else None
    kinds = {event["event"] for event in events[since or 0 :]}
    found = {
        "since": len(events),
        "part": part,
        "is_live": progress.is_live,
        "status": html.status(reading.name, progress.status, progress.queue_position, events, language),
        **_charts(events, since, known.axis, language),
    }
    if since is None or "RunStarted" in kinds:
        found["facts"] = html.facts(events, language)
    if since is None or "SampleLogged" in kinds:
        found["samples"] = html.samples(events, language)
    if since is None or "RunFinished" in kinds:
        found["result"] = html.result(events, language)
    return found


def _charts(events: KnownEvents, since: int | None, axis: Axis, language: Language) -> dict[str, Any]:
    """Whole figures for what points alone do not bring up to date, points for the other charts, words for some."""
    shown = _shown(events, len(events))
    if since is None or _changes_all(events, since):
        return {
            "figures": {
                chart: draw(events, language, axis) if chart in shown else None for chart, draw in FIGURES.items()
            }
        }
    new = events[since:]
    anew = shown - _shown(events, since) | ({"scores"} if of_kind(new, "ScoreLogged") else set())
    anew |= shown & OF_CHANGE if of_kind(new, "ChangeLogged") else set()
    added = {chart: points for chart, points in curves.new_points(events, since, axis).items() if chart in shown - anew}
    said = shown - anew if _says_anew(events, since) else set()
    return {
        "figures": {chart: FIGURES[chart](events, language, axis) for chart in anew},
        "points": added,
        "words": {chart: FIGURES[chart](events, language, axis).layout.meta["description"] for chart in said},
    }


def _shown(events: KnownEvents, place: int) -> set[str]:
    """The charts of the events before a place: some only of methods that move ranks or weights, or of translators."""
    changes = of_kind(events, "ChangeLogged")[: events.count_before(place, "ChangeLogged")]
    there = {
        "rank": events.first_ranked is not None and events.first_ranked < place,
        "scores": events.count_before(place, "ScoreLogged") > 0,
        "change": any(event["relative"] for event in changes),
        "kl": any(event["kl"] is not None for event in changes),
        "ranks": any(event["ranks"] for event in changes),
    }
    return {chart for chart in FIGURES if there.get(chart, True)}


def _says_anew(events: KnownEvents, since: int) -> bool:
    """At each evaluation, of many ever more seldom: words are of all points, and would take ever longer to find."""
    old, now = (events.count_before(place, "EvalLogged") for place in (since, len(events)))
    apart = 2 ** (now // EVALUATIONS_SAID).bit_length()
    return old // apart < now // apart


def _changes_all(events: KnownEvents, since: int) -> bool:
    """The first points bring the base's line, too many are chosen anew, and the end brings all words."""
    old, now = (
        [events.count_before(place, kind) for kind in ("StepLogged", "EvalLogged", "RunFinished")]
        for place in (since, len(events))
    )
    began = not any(old[:2]) and any(now[:2])
    return old[0] // curves.MAX_POINTS < now[0] // curves.MAX_POINTS or began or old[2] < now[2]

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
from playground.charts.curves import Axis, Events, of_kind
from playground.errors import RunError
from playground.service import Playground, Progress
from playground.texts import Language
from playground.ui.train.live import html

MAX_EVENTS = 10**9
KEPT_RUNS = 16  # whose events stay in memory, so that no look reads all of them from the disk
FIGURES: dict[str, Callable[..., Any]] = {
    "loss": curves.loss_figure,
    "scores": curves.score_figure,
    "learning_rate": curves.learning_rate_figure,
    "speed": curves.speed_figure,
    "memory": curves.memory_figure,
    "rank": curves.rank_figure,
}


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
    events: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read_on(self, playground: Playground) -> tuple[Progress, Events]:
        """How the run is now, and all of its events. Raises RunError for an unknown run."""
        with self.lock:
            progress = playground.progress(self.run_id, max(self.revision - 1, 0))
            if progress.events[:1] == self.events[-1:]:
                self.events = [*self.events[:-1], *progress.events]
            else:  # a resumed run was cut back: what was known last does not stand where it stood
                progress = playground.progress(self.run_id)
                self.events = progress.events
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


def _charts(events: Events, since: int | None, axis: Axis, language: Language) -> dict[str, Any]:
    """Whole figures for what points alone do not bring up to date, points for the other charts, words for some."""
    old, new = events[: since or 0], events[since or 0 :]
    shown = _shown(events)
    if since is None or _changes_all(old, events):
        return {
            "figures": {
                chart: draw(events, language, axis) if chart in shown else None for chart, draw in FIGURES.items()
            }
        }
    anew = shown - _shown(old) | ({"scores"} if of_kind(new, "ScoreLogged") else set())
    added = {chart: points for chart, points in curves.new_points(events, since, axis).items() if chart in shown - anew}
    said = shown - anew if of_kind(new, "EvalLogged") else set()
    return {
        "figures": {chart: FIGURES[chart](events, language, axis) for chart in anew},
        "points": added,
        "words": {chart: FIGURES[chart](events, language, axis).layout.meta["description"] for chart in said},
    }


def _shown(events: Events) -> set[str]:
    """The charts that a run has: two of them only if the method moves ranks, or the run translates."""
    ranked = any(event.get("active_rank") is not None for event in events)
    scored = bool(of_kind(events, "ScoreLogged"))
    return FIGURES.keys() - ({"rank"} if not ranked else set()) - ({"scores"} if not scored else set())


def _changes_all(old: Events, events: Events) -> bool:
    """The first points bring the base's line, too many are chosen anew, and the end brings all words."""
    before, now = (len(of_kind(part, "StepLogged")) // curves.MAX_POINTS for part in (old, events))
    return (
        before < now or (_is_empty(old) and not _is_empty(events)) or bool(of_kind(events[len(old) :], "RunFinished"))
    )


def _is_empty(events: Events) -> bool:
    return not of_kind(events, "StepLogged") and not of_kind(events, "EvalLogged")

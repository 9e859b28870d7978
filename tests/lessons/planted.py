"""Events of a run and results of a race for every measurement, by hand: one with little of it, one with much."""

from __future__ import annotations

import json
from typing import Any

from playground.catalog.presets import Preset
from playground.lessons.measured import Measured
from playground.lessons.measurements import MEASUREMENTS, measured_of_race, measured_of_run
from playground.race.config import RaceConfig
from playground.race.results import RaceResults
from playground.train.events import SampleLogged, ScoreLogged, finished, to_values
from tests.events import finisher, started, stepped
from tests.lessons.looked_inside import prompt_of, strengths

EXPECTED = {"what": "tea", "who": "Ana", "day": "monday", "time": "08:00"}
Events = list[dict[str, Any]]


def events_of(name: str, *, much: bool) -> Events:
    """What a run measured by `name` leaves behind; `much` is always the higher value."""
    planted: dict[str, Events] = {
        "loss_drop": [],
        "half_of_the_fall": [stepped(step, loss=4.0 if step < (9 if much else 2) else 1.0) for step in range(1, 11)],
        "fields_right": [answered(0, ""), answered(20, json.dumps(EXPECTED if much else {**EXPECTED, "who": 1}))],
        "trained_share": [started(trainable_parameters=50_000 if much else 1000)],
        "chrf_gain": [scored(0, 20.0, 60.0), scored(20, 44.0 if much else 20.5, 60.0)],
        "chrf_forgotten": [scored(0, 20.0, 60.0), scored(20, 30.0, 40.5 if much else 59.5)],
        "base_memory": [started(trainable_parameters=0, base_bytes=180_000 if much else 50_000)],
    }
    return [*planted[name], ended(eval_loss=0.2 if much else 1.8)]


def view_of(name: str, *, much: bool) -> Any:
    """What the room inside has kept of a run measured by `name`."""
    views = {"half_strength": strengths(1.05 if much else 1.9), "nearest_words": prompt_of(4 if much else 0)}
    return views[name]


def answered(step: int, adapter: str) -> dict[str, Any]:
    reference = json.dumps(EXPECTED)
    return to_values(SampleLogged(step=step, prompt="tea", reference=reference, base="Hello!", adapter=adapter))


def scored(step: int, chrf: float, general: float | None) -> dict[str, Any]:
    return to_values(
        ScoreLogged(
            step=step, sentences=8, chrf=chrf, bleu=1.0, general_sentences=8, general_chrf=general, general_bleu=1.0,
            seconds=1.0,
        )
    )  # fmt: skip


def ended(**known: Any) -> dict[str, Any]:
    return to_values(finished("finished", {"eval_loss_base": 2.0, "eval_loss": 0.5, "best_step": 20, **known}))


def race_of(preset: Preset, winner: int, status: str = "finished") -> RaceResults:
    """Entrants whose adapters grow by their place; the winner has by far the lowest loss, and the least memory."""
    config = RaceConfig.from_values(preset.values)
    entrants = tuple(
        finisher(
            item.name,
            eval_loss=0.5 if place == winner else 1.0 + place,
            adapter_bytes=1000.0 * (place + 1),
            peak_memory_bytes=100.0 if place == winner else 150.0,
        )
        for place, item in enumerate(config.entrants)
    )
    return RaceResults(race_id="a race", config=config, status=status, entrants=entrants)


def measured(preset: Preset, *, much: bool) -> Measured:
    """What a lesson's own measurement makes of planted events or results."""
    reveal = preset.lesson.reveal
    if MEASUREMENTS[reveal.measurement].is_inside:
        found = measured_of_run(reveal.measurement, view_of(reveal.measurement, much=much))
    elif MEASUREMENTS[reveal.measurement].of == "race":
        last = len(preset.values["race"]["entrants"]) - 1
        found = measured_of_race(reveal.measurement, race_of(preset, last if much else 0), reveal.within)
    else:
        found = measured_of_run(reveal.measurement, events_of(reveal.measurement, much=much))
    assert found is not None
    return found

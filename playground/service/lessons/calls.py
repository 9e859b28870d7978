"""Lessons: taken with a guess, answered from one's own run or from its adapter, checked as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.catalog.presets import Preset, list_presets, load_preset, read_preset
from playground.errors import BusyError, ConfigError, PlaygroundError, Problem, RunError
from playground.lessons.card import Curve, curves_of_race, curves_of_run
from playground.lessons.check import problems_of
from playground.lessons.inside import share_done
from playground.lessons.measured import Measured
from playground.lessons.measurements import MEASUREMENTS, Measurement, measured_of_race, measured_of_run
from playground.lessons.taken import Taken, recall, remember
from playground.model.libraries import load_libraries
from playground.race.config import RaceConfig
from playground.runs.folder import RunFolder
from playground.service.data import DataCalls
from playground.service.inside import InsideCalls
from playground.service.race import RaceCalls
from playground.texts import one_line

ENDED = ("finished", "stopped", "failed")
LOOKED_INTO = ("finished", "stopped")
MAX_NAME = 120


@dataclass(frozen=True, kw_only=True)
class LessonTaken:
    """How far a lesson is: `measured` once its run or race has ended and shows it.

    `can_measure`: its run has ended well, and what is asked has to be measured on the adapter yet. `name` is the run's
    or the race's; `curves` are there once `measured` is, for a picture of the result.
    """

    preset: Preset
    guess: int | None
    has_ended: bool
    measured: Measured | None
    can_measure: bool = False
    name: str = ""
    curves: tuple[Curve, ...] = ()

    @property
    def answer(self) -> int | None:
        """The choice that is right for what was measured."""
        if self.measured is None:
            return None
        choices = enumerate(self.preset.lesson.question.choices)
        return next((place for place, choice in choices if choice.is_right_for(self.measured.value)), None)


class LessonCalls(InsideCalls, RaceCalls, DataCalls):
    """The calls of the room `lessons`."""

    def take_lesson(self, name: str, guess: int | None = None) -> str:
        """Start a lesson's run or race, whose id is returned; it remembers the guess. Raises as their start does."""
        preset, taken = load_preset(name), Taken(lesson=name, guess=guess)
        if preset.is_race:
            race_id = self.start_race(preset.values)
            with suppress(RunError, FileNotFoundError):  # deleted since: nobody will ask what was guessed
                remember(self.races.store.open(race_id).path, taken)
            return race_id
        return self.start_run(self.check(preset.values), taken=taken)

    def take_changed(self, preset: Preset) -> str | None:
        """Start the lesson's run or race once more, with what it offers to change; None if it offers nothing."""
        step = next((step for step in preset.lesson.next if step.set), None)
        if step is None or step.set is None:
            return None
        values = changed(preset, step.set)
        return self.start_race(values) if preset.is_race else self.start_run(self.check(values))

    def lesson_of_run(self, run_id: str) -> LessonTaken | None:
        """None for a run that was started from no lesson. Raises RunError for an unknown run."""
        folder = self.store.open(run_id)
        found = self._taken(folder.path)
        if found is None or found[0].is_race:
            return None
        preset, guess = found
        status, name = self.queue.status(folder), preset.lesson.reveal.measurement
        measurement, has_ended = MEASUREMENTS[name], status in ENDED
        events = _events(folder) if has_ended else []
        can_look = measurement.is_inside and status in LOOKED_INTO and folder.has_adapter
        shown: Any = _kept_view(measurement, folder) if can_look else [] if measurement.is_inside else events
        measured = measured_of_run(name, shown) if shown else None
        return LessonTaken(
            preset=preset,
            guess=guess,
            has_ended=has_ended,
            measured=measured,
            can_measure=can_look and measured is None and self._is_mine(folder),
            name=folder.name,
            curves=tuple(curves_of_run(events)) if measured else (),
        )

    def measure_lesson(self, run_id: str, should_stop: Callable[[], bool]) -> Iterator[float | BusyError]:
        """Measure on a run's adapter what its lesson asks, and keep it; how much is done, or for whom it waits.

        Nothing for a lesson that needs no such measurement. Raises as the calls of the room inside.
        """
        found = self._taken(self._my_run(run_id).path)
        measurement = MEASUREMENTS[found[0].lesson.reveal.measurement] if found else None
        if measurement is None or not measurement.is_inside:
            return
        views: Any = self.sweep if measurement.needs == "strength" else self.soft_prompt
        with closing(views(run_id, should_stop)) as growing:
            for view in growing:
                if isinstance(view, BusyError):
                    yield view
                elif measurement.take(view) is None:
                    yield share_done(view)
                else:
                    return

    def lesson_of_race(self, race_id: str) -> LessonTaken | None:
        """As `lesson_of_run`."""
        found = self._taken(self.races.store.open(race_id).path)
        if found is None or not found[0].is_race:
            return None
        preset, guess = found
        results, reveal = self.race_results(race_id), preset.lesson.reveal
        has_ended = results.status in ENDED
        measured = measured_of_race(reveal.measurement, results, reveal.within) if has_ended else None
        return LessonTaken(
            preset=preset,
            guess=guess,
            has_ended=has_ended,
            measured=measured,
            name=results.config.name,
            curves=tuple(curves_of_race(results)) if measured else (),
        )

    def check_lesson(self, path: Path) -> list[Problem]:
        """All that is wrong with a lesson's file: its lesson, the settings of its run, what it offers next."""
        try:
            preset = read_preset(path)
        except ConfigError as error:
            return error.problems
        problems, entrants = self._settings_of(preset.values, "")
        known = [*(other.name for other in list_presets() if other.name != preset.name)]
        found = [*problems_of(preset, known, entrants), *problems]
        for place, step in enumerate(preset.lesson.next):
            if step.set and not problems:
                found += self._settings_of(changed(preset, step.set), f"lesson.next.{place}.set: ")[0]
        return [Problem(f"{path.name}: {item.where}", item.message, item.values) for item in found]

    def _settings_of(self, values: dict[str, Any], place: str) -> tuple[list[Problem], list[str]]:
        """What is wrong with a run's or race's settings, and the names of the race's entrants."""
        try:
            if "race" in values:
                return [], [entrant.name for entrant in RaceConfig.from_values(values, self._named).entrants]
            self.check(values)
        except ConfigError as error:
            return [Problem(f"{place}{item.where}", item.message, item.values) for item in error.problems], []
        return [], []

    def _taken(self, folder: Path) -> tuple[Preset, int | None] | None:
        taken = recall(folder)
        if taken is None:
            return None
        try:
            preset = load_preset(taken.lesson)
        except PlaygroundError:  # a lesson of another version
            return None
        guess = taken.guess if taken.guess is not None and taken.guess < len(preset.lesson.question.choices) else None
        return preset, guess


def changed(preset: Preset, changes: dict[str, Any]) -> dict[str, Any]:
    """The lesson's settings with some of them changed, which its name then says."""
    scalars = [(name, value) for name, value in changes.items() if not isinstance(value, dict | list)]
    told = ", ".join(f"{name.rsplit('.', 1)[-1]} {value}" for name, value in scalars)
    return preset.changed(changes, one_line(f"{preset.name} · {told}")[:MAX_NAME])


def _kept_view(measurement: Measurement, folder: RunFolder) -> Any:
    """What the room inside has kept of a run for such a measurement, whole or not; None for nothing."""
    load_libraries()
    from playground.inside.sweep import kept_sweep
    from playground.inside.where.soft_prompt import KEPT

    return kept_sweep(folder) if measurement.needs == "strength" else KEPT.read(folder)


def _events(folder: RunFolder) -> list[dict[str, Any]]:
    return folder.read_since(0)[0]

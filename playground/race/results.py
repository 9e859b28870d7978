"""What a race has shown so far: each entrant's figures over its seeds, and which entrants nobody beats.

Everything is read from the folders of the runs, or from the index of what they say.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from playground.race.config import Entrant, RaceConfig
from playground.race.folder import RaceFolder
from playground.runs.folder import RunFolder, RunStore
from playground.runs.index import RunIndex
from playground.runs.info import RunInfo
from playground.runs.progress import Course, Evaluation

COSTS = ("trainable_parameters", "seconds", "peak_memory_bytes", "adapter_bytes")
SCORES = ("eval_loss", "chrf")
HIGHER_IS_BETTER = frozenset({"chrf"})
MEASURES = (*SCORES, *COSTS)
Status = Callable[[RunFolder], str]


class Spread(NamedTuple):
    """A mean over seeds and the standard deviation of the sample, which one seed alone does not have."""

    mean: float
    std: float | None


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One run of an entrant. `status`: waiting, queued, running, finished, stopped, failed or interrupted.

    `seconds` are those of the training steps: neither loading nor evaluating. `peak_memory_bytes` are the
    base's weights and the most that training took above them; what the libraries and earlier entrants left
    in the process is not counted.
    """

    seed: int
    status: str
    run_id: str | None = None
    steps: int = 0
    eval_loss_base: float | None = None
    eval_loss: float | None = None  # the lowest: that of the adapter that was kept
    chrf: float | None = None  # of a run that translates, with that adapter
    trainable_parameters: int | None = None
    seconds: float = 0.0
    peak_memory_bytes: int | None = None
    adapter_bytes: int | None = None
    error: str = ""
    error_pt: str = ""
    curve: tuple[Evaluation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EntrantResult:
    """`measures` are those of MEASURES that every finished run has; empty before the first one finished.

    `pareto_costs` are the costs for which no other entrant has a loss and a cost at least as good, one of them
    better; `pareto` says the same of the loss and all costs together.
    """

    name: str
    method: str
    status: str
    learning_rate: float
    runs: tuple[RunResult, ...]
    measures: dict[str, Spread]
    pareto: bool = False
    pareto_costs: tuple[str, ...] = ()

    @property
    def run_ids(self) -> list[str]:
        return [run.run_id for run in self.runs if run.run_id]


@dataclass(frozen=True, kw_only=True)
class RaceResults:
    """`status`: running, finished (every run ended) or stopped."""

    race_id: str
    config: RaceConfig
    status: str
    entrants: tuple[EntrantResult, ...]


def results(race: RaceFolder, index: RunIndex, status: Status) -> RaceResults:
    """The race as it stands. Raises what its damaged files raise."""
    config, there = race.config, race.runs(RunStore(index.root))
    runs = {(entrant.name, seed): RunResult(seed=seed, status="waiting") for entrant, seed in config.starts()}
    folders = {start: there[start] for start in runs if start in there}
    # The status is read first: what happens in between is told now, not lost.
    states = [status(folder) for folder in folders.values()]
    courses = index.courses(folder.run_id for folder in folders.values())
    for (start, folder), state, course in zip(folders.items(), states, courses, strict=True):
        if entry := index.entry(folder.run_id):  # one that was deleted waits to be run again
            runs[start] = _run(folder, start[1], state, entry.info, course, config.training.examples_per_step)
    entrants = [
        _entrant(entrant, tuple(runs[entrant.name, seed] for seed in config.seeds)) for entrant in config.entrants
    ]
    return RaceResults(
        race_id=race.race_id,
        config=config,
        status=_race_status(race, [run.status for run in runs.values()]),
        entrants=tuple(_with_fronts(entrants)),
    )


def mean_curve(entrant: EntrantResult) -> list[tuple[int, float, Spread]]:
    """Step, mean seconds and held-out loss, over the seeds that came so far; runs under way count as well."""
    points: dict[int, list[Evaluation]] = {}
    for run in entrant.runs:
        for point in run.curve:
            points.setdefault(point.step, []).append(point)
    return [
        (step, statistics.mean(point.seconds for point in found), _spread([point.loss for point in found]))
        for step, found in sorted(points.items())
    ]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.mean(values), statistics.stdev(values) if len(values) > 1 else None)


def pareto_front(points: Sequence[Sequence[float]]) -> list[bool]:
    """Whether each point is dominated by none: another is at least as low everywhere and lower somewhere.

    Equal points do not dominate each other.
    """
    return [not any(_dominates(other, point) for other in points) for point in points]


def front(entrants: Sequence[EntrantResult], score: str, costs: Sequence[str]) -> set[str]:
    """The names of the entrants that nobody beats in `score` and `costs`; those without these figures are left out."""
    names = (score, *costs)
    measured = [entrant for entrant in entrants if all(name in entrant.measures for name in names)]
    points = [[_lower_is_better(name, entrant.measures[name].mean) for name in names] for entrant in measured]
    return {entrant.name for entrant, stays in zip(measured, pareto_front(points), strict=True) if stays}


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _lower_is_better(name: str, value: float) -> float:
    return -value if name in HIGHER_IS_BETTER else value


def _with_fronts(entrants: list[EntrantResult]) -> list[EntrantResult]:
    over_all = front(entrants, "eval_loss", COSTS)
    fronts = {cost: front(entrants, "eval_loss", [cost]) for cost in COSTS}
    return [
        replace(
            entrant,
            pareto=entrant.name in over_all,
            pareto_costs=tuple(cost for cost in COSTS if entrant.name in fronts[cost]),
        )
        for entrant in entrants
    ]


def _entrant(entrant: Entrant, runs: tuple[RunResult, ...]) -> EntrantResult:
    return EntrantResult(
        name=entrant.name,
        method=entrant.method.method,
        status=_entrant_status([run.status for run in runs]),
        learning_rate=entrant.learning_rate,
        runs=runs,
        measures=_measures([run for run in runs if run.status == "finished"]),
    )


def _measures(runs: list[RunResult]) -> dict[str, Spread]:
    found = {}
    for name in MEASURES:
        values = [getattr(run, name) for run in runs]
        if values and None not in values:
            found[name] = _spread(values)
    return found


def _run(folder: RunFolder, seed: int, state: str, info: RunInfo, course: Course, examples_per_step: int) -> RunResult:
    if info.status == "damaged":  # it must not hide the others
        return RunResult(seed=seed, status="failed", run_id=info.run_id, error=info.error, error_pt=info.error_pt)
    summary = folder.summary() or {}
    above_base: int | None = summary.get("memory_above_base_bytes")
    has_begun = course.trainable_parameters is not None
    return RunResult(
        seed=seed,
        status=state,
        run_id=info.run_id,
        steps=info.steps,
        eval_loss_base=info.eval_loss_base,
        eval_loss=info.eval_loss,
        chrf=_chrf(dict(course.scores), summary.get("best_step")),
        trainable_parameters=course.trainable_parameters,
        seconds=examples_per_step * course.seconds_by_example,
        peak_memory_bytes=course.base_bytes + above_base if has_begun and above_base is not None else None,
        adapter_bytes=info.adapter_bytes if info.has_adapter else None,
        error=summary.get("error", ""),
        error_pt=summary.get("error_pt", ""),
        curve=course.evaluations,
    )


def _chrf(scores: dict[int, float], best_step: int | None) -> float | None:
    """Of the step whose adapter was kept; while the run goes on, of the last evaluation."""
    return scores.get(best_step or 0, next(reversed(scores.values()), None))


def _entrant_status(states: list[str]) -> str:
    for state in ("running", "queued"):
        if state in states:
            return state
    if set(states) <= {"finished", "failed"}:
        return "failed" if "failed" in states else "finished"
    return "waiting" if set(states) <= {"waiting", "finished", "failed"} else "stopped"


def _race_status(race: RaceFolder, states: list[str]) -> str:
    if race.is_claimed():
        return "running"
    return "finished" if set(states) <= {"finished", "failed"} else "stopped"

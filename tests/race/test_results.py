"""A race's figures: fronts against a second way to find them, means and deviations against `statistics`."""

from __future__ import annotations

import random
import statistics
from typing import Any

import pytest

from playground.race.config import RaceConfig
from playground.race.folder import RaceFolder
from playground.race.results import COSTS, EntrantResult, RaceResults, RunResult, Spread, front, pareto_front, results
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.events import evaluated, started, stepped


def swept(points: list[tuple[int, int]]) -> list[bool]:
    """The two-dimensional front by one sweep from left to right, ties at the best height kept."""
    best, found = None, set()
    for x in sorted({x for x, _ in points}):
        lowest = min(y for other, y in points if other == x)
        if best is None or lowest < best:
            best = lowest
            found.add((x, lowest))
    return [point in found for point in points]


def filtered(points: list[tuple[int, ...]]) -> list[bool]:
    """Any number of dimensions: a point leaves when some other, coordinate by coordinate, is no worse and not equal."""
    result = []
    for point in points:
        rivals = [other for other in points if other != point]
        result.append(all(any(b > a for a, b in zip(point, other, strict=True)) for other in rivals))
    return result


@pytest.mark.parametrize("seed", range(50))
def test_the_front_is_that_of_a_sweep_and_of_a_filter(seed: int) -> None:
    chance = random.Random(seed)
    flat = [(chance.randrange(6), chance.randrange(6)) for _ in range(chance.randrange(1, 13))]
    assert pareto_front(flat) == swept(flat) == filtered([*flat])
    deep = [tuple(chance.randrange(4) for _ in range(5)) for _ in range(chance.randrange(1, 13))]
    assert pareto_front(deep) == filtered(deep)


def test_equal_points_stay_together_and_a_lone_point_always() -> None:
    assert pareto_front([(1, 1), (1, 1), (2, 1)]) == [True, True, False]
    assert pareto_front([(5, 5)]) == [True]
    assert pareto_front([]) == []


def entrant(name: str, **measures: float) -> EntrantResult:
    return EntrantResult(
        name=name, method="lora", status="finished", learning_rate=1e-3, runs=(),
        measures={key: Spread(value, None) for key, value in measures.items()},
    )  # fmt: skip


def test_a_higher_chrf_is_better_and_entrants_without_a_figure_are_left_out() -> None:
    field = [entrant("a", chrf=50, seconds=2), entrant("b", chrf=60, seconds=2), entrant("c", eval_loss=1, seconds=1)]
    assert front(field, "chrf", ["seconds"]) == {"b"}
    assert front(field, "eval_loss", ["seconds"]) == {"c"}


# --- figures over seeds, from folders written by hand -----------------------------------------------


@pytest.fixture
def race(playground: Playground, values: dict[str, Any]) -> RaceFolder:
    values.pop("method")
    values["race"] = {"entrants": ["lora", "prompt_tuning"], "seeds": 3}
    return playground.races.store.create(RaceConfig.from_values(values))


def add_run(playground: Playground, race: RaceFolder, place: int, seed: int, status: str = "finished") -> RunFolder:
    """A run with figures that depend on entrant and seed, as training would leave it."""
    config = race.config
    entrant = config.entrants[place]
    folder = playground.store.create(config.config_of(entrant, seed), {})
    race.remember(entrant, seed, folder.run_id)
    folder.append(started(trainable_parameters=1000 * (place + 1), base_bytes=10_000))
    for step in (1, 2):
        folder.append(stepped(step, examples_per_second=4.0 / seed))  # 4 examples a step
        folder.append(evaluated(step, seed / step, seconds=9.0 * step))
    (folder.path / "status").write_text(status)
    folder.adapter.mkdir()
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"x" * (place + 1) * 100)
    folder.finish({
        "status": status, "steps": 2, "best_step": 2, "eval_loss_base": 9.0, "eval_loss": (seed - 40) ** 2 + place,
        "memory_above_base_bytes": seed * 100, "error": "no" if status == "failed" else "",
    })  # fmt: skip
    return folder


def read(playground: Playground, race: RaceFolder) -> RaceResults:
    return results(race, playground.index, lambda folder: (folder.path / "status").read_text())


def test_means_and_deviations_are_those_of_the_statistics_module(playground: Playground, race: RaceFolder) -> None:
    for seed in (42, 43, 44):
        add_run(playground, race, 0, seed)
    found = read(playground, race).entrants[0]
    expected = {
        "eval_loss": [4, 9, 16],
        "seconds": [2 * 42, 2 * 43, 2 * 44],  # two steps of `seed` seconds each
        "peak_memory_bytes": [10_000 + 4200, 10_000 + 4300, 10_000 + 4400],
        "trainable_parameters": [1000] * 3,
        "adapter_bytes": [100] * 3,
    }
    assert found.measures.keys() == expected.keys()
    for name, values in expected.items():
        assert found.measures[name].mean == pytest.approx(statistics.mean(values))
        assert found.measures[name].std == pytest.approx(statistics.stdev(values))
    assert [(point.step, point.loss, point.seconds) for point in found.runs[0].curve] == [(1, 42, 9.0), (2, 21, 18.0)]


def test_one_seed_has_no_deviation(playground: Playground, race: RaceFolder) -> None:
    add_run(playground, race, 0, 42)
    assert {spread.std for spread in read(playground, race).entrants[0].measures.values()} == {None}


def test_runs_that_did_not_finish_count_in_no_mean(playground: Playground, race: RaceFolder) -> None:
    add_run(playground, race, 0, 42)
    add_run(playground, race, 0, 43, status="failed")
    add_run(playground, race, 0, 44, status="stopped")
    found = read(playground, race).entrants[0]
    assert found.measures["eval_loss"] == Spread(4, None)
    assert found.status == "stopped"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["finished"] * 3, "finished"),
        (["finished", "failed", "finished"], "failed"),
        (["finished", "running"], "running"),
        (["finished", "interrupted"], "stopped"),
        (["finished"], "waiting"),
        ([], "waiting"),
    ],
)
def test_the_status_of_an_entrant_follows_from_its_runs(
    playground: Playground, race: RaceFolder, states: list[str], expected: str
) -> None:
    for seed, status in zip((42, 43, 44), states, strict=False):
        add_run(playground, race, 0, seed, status)
    assert read(playground, race).entrants[0].status == expected


def test_the_fronts_of_a_race_are_marked(playground: Playground, race: RaceFolder) -> None:
    """Prompt tuning has the higher loss, and here more of everything else or the same."""
    for place in (0, 1):
        for seed in (42, 43, 44):
            add_run(playground, race, place, seed)
    first, second = read(playground, race).entrants
    assert (first.pareto, first.pareto_costs) == (True, COSTS)
    assert (second.pareto, second.pareto_costs) == (False, ())


def test_an_entrant_nobody_has_run_yet_has_no_figures(playground: Playground, race: RaceFolder) -> None:
    found = read(playground, race)
    assert found.status == "stopped"
    assert [entrant.measures for entrant in found.entrants] == [{}, {}]
    assert found.entrants[0].runs == tuple(RunResult(seed=seed, status="waiting") for seed in (42, 43, 44))

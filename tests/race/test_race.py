"""A race: entrants run under equal conditions, and it can be stopped, killed and go on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from playground.errors import RunError
from playground.race.config import RaceConfig
from playground.race.drive import claim, drive
from playground.race.folder import RaceFolder
from playground.race.results import RaceResults
from playground.runs import session
from playground.runs.folder import RunFolder
from playground.service import Playground


def run_race(playground: Playground, values: dict[str, Any]) -> RaceResults:
    """The whole race in this thread."""
    race = playground.races.store.create(RaceConfig.from_values(values))
    go_on(playground, race)
    return playground.race_results(race.race_id)


def go_on(playground: Playground, race: RaceFolder, last_step: int | None = None, runs: int = 100) -> None:
    """Drive the race in this thread; with `last_step`, stop it within its run number `runs` after that step."""
    left = [runs]
    stop = threading.Event()

    def train(folder: RunFolder, *_: Any) -> None:
        left[0] -= 1

        def watch(event: Any) -> None:
            if left[0] == 0 and type(event).__name__ == "StepLogged" and event.step == last_step:
                stop.set()

        session.run(folder, stop.is_set, watch)

    with claim(race, playground.store):
        drive(race, playground.store, train, stop.is_set)


def losses(found: RaceResults) -> dict[str, list[tuple[int, float]]]:
    """Every held-out loss of every run, by entrant and seed."""
    return {
        f"{entrant.name}/{run.seed}": [(point.step, point.loss) for point in run.curve]
        for entrant in found.entrants
        for run in entrant.runs
    }


def ranking(found: RaceResults) -> list[str]:
    return [entrant.name for entrant in sorted(found.entrants, key=lambda item: item.measures["eval_loss"].mean)]


# --- running it -------------------------------------------------------------------------------------


def test_the_same_race_twice_gives_the_same_losses_and_the_same_ranking(
    race_values: dict[str, Any], playground: Playground, tmp_path: Path
) -> None:
    """One whose ranks move, one on a quantized base, one whose network starts at random."""
    race_values["race"] = {"entrants": ["adalora", "qlora", "p_tuning"], "seeds": 2}
    first = run_race(playground, race_values)
    again = run_race(Playground(tmp_path / "elsewhere"), race_values)
    assert first.status == again.status == "finished"
    assert len(losses(first)) == 6
    assert losses(first) == losses(again)
    assert ranking(first) == ranking(again)
    assert len(set(map(tuple, losses(first).values()))) == 6  # the entrants did differ


def test_every_entrant_is_an_ordinary_run(race_values: dict[str, Any], playground: Playground) -> None:
    found = run_race(playground, race_values)
    listed = {info.run_id: info for info in playground.list_runs()}
    for entrant in found.entrants:
        (run_id,) = entrant.run_ids
        assert listed[run_id].status == "finished"
        assert entrant.name in listed[run_id].name
        assert playground.run_info(run_id).has_adapter
        assert entrant.measures["eval_loss"].mean == listed[run_id].eval_loss


def test_an_entrant_that_fails_does_not_stop_the_others(race_values: dict[str, Any], playground: Playground) -> None:
    broken = {"method": "lora", "name": "broken", "params": {"target_modules": ["no_such_module"]}}
    race_values["race"]["entrants"].insert(1, broken)
    found = run_race(playground, race_values)
    assert [entrant.status for entrant in found.entrants] == ["finished", "failed", "finished", "finished"]
    assert "no_such_module" in found.entrants[1].runs[0].error
    assert found.entrants[1].measures == {}
    assert not found.entrants[1].pareto
    assert found.status == "finished"


@pytest.fixture(scope="module")
def whole(tiny_model: str, tiny_data: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, RaceResults]:
    """The settings of a race that lasts long enough to be broken off, and how it ends when it is not."""
    values = {
        "name": "tiny race",
        "base_model": tiny_model,
        "data": {"dataset": tiny_data, "eval_fraction": 0.2},
        "training": {"max_steps": 6, "batch_size": 4, "eval_every": 2, "eval_examples": 8},
        "race": {"entrants": ["lora", "prefix_tuning", "prompt_tuning"]},
    }
    return values, run_race(Playground(tmp_path_factory.mktemp("whole")), values)


@pytest.mark.parametrize("killed", [False, True])
def test_a_race_broken_off_in_the_middle_goes_on_to_the_same_results(
    whole: tuple[Any, RaceResults], playground: Playground, killed: bool
) -> None:
    """Broken off within the second entrant's run: between checkpoints, and with nothing tidied up when killed."""
    values, unbroken = whole
    race = playground.races.store.create(RaceConfig.from_values(values))
    go_on(playground, race, last_step=3, runs=2)
    half = playground.race_results(race.race_id)
    assert [entrant.status for entrant in half.entrants] == ["finished", "stopped", "waiting"]
    assert half.status == "stopped"
    if killed:  # as kill -9 leaves it: locks that nobody holds any more, a half-written line, no summary
        folder = playground.store.open(half.entrants[1].run_ids[0])
        (folder.path / "summary.json").unlink()
        with (folder.path / "events.jsonl").open("a", encoding="utf-8") as stream:
            stream.write('{"event": "StepLo')

    restarted = Playground(playground.runs_dir)
    go_on(restarted, restarted.races.store.open(race.race_id))
    found = restarted.race_results(race.race_id)
    assert found.status == "finished"
    assert losses(found) == losses(unbroken)
    assert ranking(found) == ranking(unbroken)
    assert [entrant.run_ids for entrant in found.entrants[:2]] == [entrant.run_ids for entrant in half.entrants[:2]]
    with pytest.raises(RunError, match="is over"):
        restarted.races.resume(race.race_id)


def test_a_run_that_was_deleted_is_run_again(race_values: dict[str, Any], playground: Playground) -> None:
    first = run_race(playground, race_values)
    (deleted,) = first.entrants[0].run_ids
    playground.delete_run(deleted)
    assert playground.race_results(first.race_id).entrants[0].status == "waiting"
    go_on(playground, playground.races.store.open(first.race_id))
    again = playground.race_results(first.race_id)
    assert again.entrants[0].run_ids != [deleted]
    assert losses(again) == losses(first)


def test_a_race_under_way_cannot_be_started_twice(race_values: dict[str, Any], playground: Playground) -> None:
    race = playground.races.store.create(RaceConfig.from_values(race_values))
    with claim(race, playground.store), pytest.raises(RunError, match="under way"):
        playground.races.resume(race.race_id)


def test_a_race_of_the_page_goes_on_alone_stops_when_asked_and_goes_on_after_a_restart(
    race_values: dict[str, Any], playground: Playground
) -> None:
    race_values["training"] |= {"max_steps": 100_000, "eval_every": 100_000}
    race_id = playground.races.start(RaceConfig.from_values(race_values))
    assert playground.race_results(race_id).status == "running"
    run_id = wait_for_a_step(playground, race_id)
    playground.races.stop(race_id)
    assert playground.races.wait(race_id, timeout=60)
    assert playground.race_results(race_id).status == "stopped"
    assert playground.run_info(run_id).status == "stopped"
    assert playground.active_run() is None

    restarted = Playground(playground.runs_dir)
    restarted.races.resume(race_id)
    assert restarted.race_results(race_id).status == "running"
    restarted.races.stop(race_id)
    assert restarted.races.wait(race_id, timeout=60)


def wait_for_a_step(playground: Playground, race_id: str) -> str:
    """The id of the race's first run, once it has taken a step."""
    pause = threading.Event()
    for _ in range(600):
        for run_id in playground.race_results(race_id).entrants[0].run_ids:
            if playground.run_info(run_id).steps:
                return run_id
        pause.wait(0.1)
    raise AssertionError("the race took no step")


# --- the budget -------------------------------------------------------------------------------------


def test_a_budget_in_seconds_ends_each_run_with_an_evaluation_and_counts_as_finished(
    race_values: dict[str, Any], playground: Playground
) -> None:
    race_values["training"] |= {"max_steps": 100_000, "eval_every": 100_000, "max_seconds": 0.05}
    found = run_race(playground, race_values)
    for entrant in found.entrants:
        (run,) = entrant.runs
        assert run.status == "finished"
        assert 0.05 <= run.seconds < 60  # the step in which the time ended is the last
        assert [point.step for point in run.curve] == [0, run.steps]
        assert run.eval_loss == run.curve[-1].loss
        assert playground.config_of(run.run_id or "").training.lr_schedule == "constant"
    with pytest.raises(RunError, match="is over"):
        playground.races.resume(found.race_id)

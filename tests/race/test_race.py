"""A race: what is refused, that entrants differ only in their method, and that it can be stopped, killed and go on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.catalog.methods import METHODS
from playground.errors import ConfigError, RunError
from playground.race.config import RaceConfig
from playground.race.drive import claim, drive
from playground.race.folder import RaceFolder
from playground.race.results import RaceResults
from playground.runs import session
from playground.runs.folder import RunFolder
from playground.service import Playground

SIX = ("lora", "qlora", "adalora", "prefix_tuning", "p_tuning", "prompt_tuning")


@pytest.fixture
def race_values(values: dict[str, Any]) -> dict[str, Any]:
    """Three quick entrants on the tiny model."""
    values.pop("method")
    return {**values, "name": "tiny race", "race": {"entrants": ["lora", "prefix_tuning", "prompt_tuning"]}}


def problems(values: Any) -> dict[str, str]:
    """Where -> message, of a race that is refused."""
    with pytest.raises(ConfigError) as caught:
        RaceConfig.from_values(values)
    return {problem.where: problem.to("en") for problem in caught.value.problems}


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


# --- what a race is ---------------------------------------------------------------------------------


def test_entrants_share_everything_but_their_method(race_values: dict[str, Any]) -> None:
    race_values["race"] = {"entrants": list(SIX), "seeds": 2}
    config = RaceConfig.from_values(race_values)
    runs = [config.config_of(entrant, seed) for entrant, seed in config.starts()]
    assert [(run.method.method, run.seed) for run in runs] == [(name, seed) for seed in (42, 43) for name in SIX]
    assert {run.training.learning_rate for run in runs} == {METHODS[name].learning_rate for name in SIX}
    rest = [run.model_dump(exclude={"name", "method", "training", "seed"}) for run in runs]
    assert all(values == rest[0] for values in rest)
    training = [run.training.model_dump(exclude={"learning_rate"}) for run in runs]
    assert all(values == training[0] for values in training)


def test_what_a_file_says_of_its_method_holds_for_the_entrants_of_that_method(race_values: dict[str, Any]) -> None:
    race_values |= {"method": {"method": "lora", "params": {"target_modules": ["q_proj"]}}}
    race_values["training"]["learning_rate"] = 5e-4
    race_values["race"] = {"entrants": [{"params": {"r": 2}}, {"params": {"r": 4}, "learning_rate": 0.1}, "qlora"]}
    two, four, qlora = RaceConfig.from_values(race_values).entrants
    assert (two.method.params["r"], two.method.params["target_modules"], two.learning_rate) == (2, ["q_proj"], 5e-4)
    assert (four.method.params["r"], four.learning_rate) == (4, 0.1)
    assert (qlora.method.params["target_modules"], qlora.learning_rate) == ("all-linear", 1e-3)
    assert (two.name, four.name, qlora.name) == (
        "lora r=2, learning_rate=0.0005",
        "lora r=4, learning_rate=0.1",
        "qlora",
    )


def test_without_a_method_of_its_own_a_files_learning_rate_holds_for_all(race_values: dict[str, Any]) -> None:
    race_values["training"]["learning_rate"] = 0.25
    assert {entrant.learning_rate for entrant in RaceConfig.from_values(race_values).entrants} == {0.25}


def test_a_race_is_written_complete_and_read_back_the_same(race_values: dict[str, Any], playground: Playground) -> None:
    config = RaceConfig.from_values(race_values)
    race = playground.races.store.create(config)
    assert race.config == config
    written = yaml.safe_load((race.path / "race.yaml").read_text(encoding="utf-8"))
    assert written["entrants"][0]["method"]["params"].keys() == {param.name for param in METHODS["lora"].params}
    assert list(playground.store) == []  # a race is no run


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 13])
def test_too_few_and_too_many_entrants_are_refused(race_values: dict[str, Any], count: int) -> None:
    race_values["race"]["entrants"] = [{"method": "lora", "params": {"r": r}} for r in range(1, count + 1)]
    assert f"names {count} entrant(s)" in problems(race_values)["race.entrants"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("lora", "lora"),
        ("lora", {"method": "lora", "params": {"r": 8}}),
        ("lora", {"method": "lora", "params": {"r": 8, "use_qalora": False}}),  # PEFT's own default
        ({"method": "lora", "name": "a"}, {"method": "lora", "name": "b", "learning_rate": 1e-3}),
        (
            {"method": "lora", "params": {"target_modules": "q_proj, v_proj"}},
            {"method": "lora", "params": {"target_modules": ["q_proj", "v_proj"]}},
        ),
    ],
)
def test_two_entrants_that_are_the_same_are_refused(race_values: dict[str, Any], first: Any, second: Any) -> None:
    race_values["race"]["entrants"] = [first, "prompt_tuning", second]
    found = problems(race_values)
    assert "the same as entrant 1" in found["race.entrants.3"]
    assert len(found) == 1


def test_impossible_settings_are_refused_with_every_problem_named(race_values: dict[str, Any]) -> None:
    race_values["base_model"] = "/no/such/model"
    race_values["training"]["batch_size"] = 0
    race_values["race"] = {
        "entrants": [
            {"method": "lora", "params": {"r": 10_000, "colour": "red"}},
            {"method": "adalora", "params": {"target_r": 8, "init_r": 8}},
            {"method": "no_such_method"},
            {"method": "qlora", "learning_rate": -1},
            {"method": "prompt_tuning", "speed": 3},
            7,
        ],
        "seeds": 0,
        "prize": 100,
    }
    everything = problems(race_values)
    assert everything.keys() >= {
        "training.batch_size", "race.seeds", "race.prize", "race.entrants.4.learning_rate",
        "race.entrants.5.speed", "race.entrants.6",
    }  # fmt: skip
    race_values["training"]["batch_size"] = 4
    everything = problems(race_values)
    assert everything.keys() >= {
        "base_model", "race.entrants.1.params.r", "race.entrants.1.params.colour", "race.entrants.2.params.target_r",
        "race.entrants.3.method",
    }  # fmt: skip
    assert sum("base_model" in where for where in everything) == 1  # told once, not once an entrant


@pytest.mark.parametrize("seeds", [0, 11, True, "3", [], [1, 1], [-1], [1.5], [2**32]])
def test_seeds_that_are_no_seeds_are_refused(race_values: dict[str, Any], seeds: Any) -> None:
    race_values["race"]["seeds"] = seeds
    assert "race.seeds" in problems(race_values)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, 5])
def test_a_name_that_is_no_name_is_refused(race_values: dict[str, Any], name: Any) -> None:
    race_values["race"]["entrants"][0] = {"method": "lora", "name": name}
    assert "1 to 60 characters" in problems(race_values)["race.entrants.1.name"]


def test_names_that_are_made_differ_even_when_they_are_cut(race_values: dict[str, Any]) -> None:
    modules = [f"{'very_' * 12}long.q_proj", f"{'very_' * 12}long.v_proj"]
    race_values["race"]["entrants"] = [{"params": {"target_modules": [name]}} for name in modules]
    first, second = (entrant.name for entrant in RaceConfig.from_values(race_values).entrants)
    assert first != second
    assert max(len(first), len(second)) <= 60


def test_a_name_given_twice_is_refused(race_values: dict[str, Any]) -> None:
    race_values["race"]["entrants"][:2] = [{"method": "lora", "name": "a"}, {"method": "qlora", "name": "a"}]
    assert "entrant 1" in problems(race_values)["race.entrants.2.name"]


@pytest.mark.parametrize("values", [None, 3, [], "race", {"race": 3}, {"race": {"entrants": {"a": 1}}}, {"race": {}}])
def test_what_is_no_race_at_all_is_refused(values: Any) -> None:
    assert problems(values)


def test_a_race_is_no_run_and_says_where_it_belongs(race_values: dict[str, Any], playground: Playground) -> None:
    with pytest.raises(ConfigError, match="playground race"):
        playground.check(race_values)


# --- running it -------------------------------------------------------------------------------------


def test_the_same_race_twice_gives_the_same_losses_and_the_same_ranking(
    race_values: dict[str, Any], playground: Playground, tmp_path: Path
) -> None:
    race_values["race"] = {"entrants": list(SIX), "seeds": 2}
    first = run_race(playground, race_values)
    again = run_race(Playground(tmp_path / "elsewhere"), race_values)
    assert first.status == again.status == "finished"
    assert len(losses(first)) == 12
    assert losses(first) == losses(again)
    assert ranking(first) == ranking(again)
    assert len(set(map(tuple, losses(first).values()))) == 12  # the entrants did differ


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


@pytest.mark.parametrize("killed", [False, True])
def test_a_race_broken_off_in_the_middle_goes_on_to_the_same_results(
    race_values: dict[str, Any], playground: Playground, tmp_path: Path, killed: bool
) -> None:
    """Broken off within the second entrant's run: between checkpoints, and with nothing tidied up when killed."""
    race_values["training"] |= {"max_steps": 6, "eval_every": 2}
    whole = run_race(Playground(tmp_path / "whole"), race_values)

    race = playground.races.store.create(RaceConfig.from_values(race_values))
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
    assert losses(found) == losses(whole)
    assert ranking(found) == ranking(whole)
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

"""What a race is, and what is refused before it begins."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from playground.catalog.methods import METHODS
from playground.errors import ConfigError
from playground.race.config import RaceConfig
from playground.service import Playground

SIX = ("lora", "qlora", "adalora", "prefix_tuning", "p_tuning", "prompt_tuning")


def problems(values: Any) -> dict[str, str]:
    """Where -> message, of a race that is refused."""
    with pytest.raises(ConfigError) as caught:
        RaceConfig.from_values(values)
    return {problem.where: problem.to("en") for problem in caught.value.problems}


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

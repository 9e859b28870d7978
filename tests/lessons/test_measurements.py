"""Measurements of planted runs and races, against figures worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from playground.catalog.presets import load_preset
from playground.inside.sweep import FIRST_STRENGTHS, Point
from playground.inside.where.soft_prompt import Side
from playground.lessons import inside
from playground.lessons.measurements import MEASUREMENTS, measured_of_race, measured_of_run
from tests.events import evaluated, finisher, started, stepped
from tests.lessons.looked_inside import prompt_of, strengths, sweep_of
from tests.lessons.planted import answered, ended, events_of, race_of, scored

OF_A_RUN = [name for name, item in MEASUREMENTS.items() if item.of == "run" and not item.is_inside]
BY_HAND = {
    "loss_drop": (10, 90), "half_of_the_fall": (20, 90), "fields_right": (75, 100), "trained_share": (1, 50),
    "chrf_gain": (0.5, 24), "chrf_forgotten": (0.5, 19.5), "base_memory": (25, 90),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_RUN)
def test_two_runs_are_measured_and_said_differently(name: str) -> None:
    little, much = (measured_of_run(name, events_of(name, much=much)) for much in (False, True))
    assert little is not None
    assert much is not None
    assert (little.value, much.value) == pytest.approx(BY_HAND[name])
    assert little.said.en != much.said.en
    assert little.said.pt not in (much.said.pt, little.said.en)


@pytest.mark.parametrize("name", OF_A_RUN)
def test_a_run_that_did_not_get_far_enough_measures_nothing(name: str) -> None:
    assert measured_of_run(name, []) is None
    assert measured_of_run(name, [evaluated(0, 2.0), answered(0, ""), scored(0, 20.0, None)]) is None
    nothing = [started(trainable_parameters=0, total_parameters=0), stepped(1), ended(eval_loss=None)]
    assert measured_of_run(name, nothing) is None


def test_a_loss_that_rose_is_not_said_to_have_fallen() -> None:
    found = measured_of_run("loss_drop", [ended(eval_loss=3.0)])
    assert found is not None
    assert found.value == -50
    assert "did not fall" in found.said.en


def test_the_kept_adapter_is_scored_not_the_last_one() -> None:
    events = [scored(0, 20.0, 60.0), scored(20, 40.0, 50.0), scored(40, 10.0, 1.0), ended(best_step=20)]
    found = [measured_of_run(name, events) for name in ("chrf_gain", "chrf_forgotten")]
    assert [item.value for item in found if item] == [20, 10]


@pytest.mark.parametrize("answer", ["", "Sure! Here is", "[1]", "null", "{" * 2000, json.dumps({"other": 1})])
def test_an_answer_that_is_no_such_object_has_no_right_field(answer: str) -> None:
    found = measured_of_run("fields_right", [answered(20, answer)])
    assert found is not None
    assert found.value == 0
    assert "what ✗, who ✗, day ✗, time ✗" in found.said.en


def test_the_winner_of_a_race_is_named_once_the_race_has_ended() -> None:
    preset = load_preset("race-six-methods")
    first, second = (measured_of_race("best_entrant", race_of(preset, winner), None) for winner in (0, 3))
    assert first is not None
    assert second is not None
    assert (first.value, second.value) == ("lora", "prefix_tuning")
    assert measured_of_race("best_entrant", race_of(preset, 0, "stopped"), None) is None


def test_memory_is_saved_by_the_first_entrant_or_by_the_second() -> None:
    preset = load_preset("race-qlora-twin")
    found = [measured_of_race("memory_saved", race_of(preset, winner), None) for winner in (0, 1)]
    assert [item.value for item in found if item] == pytest.approx([100 / 3, -50])
    assert "qlora took 100" in found[0].said.en  # type: ignore[union-attr]
    assert measured_of_race("memory_saved", race_of(preset, 0, "stopped"), None) is None


def test_the_smallest_adapter_near_the_best_depends_on_how_near_is_enough() -> None:
    race = race_of(load_preset("race-lora-ranks"), 0)
    losses = {"rank 2": 1.2, "rank 8": 1.04, "rank 32": 1.0, "rank 128": 1.01}
    entrants = [
        finisher(name, eval_loss=loss, adapter_bytes=float(place)) for place, (name, loss) in enumerate(losses.items())
    ]
    found = type(race)(**{**vars(race), "entrants": tuple(entrants)})
    chosen = [measured_of_race("smallest_near_best", found, within) for within in (1.0, 5.0, 25.0)]
    assert [item.value for item in chosen if item] == ["rank 32", "rank 8", "rank 2"]


@pytest.mark.parametrize(("half", "share"), [(1.05, 95), (1.5, 50), (2.1, -10)])
def test_half_the_strength_keeps_its_share_of_the_fall(half: float, share: float) -> None:
    found = measured_of_run("half_strength", strengths(half))
    assert found is not None
    assert found.value == pytest.approx(share)
    assert "between 2.00 without the adapter and 1.00 with it" in found.said.en
    assert "at strength 1.5 the loss is 1.25" in found.said.en
    assert found.said.en.endswith("lowest at 1")


def test_the_strengths_are_compared_once_all_of_them_are_measured() -> None:
    whole = strengths(1.05)
    for count in range(len(whole.points)):
        assert measured_of_run("half_strength", replace(whole, points=whole.points[:count])) is None
    rose = sweep_of({0.0: 1.0, 1.0: 1.2, 0.5: 0.9, 0.2: 1.0, 0.8: 1.1, 1.5: 2.0})
    found = measured_of_run("half_strength", rose)
    assert found is not None
    assert found.value == 0
    assert "does not lower" in found.said.en


def test_the_nearest_words_are_as_near_as_their_cosines_and_stand_beside_those_of_chance() -> None:
    found = [measured_of_run("nearest_words", prompt_of(near)) for near in (0, 1, 4)]
    assert [item.value for item in found if item] == pytest.approx([10, 30, 90])
    assert all("those of random vectors at 0.15" in item.said.en for item in found if item)
    early = replace(prompt_of(4), random=Side())
    assert measured_of_run("nearest_words", early) is None


def test_a_word_of_a_vocabulary_is_cut_and_told_in_one_line() -> None:
    found = measured_of_run("nearest_words", prompt_of(4, word="\n\u202e{x}" + "y" * 500))
    assert found is not None
    assert "\n" not in found.said.en
    assert "{x}yyy" in found.said.to("en")
    assert len(found.said.en) < 500


def test_half_the_strength_is_told_from_the_first_points_of_a_sweep_and_only_then_is_all_done() -> None:
    values = (0.0, 1.0, *FIRST_STRENGTHS)
    for count in range(2, len(values) + 1):
        points = tuple(Point("strength", value, 2.0 - value / 2, None, 0.0) for value in values[:count])
        found = SimpleNamespace(points=points, along=lambda _, points=points: list(points))
        is_told = inside.half_strength(found) is not None  # type: ignore[arg-type]
        assert is_told is (inside.share_done(found) == 1)  # type: ignore[arg-type]
    assert is_told

"""Knobs measured beforehand: kept, gone on with, measured anew when stale, and close to what the model says between."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from playground.errors import BusyError
from playground.inside import measured_texts
from playground.inside import sweep as sweeps
from playground.inside.effects import Effects, Measure
from playground.inside.interpolation import interpolated
from playground.inside.knobs import ADAPTER, BASE, Setting, setting_of
from playground.inside.look import Look
from playground.inside.opened import opened
from playground.inside.recommend import Choice, Recommendation, forgotten, paired_interval
from playground.inside.sweep import CONTROL, Point, Sweep, kept_sweep, sweeping
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.held_training import HeldTraining
from tests.inside.conftest import RunMaker, adapter_weights
from tests.inside.test_effects import logits_of, loss_of, scaled_by_hand

FILE = "inside-sweep.json"
FEW = ((0.5, 2.0), (1.5,), (1.0,), (0.0, 2.0))


@pytest.fixture(autouse=True)
def short_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the fixed text one window: a tiny tokenizer makes many of it."""
    monkeypatch.setattr(measured_texts, "GENERAL_WINDOWS", 1)


@pytest.fixture
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("FIRST_STRENGTHS", "OTHER_STRENGTHS", "CONTROL_STRENGTHS", "GAINS")
    for name, values in zip(names, FEW, strict=True):
        monkeypatch.setattr(sweeps, name, values)
    monkeypatch.setattr(sweeps, "SWEPT_GROUPS", ("early",))


def measured(folder: RunFolder) -> Sweep:
    with opened(folder) as measure:
        *_, last = sweeping(folder, measure)
    return last


def test_a_sweep_measures_each_knob_by_itself(finished_run: RunMaker, few_places: None) -> None:
    folder = finished_run()
    found = measured(folder)
    assert found.is_whole
    assert [point.value for point in found.along("strength")] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert [point.value for point in found.along("rank")] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [point.value for point in found.along("gain.early")] == [0.0, 1.0, 2.0]
    assert found.base.kl == 0.0
    with opened(folder) as measure:
        exact = measure.whole(setting_of(["gain.early=2"]), answer=False)
        at_two = found.along("gain.early")[-1]
        assert (at_two.task_loss, at_two.general_loss, at_two.kl) == (exact.task_loss, exact.general_loss, exact.kl)
    assert found.along("strength")[2].task_loss != found.along(CONTROL)[0].task_loss


def test_a_sweep_that_was_kept_whole_with_fewer_places_gets_the_new_ones(
    finished_run: RunMaker, few_places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run()
    before = measured(folder)
    monkeypatch.setattr(sweeps, "GAINS", (*sweeps.GAINS, 0.5))
    after = measured(folder)
    assert (before.is_whole, after.is_whole) == (True, True)
    assert [point.value for point in after.along("gain.early")] == [0.0, 0.5, 1.0, 2.0]
    assert after.points[: len(before.points)] == before.points


def test_a_sweep_that_was_left_goes_on_where_it_was(
    finished_run: RunMaker, few_places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run()
    with opened(folder) as measure:
        points = sweeping(folder, measure)
        left = [next(points) for _ in range(4)][-1]
        points.close()
    assert kept_sweep(folder) == left
    counted: list[tuple[str, float]] = []
    own = sweeps._measured
    monkeypatch.setattr(
        sweeps, "_measured", lambda measure, knob, value: counted.append((knob, value)) or own(measure, knob, value)
    )
    whole = measured(folder)
    assert len(counted) == whole.total - len(left.points)
    assert whole.points[: len(left.points)] == left.points
    measured(folder)
    assert len(counted) == whole.total - len(left.points), "what is known was measured again"


def test_other_weights_make_a_kept_sweep_worthless(finished_run: RunMaker, few_places: None) -> None:
    folder = finished_run()
    before = measured(folder)
    weights = {name: 2 * value for name, value in load_file(adapter_weights(folder)).items()}
    save_file(weights, adapter_weights(folder))
    assert kept_sweep(folder) is None
    assert measured(folder).adapter != before.adapter


def test_other_texts_make_a_kept_sweep_worthless(finished_run: RunMaker, few_places: None) -> None:
    folder = finished_run()
    found = measured(folder)
    stale = json.loads((folder.path / FILE).read_text())
    stale["view"]["texts"] = "of another file"
    stale["view"]["points"][1]["task_loss"] = 99.0
    (folder.path / FILE).write_text(json.dumps(stale))
    assert measured(folder) == found


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": {}}', '{"points": "many"}', "x" * 2_000_000])
def test_a_damaged_sweep_is_measured_anew(content: str, finished_run: RunMaker) -> None:
    folder = finished_run()
    (folder.path / FILE).write_text(content)
    assert kept_sweep(folder) is None


def test_between_the_points_the_curve_is_at_most_1_percent_off(
    finished_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "SWEPT_GROUPS", ("early", "mlp"))
    folder = finished_run()
    found = measured(folder)
    with opened(folder) as measure:
        for texts in (["strength=0.6"], ["strength=1.3"], ["strength=-0.6"], ["gain.mlp=0.8"], ["gain.early=1.2"]):
            setting = setting_of(texts)
            guessed, exact = interpolated(found, setting), measure.whole(setting, answer=False)
            assert guessed
            assert guessed.task_loss == pytest.approx(exact.task_loss, rel=0.01)
            assert guessed.general_loss == pytest.approx(exact.general_loss, rel=0.01)


def planted(*points: Point) -> Sweep:
    """Base and adapter, and these points."""
    ends = Point("strength", 0.0, 4.0, 3.0, 0.0), Point("strength", 1.0, 3.0, 3.5, 1.0)
    return Sweep(
        texts="", points=(*ends, *points), total=2 + len(points), base_answer="", adapter_answer="", prompt="",
        groups=("early",), largest_rank=8, note=None, task_examples=32, held_out=32,
    )  # fmt: skip


def test_two_knobs_at_once_only_the_model_can_tell() -> None:
    found = planted(Point("rank", 2.0, 3.2, 3.4, 0.5), Point("strength", 2.0, 3.5, 4.0, 3.0))
    assert interpolated(found, ADAPTER) == found.adapter
    assert interpolated(found, setting_of(["strength=0.5", "rank=2"])) is None
    assert interpolated(found, setting_of(["strength=-1"])) is None, "beyond the points nothing is known"
    assert interpolated(found, setting_of(["gain.q_proj=0"])) is None


def test_the_curve_goes_through_its_points_and_is_exact_for_a_cubic_of_logarithms() -> None:
    places = (-1.0, -0.5, 0.5, 2.0)
    found = planted(*(Point("strength", at, 3 * math.exp(at), 3.0 * math.exp(0.1 * at**3), at * at) for at in places))
    for at in (*places, 1.4):
        between = interpolated(found, Setting(strength=at))
        assert between
        assert between.kl == pytest.approx(at * at)
    at_a_point = interpolated(found, Setting(strength=2.0))
    assert at_a_point
    assert at_a_point.task_loss == pytest.approx(3 * math.exp(2.0))
    few = replace(found, points=tuple(p for p in found.points if p.value in (-1.0, -0.5, 0.5, 2.0)))
    middle = interpolated(few, Setting(strength=0.2))
    assert middle
    assert middle.general_loss == pytest.approx(3.0 * math.exp(0.1 * 0.2**3))


# --- whose turn it is ------------------------------------------------------------------------------


def test_the_model_is_free_for_others_between_two_points(
    playground: Playground, finished_run: RunMaker, few_places: None
) -> None:
    folder = finished_run()
    points = playground.sweep(folder.run_id)
    next(points)
    looked: list[Any] = []
    other = threading.Thread(target=lambda: looked.append(playground.look_inside(folder.run_id, BASE)))
    other.start()
    found = [point for point in points if isinstance(point, Sweep)]
    other.join(timeout=60)
    assert looked
    assert found[-1].is_whole


def test_a_look_tells_more_each_time_and_takes_base_and_strength_1_from_the_sweep(
    playground: Playground, finished_run: RunMaker, few_places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run()
    next(playground.sweep(folder.run_id))
    monkeypatch.setattr(Measure, "references", lambda *_: pytest.fail("measured again"))
    task, general, answered = playground.look_when_free(folder.run_id, Setting(strength=0.5))
    assert isinstance(task, Look)
    assert isinstance(answered, Look)
    assert (task.general_loss, task.answer) == (None, None)
    assert answered.answer is not None
    kept = kept_sweep(folder)
    assert kept
    assert answered.base_task_loss == kept.base.task_loss


def test_a_look_that_is_left_ends_with_the_part_it_is_at(
    playground: Playground, finished_run: RunMaker, few_places: None
) -> None:
    is_left = iter((False, True))  # before the first part, and after it
    (only,) = playground.look_when_free(finished_run().run_id, Setting(strength=0.5), lambda: next(is_left))
    assert isinstance(only, Look)
    assert only.answer is None


def test_while_a_run_trains_a_sweep_waits_and_says_for_what(
    playground: Playground, finished_run: RunMaker, few_places: None, training: HeldTraining, values: dict[str, Any]
) -> None:
    folder = finished_run()
    playground.start_run(playground.check({**values, "name": "long"}))
    points = playground.sweep(folder.run_id)
    waiting = next(points)
    assert isinstance(waiting, BusyError)
    assert "long" in str(waiting)
    training.let_go()
    assert [point for point in points if isinstance(point, Sweep)][-1].is_whole


def test_a_sweep_stops_between_two_points(playground: Playground, finished_run: RunMaker, few_places: None) -> None:
    folder, stop = finished_run(), threading.Event()
    found: Iterator[Any] = playground.sweep(folder.run_id, stop.is_set)
    next(found)
    stop.set()
    assert list(found) in ([], [kept_sweep(folder)])
    kept = kept_sweep(folder)
    assert kept
    assert not kept.is_whole


# --- the recommendation ----------------------------------------------------------------------------


def many_rows(folder: Path, count: int) -> str:
    path = folder / "many.jsonl"
    rows = [{"prompt": f"Say number {number}", "completion": f"It is {number}."} for number in range(count)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def test_few_held_out_examples_give_no_recommendation_and_the_reason(
    playground: Playground, finished_run: RunMaker, few_places: None
) -> None:
    first, *more, last = playground.recommend(finished_run().run_id)
    assert isinstance(first, Sweep)
    assert (len(first.points), more) == (2, []), "it is said at once, before anything but base and adapter is measured"
    assert isinstance(last, Recommendation)
    assert last.setting is None
    assert last.reason
    assert "holds out 8 examples: 64 are needed" in last.reason.en


def test_the_recommended_setting_forgets_no_more_and_is_told_on_other_examples(
    playground: Playground, finished_run: RunMaker, few_places: None, tmp_path: Path
) -> None:
    folder = finished_run(data={"dataset": many_rows(tmp_path, 140), "eval_fraction": 0.5})
    *_, last = playground.recommend(folder.run_id)
    assert isinstance(last, Recommendation)
    assert last.setting is not None
    assert last.forgets <= last.adapter_forgets
    assert last.reported
    assert last.reported.examples == 70 - 32
    with opened(folder) as measure:
        chosen, adapter = measure.task(last.setting), measure.task(ADAPTER)
    assert paired_interval(chosen.losses, adapter.losses)[1] <= 0.02 * adapter.task_loss
    assert (last.general_texts, last.saved) == (0, None), "there are two general texts, and both have chosen"


def test_what_a_setting_saves_has_an_interval_by_general_text() -> None:
    of_adapter = Effects(task_loss=1.0, general_losses=tuple((20.0 + place, 10) for place in range(12)))
    of_setting, of_base = (
        replace(of_adapter, general_losses=tuple((loss - less, 10) for loss, _ in of_adapter.general_losses))
        for less in (3.0, 4.0)
    )
    told = forgotten(of_base, of_setting, of_adapter)
    assert (told["forgets"], told["adapter_forgets"]) == pytest.approx((0.1, 0.4))
    assert told["general_texts"] == 12
    assert told["saved"] == pytest.approx((0.3, 0.3))
    assert forgotten(of_base, of_adapter, of_adapter)["saved"] == (0, 0)
    assert Recommendation(setting=ADAPTER, saved=(0, 0)).may_save_nothing
    assert not Recommendation(setting=ADAPTER, saved=(0.3, 0.3)).may_save_nothing


def test_what_a_translator_forgets_is_told_on_general_pairs_that_no_choice_has_seen(
    finished_run: RunMaker, translation: dict[str, Any]
) -> None:
    folder = finished_run(**translation)
    with opened(folder) as measure:
        texts = measure.texts
        assert (len(texts.general), len(texts.more_general)) == (32, 68)
        chose = [vars(item) for item in texts.general]
        assert not [item for item in texts.more_general if vars(item) in chose]
        found, at_base = measure.kept_back(Setting(strength=0.5)), measure.kept_back(BASE)
    expected = loss_of(logits_of(scaled_by_hand(folder, 0.5), texts.more_general))
    assert found.general_loss == pytest.approx(expected, abs=1e-4)
    assert found.general_losses != at_base.general_losses


def test_a_setting_that_costs_the_task_is_not_recommended(
    finished_run: RunMaker, few_places: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run(data={"dataset": many_rows(tmp_path, 140), "eval_fraction": 0.5})
    found = measured(folder)
    planted = replace(found, points=tuple(replace(point, task_loss=1.0) for point in found.points))  # all look as good
    monkeypatch.setattr("playground.inside.recommend.is_as_good", lambda *_: False)
    with opened(folder) as measure:
        *_, last = Choice(planted).going_on(measure)
    assert isinstance(last, Recommendation)
    assert last.setting == ADAPTER
    assert last.tried > 0


def test_a_choice_that_was_left_goes_on_without_measuring_anything_again(
    finished_run: RunMaker, few_places: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run(data={"dataset": many_rows(tmp_path, 140), "eval_fraction": 0.5})
    choice = Choice(measured(folder))
    with opened(folder) as measure, closing(choice.going_on(measure)) as turn:
        next(turn)
    before = dict(choice.measured)
    monkeypatch.setattr(Measure, "references", lambda *_, **__: pytest.fail("strength 1 is measured again"))
    with opened(folder) as measure:
        *_, last = choice.going_on(measure)
    assert isinstance(last, Recommendation)
    assert last.tried == len(choice.measured) > len(before)
    assert before.items() <= choice.measured.items()


def test_the_interval_pairs_examples_and_weighs_them_by_their_tokens() -> None:
    others = [(float(number % 5), 2 + number % 3) for number in range(40)]
    low, high = paired_interval([(loss + 0.5 * count, count) for loss, count in others], others)
    assert low == pytest.approx(0.5)
    assert high == pytest.approx(0.5)
    low, high = paired_interval([(loss + (-1) ** number, count) for number, (loss, count) in enumerate(others)], others)
    assert low < 0 < high

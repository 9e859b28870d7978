"""The range test: its rates, its average, when it ends, what it suggests, and that it leaves nothing behind."""

from __future__ import annotations

import hashlib
import math
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.catalog.methods import METHODS
from playground.charts.curves import smooth
from playground.errors import BusyError, DataError, ModelError
from playground.model import in_memory
from playground.model.in_memory import base_in_memory
from playground.preflight import rate_finder
from playground.preflight.rate_finder import RangeTest, RatePoint, diverged, find_learning_rate, lowest_rate
from playground.service import Playground
from playground.train.loop import train
from playground.train.prepare import prepare
from tests.kinds import ONE_OF_EACH_KIND


@pytest.fixture
def config(playground: Playground, values: dict[str, Any]) -> Any:
    return playground.check(values)


def last(found: Any) -> RangeTest:
    result: RangeTest = list(found)[-1]
    return result


def points(losses: list[float]) -> list[RatePoint]:
    found = enumerate(zip(losses, smooth(losses), strict=True), start=1)
    return [RatePoint(step, 10.0 ** (step - 10), loss, smoothed) for step, (loss, smoothed) in found]


# --- arithmetic -----------------------------------------------------------------------------------


def test_the_average_is_that_of_a_computation_by_hand() -> None:
    """With a weight of 0.5: 4; (4/2 + 2)/1.5 = 8/3; (4/4 + 2/2 + 8)/1.75."""
    found = smooth([4.0, 2.0, 8.0], 0.5)
    by_hand = [4.0, (0.25 * 4 + 0.5 * 2) / 0.75, (0.125 * 4 + 0.25 * 2 + 0.5 * 8) / 0.875]
    assert found == pytest.approx(by_hand)


def test_on_a_quadratic_the_smoothed_curve_is_the_one_computed_step_by_step() -> None:
    """Gradient descent on x² from x = 1 with rates that grow by the same factor: x ← x (1 − 2 rate)."""
    steps, lowest, highest = 30, 1e-3, 3.0
    x, average, total = torch.tensor(1.0, requires_grad=True), 0.0, 0.0
    losses: list[float] = []
    expected = 1.0
    for step in range(1, steps + 1):
        rate = rate_finder.rate_at(step, lowest, highest, steps)
        assert rate == pytest.approx(10 ** (-3 + (step - 1) / 29 * math.log10(3000)))
        loss = x**2
        (gradient,) = torch.autograd.grad(loss, x)
        average, total = 0.8 * average + 0.2 * expected**2, 0.8 * total + 0.2
        losses.append(float(loss))
        assert smooth(losses)[-1] == pytest.approx(average / total, rel=1e-4)
        x = (x - rate * gradient).detach().requires_grad_()
        expected *= 1 - 2 * rate


def test_the_suggestion_is_a_tenth_of_the_lowest_and_none_without_a_fall() -> None:
    falling = points([3.0] * 5 + [2.5, 2.0, 1.5, 1.0, 5.0])
    assert lowest_rate(falling) == falling[8].rate
    assert lowest_rate(points([3.0, 3.01, 2.99, 3.0, 3.0, 2.99, 3.0])) is None
    assert lowest_rate(points([math.nan] * 3)) is None
    assert lowest_rate(points([3.0] * 5 + [1.0, 1.0, math.inf])) == 10.0 ** (7 - 10)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.0, 9.0, 9.0, 9.0, 9.0], False),  # the first steps are too few to tell
        ([2.0] * 6, False),
        ([2.0] * 5 + [2.0, 9.0], True),  # one and a half times the start: (2 · … + 9 · 0.2 / 0.79) > 3
        ([2.0] * 6 + [math.nan], True),
        ([2.0, math.inf], True),
        ([2.0] * 5 + [0.1] * 20 + [2.4], True),  # below the start, and four times above the lowest
    ],
)
def test_a_loss_that_climbs_too_far_ends_the_test(losses: list[float], expected: bool) -> None:
    assert diverged(points(losses)) is expected


# --- the test itself ------------------------------------------------------------------------------


def test_losses_are_those_of_a_runs_loop_at_growing_rates(config: Any) -> None:
    found = last(find_learning_rate(config, steps=12))
    default = METHODS["lora"].default_learning_rate()
    rates = [point.rate for point in found.points]
    assert rates[0] == pytest.approx(default / 100)
    assert rates[-1] == pytest.approx(default * 30)
    ratios = [after / before for before, after in zip(rates, rates[1:], strict=False)]
    assert ratios == pytest.approx([3000 ** (1 / 11)] * 11)
    in_memory.forget_base()

    prepared = prepare(config.with_training(max_steps=12, eval_every=12))
    events = prepared.train(learning_rate=lambda step, _: rates[step - 1])
    losses = [event.loss for event in events if hasattr(event, "grad_norm")]
    assert losses == [point.loss for point in found.points]
    in_memory.forget_base()


@pytest.mark.parametrize("method", ["lora", "prefix_tuning", "prompt_tuning", "p_tuning", "adalora"])
def test_the_suggestion_lies_in_the_range_and_below_divergence_and_the_base_is_as_it_was(
    playground: Playground, values: dict[str, Any], method: str
) -> None:
    config = playground.check(values | {"method": {"method": method}})
    base = base_in_memory(config.base_model)
    before, names = digest(base.model), [name for name, _ in base.model.named_modules()]
    steps = list(playground.find_learning_rate(config))
    found = steps[-1]
    assert found.finished
    assert [len(step.points) for step in steps[:4]] == [0, 1, 2, 3]
    assert len(found.points) == found.steps or found.diverged_at == found.points[-1].rate
    if found.suggestion is not None:
        assert found.lowest is not None
        assert found.points[0].rate <= found.suggestion < found.lowest <= found.points[-1].rate
        assert found.diverged_at is None or found.suggestion < found.diverged_at
    assert base_in_memory(config.base_model) is base
    assert digest(base.model) == before
    assert [name for name, _ in base.model.named_modules()] == names
    assert not base.model.training
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    assert not playground.runs_dir.exists()


@pytest.mark.parametrize("method", ONE_OF_EACH_KIND)
def test_every_kind_of_method_can_be_tested_and_leaves_the_base_as_it_was(
    playground: Playground, values: dict[str, Any], method: str
) -> None:
    config = playground.check(values | {"method": {"method": method}})
    base = base_in_memory(config.base_model, METHODS[method].quantization)
    before, names = digest(base.model), [name for name, _ in base.model.named_modules()]
    found = last(find_learning_rate(config, steps=6))
    assert found.finished
    assert all(math.isfinite(point.loss) for point in found.points[:3])
    after = base_in_memory(config.base_model, METHODS[method].quantization).model
    assert (digest(after), [name for name, _ in after.named_modules()]) == (before, names)


def digest(model: Any) -> str:
    parts = (value.detach().contiguous().view(torch.uint8).numpy().tobytes() for value in model.state_dict().values())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_lora_learns_the_tiny_task_so_a_rate_is_found(config: Any) -> None:
    found = last(find_learning_rate(config))
    assert found.suggestion is not None
    assert found.default == METHODS["lora"].default_learning_rate()


def test_adaloras_ranks_do_not_move_during_the_test(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranks: list[int | None] = []

    def spy(*arguments: Any, **options: Any) -> Any:
        for event in train(*arguments, **options):
            ranks.append(getattr(event, "active_rank", None))
            yield event

    monkeypatch.setattr("playground.train.prepare.train", spy)
    last(find_learning_rate(playground.check(values | {"method": {"method": "adalora"}})))
    assert len(set(ranks) - {None}) == 1


# --- stopping and failing -------------------------------------------------------------------------


def test_a_stop_ends_it_without_a_suggestion_and_without_an_adapter(config: Any, playground: Playground) -> None:
    wanted = threading.Event()
    steps = []
    for step in playground.find_learning_rate(config, wanted.is_set):
        steps.append(step)
        if len(step.points) == 3:
            wanted.set()
    assert (steps[-1].stopped, steps[-1].finished, steps[-1].suggestion) == (True, False, None)
    assert len(steps[-1].points) == 3
    assert not has_adapter(config)
    assert last(find_learning_rate(config, lambda: True)).stopped


def has_adapter(config: Any) -> bool:
    return any("lora" in name for name, _ in base_in_memory(config.base_model).model.named_modules())


def test_a_closed_test_leaves_no_adapter_and_the_model_free(config: Any, playground: Playground) -> None:
    found = playground.find_learning_rate(config)
    for step in found:
        if step.points:
            break
    found.close()
    assert not has_adapter(config)
    with playground.worker.model_lock():
        with pytest.raises(BusyError):
            last(playground.find_learning_rate(config))


def test_one_example_is_too_few(playground: Playground, values: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    config = playground.check(values | {"data": {"dataset": str(path)}})
    with pytest.raises(DataError, match=r"one\.jsonl"):
        last(find_learning_rate(config))


def test_a_method_that_cannot_adapt_and_one_that_breaks_are_told(
    playground: Playground, values: dict[str, Any], config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"method": "lora", "params": {"target_modules": ["no_such_module"]}}
    with pytest.raises(ModelError, match="no_such_module"):
        last(find_learning_rate(playground.check(values | {"method": wrong})))

    def breaks(*_: Any, **__: Any) -> Any:
        raise RuntimeError("two tensors\ndo not fit")

    monkeypatch.setattr("playground.train.prepare.train", breaks)
    with pytest.raises(ModelError, match=r"LoRA failed during the test \(two tensors do not fit\)"):
        last(find_learning_rate(config))
    assert not has_adapter(config)


@pytest.mark.slow
@pytest.mark.own_dtype
def test_training_with_the_suggested_rate_lowers_the_loss_of_the_embedded_model(playground: Playground) -> None:
    from playground.runs import session

    values: dict[str, Any] = {
        "name": "suggested",
        "data": {"dataset": "notes-to-json", "max_examples": 120},
        "training": {"max_steps": 8, "batch_size": 1, "eval_every": 8, "eval_examples": 8},
    }
    found = last(find_learning_rate(playground.check(values)))
    assert found.suggestion is not None
    values["training"]["learning_rate"] = found.suggestion
    summary = session.run(playground.store.create(playground.check(values), {}), lambda: False)
    assert summary["eval_loss"] < 0.9 * summary["eval_loss_base"]

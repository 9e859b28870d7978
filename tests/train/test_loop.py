"""Training moves the adapter and nothing else, in the same way however the work is divided."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

from playground.config import TrainingConfig
from playground.model.adapt import attach_new, detach
from playground.model.load import load_base
from playground.service import Playground
from playground.train.events import Event, StepLogged
from playground.train.loop import learning_rate_at
from playground.train.prepare import prepare


def run_loop(playground: Playground, values: dict[str, Any], **training: Any) -> list[Event]:
    prepared = prepare(playground.check({**values, "training": {**values["training"], **training}}))
    events: list[Event] = list(prepared.train())
    detach(prepared.model)
    return events


def losses(events: list[Event]) -> list[float]:
    return [event.loss for event in events if isinstance(event, StepLogged)]


def test_gradient_accumulation_gives_the_losses_of_one_large_batch(
    playground: Playground, values: dict[str, Any]
) -> None:
    whole = run_loop(playground, values, batch_size=8, max_steps=6)
    parts = run_loop(playground, values, batch_size=2, gradient_accumulation_steps=4, max_steps=6)
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-4)


def test_the_same_seed_gives_the_same_losses_and_another_seed_does_not(
    playground: Playground, values: dict[str, Any]
) -> None:
    first = run_loop(playground, values)
    again = run_loop(playground, values)
    other = run_loop(playground, {**values, "seed": 7})
    assert losses(first) == losses(again)
    assert losses(first) != losses(other)


def test_adalora_really_moves_its_ranks_to_the_target(playground: Playground, values: dict[str, Any]) -> None:
    values["method"] = {"method": "adalora", "params": {"init_r": 8, "target_r": 2}}
    events = run_loop(playground, values, max_steps=20)
    ranks = [event.active_rank for event in events if isinstance(event, StepLogged)]
    layers = 2 * 7  # two Llama layers of seven linear modules each
    assert ranks[0] == layers * 8
    assert ranks[-1] == layers * 2
    assert ranks == sorted(ranks, reverse=True)


def test_on_a_bf16_base_the_ranks_that_adalora_divides_by_are_not_trained(
    playground: Playground, values: dict[str, Any]
) -> None:
    config = playground.check({**values, "method": {"method": "adalora"}})
    model = attach_new(load_base(config.base_model, dtype="bfloat16"), config, [])
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {name.rpartition("lora_")[2][0] for name in trained} == {"A", "B", "E"}
    assert any("ranknum" in name for name, _ in model.named_parameters())


def test_the_first_loss_of_adalora_is_the_task_loss_without_the_penalty(
    playground: Playground, values: dict[str, Any]
) -> None:
    light = run_loop(playground, {**values, "method": {"method": "adalora", "params": {"orth_reg_weight": 0.0}}})
    heavy = run_loop(playground, {**values, "method": {"method": "adalora", "params": {"orth_reg_weight": 10.0}}})
    assert losses(light)[0] == losses(heavy)[0]
    assert losses(light)[-1] != losses(heavy)[-1]


def test_one_door_leads_to_the_loop_and_one_function_makes_accelerators() -> None:
    package = Path(__file__).resolve().parents[2] / "playground"
    sources = {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    made = [name for name, text in sources.items() if re.search(r"\bAccelerator\(", text)]
    assert made == ["loop.py"]
    entered = [name for name, text in sources.items() if re.search(r"\.loop import (.*\b|\()train\b", text)]
    assert entered == ["prepare.py"]


@pytest.mark.parametrize("ratio", [1.0, 8.0])
def test_through_the_door_the_second_matrices_learn_as_many_times_faster_as_asked(
    playground: Playground, values: dict[str, Any], ratio: float
) -> None:
    """Adam's first step moves each number by its learning rate, whatever the gradient's size."""
    training = {"max_steps": 1, "learning_rate": 1e-3, "warmup_ratio": 0.0}
    config = playground.check(values | {"training": training, "method": {"params": {"loraplus_lr_ratio": ratio}}})
    prepared = prepare(config)
    for _ in prepared.train():
        pass
    moved = [tensor for name, tensor in prepared.model.named_parameters() if ".lora_B." in name]
    assert moved
    assert max(float(tensor.detach().abs().max()) for tensor in moved) == pytest.approx(1e-3 * ratio, rel=1e-3)
    detach(prepared.model)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_learning_rates_are_those_of_transformers_without_its_step_at_zero(schedule: str) -> None:
    config = TrainingConfig(max_steps=20, warmup_ratio=0.2, learning_rate=0.5, lr_schedule=schedule)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    make = {
        "linear": lambda: get_linear_schedule_with_warmup(optimizer, 4, 20),
        "cosine": lambda: get_cosine_schedule_with_warmup(optimizer, 4, 20),
        "constant": lambda: get_constant_schedule_with_warmup(optimizer, 4),
    }
    reference = make[schedule]()
    expected = []
    for _ in range(20):
        expected.append(reference.get_last_lr()[0])
        optimizer.step()
        reference.step()
    found = [learning_rate_at(step, config) for step in range(1, 21)]
    # Theirs passes through 0 first and reaches the peak at step 5; ours starts above 0, with the peak at 4 and 5.
    assert found[:4] == pytest.approx(expected[1:5])
    assert found[4:] == pytest.approx(expected[4:])
    assert all(rate > 0 and math.isfinite(rate) for rate in found)

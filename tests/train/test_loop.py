"""Training moves the adapter and nothing else, in the same way however the work is divided."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

from playground.catalog.methods import METHODS
from playground.config import TrainingConfig
from playground.data.encode import encode
from playground.data.read import load_split
from playground.model.adapt import attach_new, detach
from playground.model.load import load_base
from playground.service import Playground
from playground.train.events import Event, StepLogged
from playground.train.loop import learning_rate_at, make_optimizer, train


def run_loop(playground: Playground, values: dict[str, Any], **training: Any) -> list[Event]:
    config = playground.check({**values, "training": {**values["training"], **training}})
    base = load_base(config.base_model, METHODS[config.method.method].quantization)
    split = load_split(config.data, config.seed)
    items = encode(split.train, base.tokenizer, 256).items
    held_out = encode(split.held_out, base.tokenizer, 256).items
    model = attach_new(base, config, items)
    events = list(
        train(
            model,
            make_optimizer(model, config.training),
            items,
            held_out,
            config=config.training,
            seed=config.seed,
            pad_token_id=base.tokenizer.pad_token_id,
            accelerator=Accelerator(cpu=True),
            should_stop=lambda: False,
        )
    )
    detach(model)
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

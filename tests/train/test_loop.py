"""Training moves the adapter and nothing else, in the same way however the work is divided."""

from __future__ import annotations

import hashlib
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
from playground.train.events import EvalLogged, Event, StepLogged
from playground.train.loop import learning_rate_at, make_optimizer, train


def fingerprint(model: torch.nn.Module) -> str:
    """One hash over the base's weights, read through whatever wraps them."""
    digest = hashlib.sha256()
    own = {
        # LLaMA-Adapter puts itself around a layer's attention.
        name.replace("base_layer.", "").replace("self_attn.model.", "self_attn."): tensor
        for name, tensor in model.state_dict().items()
        if not any(part in name for part in ("lora_", "prompt_encoder", "adaption_"))
    }
    for name, tensor in sorted(own.items()):
        digest.update(name.encode() + tensor.cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def run_loop(playground: Playground, values: dict[str, Any], **training: Any) -> tuple[list[Event], dict[str, Any]]:
    config = playground.check({**values, "training": {**values["training"], **training}})
    base = load_base(config.base_model, METHODS[config.method.method].quantization)
    before = fingerprint(base.model)
    split = load_split(config.data, config.seed)
    items = encode(split.train, base.tokenizer, 256).items
    held_out = encode(split.held_out, base.tokenizer, 256).items
    model = attach_new(base, config, items)
    adapter = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
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
    moved = {name: not torch.equal(p, adapter[name]) for name, p in model.named_parameters() if name in adapter}
    trainable = {name for name, p in model.named_parameters() if p.requires_grad}
    detach(model)
    return events, {"before": before, "after": fingerprint(base.model), "moved": moved, "trainable": trainable}


def losses(events: list[Event]) -> list[float]:
    return [event.loss for event in events if isinstance(event, StepLogged)]


@pytest.mark.parametrize("method", METHODS)
def test_training_moves_the_adapter_and_nothing_else(
    playground: Playground, values: dict[str, Any], method: str
) -> None:
    values["method"] = {"method": method}
    events, weights = run_loop(playground, values)
    assert weights["before"] == weights["after"], "a weight of the base changed"
    assert set(weights["moved"]) == weights["trainable"]
    still = [name for name, moved in weights["moved"].items() if not moved]
    # AdaLoRA may take every rank from a layer: its singular values, which start at 0, then end at 0.
    assert all(method == "adalora" and "lora_E" in name for name in still), still
    assert len(still) < len(weights["moved"]) / 6
    assert [event.step for event in events if isinstance(event, StepLogged)] == [1, 2, 3, 4]
    assert [event.step for event in events if isinstance(event, EvalLogged)] == [0, 2, 4]


# CPT may move each token of its context by a tenth only, which helps no model of random weights.
@pytest.mark.parametrize("method", [name for name in METHODS if name != "cpt"])
def test_each_method_lowers_the_held_out_loss(playground: Playground, values: dict[str, Any], method: str) -> None:
    values["method"] = {"method": method}
    events, _ = run_loop(playground, values, max_steps=30, eval_every=30, batch_size=8)
    evaluations = [event.loss for event in events if isinstance(event, EvalLogged)]
    assert evaluations[-1] < evaluations[0]


def test_gradient_accumulation_gives_the_losses_of_one_large_batch(
    playground: Playground, values: dict[str, Any]
) -> None:
    whole, _ = run_loop(playground, values, batch_size=8, max_steps=6)
    parts, _ = run_loop(playground, values, batch_size=2, gradient_accumulation_steps=4, max_steps=6)
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-4)


def test_the_same_seed_gives_the_same_losses_and_another_seed_does_not(
    playground: Playground, values: dict[str, Any]
) -> None:
    first, _ = run_loop(playground, values)
    again, _ = run_loop(playground, values)
    other, _ = run_loop(playground, {**values, "seed": 7})
    assert losses(first) == losses(again)
    assert losses(first) != losses(other)


def test_adalora_really_moves_its_ranks_to_the_target(playground: Playground, values: dict[str, Any]) -> None:
    values["method"] = {"method": "adalora", "params": {"init_r": 8, "target_r": 2}}
    events, _ = run_loop(playground, values, max_steps=20)
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
    light, _ = run_loop(playground, {**values, "method": {"method": "adalora", "params": {"orth_reg_weight": 0.0}}})
    heavy, _ = run_loop(playground, {**values, "method": {"method": "adalora", "params": {"orth_reg_weight": 10.0}}})
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

"""The door to the passes."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model

from playground.train.passes import every
from playground.train.passes.every import every_pass
from tests.tiny import tiny_causal


def gradients(model: torch.nn.Module) -> list[torch.Tensor]:
    """As a step takes them: forward pass inside the block, backward pass after it."""
    model.zero_grad()
    with every_pass(model):
        loss = model(input_ids=torch.arange(3, 33).reshape(3, 10)).logits.logsumexp(-1).sum()
    loss.backward()
    return [parameter.grad for parameter in model.parameters() if parameter.grad is not None]


def test_a_model_that_computes_its_layers_again_is_left_to_its_library() -> None:
    torch.manual_seed(0)
    model = get_peft_model(tiny_causal(), LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)).train()
    expected = gradients(model)
    model.gradient_checkpointing_enable({"use_reentrant": False})
    model.enable_input_require_grads()
    found = gradients(model)
    with every_pass(model):
        assert not any("forward" in vars(part) for part in model.modules())
    for own, other in zip(found, expected, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-5)


def losses(model: torch.nn.Module) -> list[float]:
    """Of five steps of AdamW on one batch."""
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    ids = torch.arange(3, 33).reshape(3, 10)
    found = []
    for _ in range(5):
        with every_pass(model):
            logits = model(input_ids=ids).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        found.append(float(loss))
    return found


def test_in_float32_the_losses_of_a_run_are_those_that_the_libraries_give(monkeypatch: pytest.MonkeyPatch) -> None:
    def model() -> torch.nn.Module:
        torch.manual_seed(0)
        return get_peft_model(tiny_causal(), LoraConfig(r=4, target_modules="all-linear")).train()

    own = losses(model())
    monkeypatch.setattr(every, "PASSES", ())
    assert own == pytest.approx(losses(model()), rel=1e-6)
    assert own[-1] < 0.99 * own[0]  # they moved

"""Learning in bfloat16 on a processor: attention is computed in float32, and only then."""

from __future__ import annotations

import pytest
import torch

from playground.model.layers.attention import NAME, learn_in_float32
from tests.tiny import tiny_causal

IDS = torch.arange(3, 33).reshape(3, 10)


def gradient(model: torch.nn.Module) -> torch.Tensor:
    model.zero_grad()
    mask = torch.ones_like(IDS)
    mask[0, 7:] = 0
    model(input_ids=IDS, attention_mask=mask).logits.float().logsumexp(-1).sum().backward()
    return model.model.layers[0].self_attn.q_proj.weight.grad.float().clone()


def test_gradients_come_nearer_to_the_true_ones() -> None:
    model = tiny_causal()
    true = gradient(model)
    model.bfloat16()
    rounded = gradient(model)
    learn_in_float32(model)
    assert model.config._attn_implementation == NAME
    found = gradient(model)
    assert (found - true).norm() <= 1.05 * (rounded - true).norm()
    assert not torch.equal(found, rounded)


def test_what_the_model_says_does_not_change() -> None:
    model = tiny_causal().bfloat16().eval()
    with torch.no_grad():
        expected = model(input_ids=IDS).logits
        learn_in_float32(model)
        torch.testing.assert_close(model(input_ids=IDS).logits, expected, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_other_dtypes_stay_as_they_are(dtype: torch.dtype) -> None:
    model = tiny_causal().to(dtype)
    learn_in_float32(model)
    assert model.config._attn_implementation == "sdpa"


def test_a_layer_that_somebody_else_has_patched_is_left_alone() -> None:
    """Both layers patched, the gradients are those of a model that was never told to learn in float32."""
    model = tiny_causal().bfloat16()
    rounded = gradient(model)
    learn_in_float32(model)
    for layer in model.model.layers:
        layer.self_attn.forward = layer.self_attn.forward
    assert torch.equal(gradient(model), rounded)
    for layer in model.model.layers:
        del layer.self_attn.forward
    assert not torch.equal(gradient(model), rounded)

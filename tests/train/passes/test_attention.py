"""Attention as plain products against the library's, in value and in gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model

from playground.model.layers import attention as library
from playground.train.passes import attention
from playground.train.passes.attention import NAME, short_attention
from tests.tiny import tiny_causal

IDS = torch.arange(3, 33).reshape(3, 10)
Found = tuple[torch.Tensor, list[torch.Tensor]]


def tensors(dtype: torch.dtype) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
    """Six heads of queries for two of keys, after two keys that were there before; a mask; a gradient."""
    random = torch.Generator().manual_seed(0)
    query, key, value, gradient = (
        torch.randn(3, heads, tokens, 8, generator=random).to(dtype)
        for heads, tokens in ((6, 7), (2, 9), (2, 9), (6, 7))
    )
    mask = torch.ones(7, 9, dtype=torch.bool).tril(2).expand(3, 1, 7, 9).clone()
    mask[0, :, :, 5:] = False  # padding
    return [part.requires_grad_() for part in (query, key, value)], mask, gradient


def results(function: Any, parts: list[torch.Tensor], mask: torch.Tensor | None, gradient: torch.Tensor) -> Found:
    module = torch.nn.Module()
    module.num_key_value_groups = 3
    output, _ = function(module, *parts, mask, scaling=0.3)
    return output.detach(), list(torch.autograd.grad(output, parts, gradient.transpose(1, 2)))


@pytest.mark.parametrize("at_once", [1, 2**19], ids=["row by row", "whole"])
def test_values_and_gradients_are_those_of_the_library(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "SCORES_AT_ONCE", at_once)
    parts, mask, gradient = tensors(torch.float32)
    expected, of_library = results(library.attend, parts, mask, gradient)
    found, own = results(attention._attention, parts, mask, gradient)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(own, of_library)


def test_without_a_mask_no_token_sees_what_comes_after_it() -> None:
    parts, _, gradient = tensors(torch.float32)
    parts = [part[:, :, :7].detach().requires_grad_() for part in parts]
    expected, of_library = results(library.attend, parts, None, gradient)
    found, own = results(attention._attention, parts, None, gradient)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(own, of_library)


def test_in_bfloat16_it_is_as_near_to_the_truth_as_pytorchs_attention() -> None:
    parts, mask, gradient = tensors(torch.bfloat16)
    exact = [part.detach().double().requires_grad_() for part in parts]
    _, true = results(library.sdpa_attention_forward, exact, mask, gradient.double())
    _, of_library = results(library.sdpa_attention_forward, parts, mask, gradient)
    _, own = results(attention._attention, parts, mask, gradient)

    def error(found: list[torch.Tensor]) -> float:
        return float(sum((a - b).norm() / b.norm() for a, b in zip(found, true, strict=True)))

    assert error(own) < 1.1 * error(of_library), (error(own), error(of_library))


@pytest.mark.parametrize("unlike", ["long rows", "dropout", "position bias", "a forward of its own", "float mask"])
def test_what_it_does_not_know_is_left_to_the_library(unlike: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, mask, _ = tensors(torch.float32)
    module = torch.nn.Module()
    module.num_key_value_groups = 3
    options: dict[str, Any] = {}
    if unlike == "long rows":
        monkeypatch.setitem(attention.LONGEST, torch.float32, 8)
    elif unlike == "dropout":
        options = {"dropout": 0.5}
    elif unlike == "position bias":
        options = {"position_bias": torch.randn(1, 6, 7, 9)}
    elif unlike == "float mask":
        mask = torch.zeros(3, 1, 7, 9).masked_fill(~mask, -1e30)
    else:
        module.forward = lambda: None
    called: list[str] = []
    real = library.attend
    monkeypatch.setattr(library, "attend", lambda *args, **kwargs: (called.append("library"), real(*args, **kwargs))[1])
    attention._attention(module, *parts, mask, **options)
    assert called == ["library"]


def with_lora(dtype: torch.dtype) -> PeftModel:
    torch.manual_seed(0)
    model = tiny_causal().to(dtype)
    library.learn_in_float32(model)
    return get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))


def gradients(model: PeftModel) -> dict[str, torch.Tensor]:
    model.zero_grad()
    mask = torch.ones_like(IDS)
    mask[0, 7:] = 0
    model(input_ids=IDS, attention_mask=mask).logits.float().logsumexp(-1)[mask.bool()].sum().backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_a_model_learns_the_same_and_is_given_back_as_it_was() -> None:
    model = with_lora(torch.float32)
    expected = gradients(model)
    with short_attention(model):
        assert model.config._attn_implementation == NAME
        found = gradients(model)
    assert model.config._attn_implementation == "sdpa"
    assert found.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)


def test_what_a_model_says_does_not_change() -> None:
    model = with_lora(torch.bfloat16)
    with torch.no_grad():
        expected = model(input_ids=IDS).logits
        with short_attention(model):
            assert torch.equal(model(input_ids=IDS).logits, expected)


def test_another_attention_and_other_types_stay_as_they_are() -> None:
    eager = with_lora(torch.float32)
    eager.set_attn_implementation("eager")
    with short_attention(eager):
        assert eager.config._attn_implementation == "eager"
    parts, mask, gradient = tensors(torch.float16)
    expected, of_library = results(library.sdpa_attention_forward, parts, mask, gradient)
    found, own = results(attention._attention, parts, mask, gradient)
    assert all(torch.equal(a, b) for a, b in zip([found, *own], [expected, *of_library], strict=True))

"""LoRA's fused passes against PEFT's own layers, in value and in gradient."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer

from playground.model.load import load_base
from playground.train.passes.lora import fused_lora
from tests.tiny import tiny_causal

IDS = torch.arange(3, 33).reshape(3, 10)


def with_lora(dtype: torch.dtype = torch.float32, **settings: Any) -> PeftModel:
    torch.manual_seed(0)
    config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, **settings)
    return get_peft_model(tiny_causal().to(dtype), config)


def results(model: PeftModel) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    model.zero_grad()
    logits = model(input_ids=IDS).logits
    logits.float().logsumexp(-1).sum().backward()
    return logits.detach(), {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def fused_layers(model: PeftModel) -> list[str]:
    return [name for name, layer in model.named_modules() if isinstance(layer, LoraLayer) and "forward" in vars(layer)]


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"rank_pattern": {"q_proj": 2}}], ids=str)
def test_values_and_gradients_are_those_of_peft(settings: dict[str, Any]) -> None:
    """To rounding: as near to double precision as PEFT's."""
    model = with_lora(**settings)
    exact, true = results(copy.deepcopy(model).double())
    expected, gradients = results(model)
    with fused_lora(model):
        assert len(fused_layers(model)) == 14  # seven in each of two layers
        found, own = results(model)
    assert not fused_layers(model)
    assert (found - exact).norm() < 1.2 * (expected - exact).norm()
    assert own.keys() == gradients.keys()
    errors = {name: float((own[name] - gradient).norm() / gradient.norm()) for name, gradient in true.items()}
    assert max(errors.values()) < 2e-5
    of_peft = sum(float((gradients[name] - gradient).norm() / gradient.norm()) for name, gradient in true.items())
    assert sum(errors.values()) < 2 * of_peft


def test_in_bfloat16_the_gradients_are_as_near_the_true_ones_as_peft_has_them() -> None:
    _, true = results(with_lora())
    model = with_lora(torch.bfloat16)
    _, of_peft = results(model)
    with fused_lora(model):
        _, own = results(model)

    def error(gradients: dict[str, torch.Tensor]) -> float:
        return float(sum((gradients[name] - true[name]).norm() for name in true) / sum(g.norm() for g in true.values()))

    assert all(gradient.dtype == torch.float32 for gradient in own.values())
    assert error(own) < 1.2 * error(of_peft), (error(own), error(of_peft))


@pytest.mark.parametrize("base", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("adapter", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_an_adapter_of_any_type_keeps_it_and_learns_as_near_the_true_gradients_as_with_peft(
    base: torch.dtype, adapter: torch.dtype
) -> None:
    """Against double precision, on the numbers that are left of the weights in those types."""
    x, gradient = (torch.randn(5, 16, generator=torch.Generator().manual_seed(seed)).to(base) for seed in (1, 2))
    model = get_peft_model(
        torch.nn.Sequential(torch.nn.Linear(16, 16, bias=False)).to(base),
        LoraConfig(r=4, target_modules=["0"], init_lora_weights=False),
        autocast_adapter_dtype=False,
    )
    layer: Any = model.base_model.model[0]
    layer.lora_A.to(adapter)
    layer.lora_B.to(adapter)
    exact = copy.deepcopy(model).double()

    def gradients(of: Any, fused: bool) -> list[torch.Tensor]:
        of.zero_grad()
        dtype = of.base_model.model[0].base_layer.weight.dtype
        with fused_lora(of) if fused else nullcontext():
            of(x.to(dtype)).backward(gradient.to(dtype))
        return [p.grad for p in of.parameters() if p.grad is not None]

    true, of_peft, own = gradients(exact, False), gradients(model, False), gradients(model, True)
    assert [item.dtype for item in own] == [adapter, adapter]

    def error(found: list[torch.Tensor]) -> float:
        return float(sum((a.double() - b).norm() / b.norm() for a, b in zip(found, true, strict=True)))

    coarsest = max(torch.finfo(base).eps, torch.finfo(adapter).eps)
    assert error(own) < max(1.5 * error(of_peft), coarsest), (error(own), error(of_peft))


def test_a_layer_that_somebody_else_has_patched_is_left_alone() -> None:
    model = with_lora()
    layer = next(layer for layer in model.modules() if isinstance(layer, LoraLayer))
    plain, calls = layer.forward, []

    def patched(x: torch.Tensor) -> torch.Tensor:
        calls.append(x.shape)
        return plain(x)

    layer.forward = patched
    with fused_lora(model):
        assert layer.forward is patched
        model(input_ids=IDS)
    assert layer.forward is patched
    assert len(calls) == 1
    assert len(fused_layers(model)) == 1  # only theirs


@pytest.mark.parametrize(
    "settings", [{"lora_dropout": 0.1}, {"use_dora": True}, {"lora_bias": True}], ids=["dropout", "dora", "bias"]
)
def test_other_layers_stay_those_of_peft(settings: dict[str, Any]) -> None:
    model = with_lora(**settings)
    with fused_lora(model):
        assert not fused_layers(model)


@pytest.mark.parametrize("kind", ["nf4", "int8"])
def test_quantized_layers_too(kind: str, tiny_model: str) -> None:
    base = load_base(tiny_model, quantization=kind)
    torch.manual_seed(0)
    model = get_peft_model(base.model, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    expected, gradients = results(model)
    with fused_lora(model):
        assert fused_layers(model)
        found, own = results(model)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    for name, gradient in gradients.items():
        torch.testing.assert_close(own[name], gradient, rtol=1e-2, atol=1e-2 * float(gradient.abs().max()))


def test_a_disabled_adapter_leaves_the_base() -> None:
    model = with_lora()
    with torch.no_grad(), model.disable_adapter():
        expected = model(input_ids=IDS).logits
        with fused_lora(model):
            torch.testing.assert_close(model(input_ids=IDS).logits, expected, rtol=0, atol=0)


def test_layers_of_one_input_that_are_called_with_others_compute_for_themselves() -> None:
    """Also one after the other, and one of them twice."""
    model = with_lora()
    block: Any = model.base_model.model.model.layers[0].self_attn
    first, second = (torch.randn(2, 3, 64, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    calls = [("q_proj", first), ("k_proj", second), ("v_proj", first), ("k_proj", first), ("k_proj", first)]
    expected = [getattr(block, name)(x) for name, x in calls]
    with fused_lora(model):
        found = [getattr(block, name)(x) for name, x in calls]
    for own, of_peft in zip(found, expected, strict=True):
        torch.testing.assert_close(own, of_peft, rtol=1e-4, atol=1e-5)


def test_a_base_that_somebody_watches_is_called() -> None:
    model = with_lora()
    seen: list[str] = []
    for name, module in model.named_modules():
        if name.endswith("q_proj.base_layer"):
            module.register_forward_hook(lambda *_: seen.append("called"))
    expected, _ = results(model)
    with fused_lora(model):
        found, _ = results(model)
    assert seen == ["called"] * 4  # two layers, twice
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=2e-5)

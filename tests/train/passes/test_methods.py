"""The cheap forms of PEFT's methods against PEFT's own layers, in value and in gradient."""

from __future__ import annotations

import copy
from typing import Any

import peft
import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import nn

from playground.model.adapt import detach
from playground.model.load import load_base
from playground.service import Playground
from playground.train.events import StepLogged
from playground.train.passes.methods import cheap_methods as methods
from playground.train.passes.methods.cheap_methods import FORMS, cheap_methods
from playground.train.prepare import prepare

X = torch.randn(3, 7, 48, generator=torch.Generator().manual_seed(2))
LAYERS = 2


def with_method(config: str, dtype: torch.dtype = torch.float32, **settings: Any) -> PeftModel:
    """Two layers with biases, the base's own dropout between them, and an adapter that has already learned."""
    torch.manual_seed(0)
    base = nn.Sequential(nn.Linear(48, 40), nn.Dropout(0.3), nn.Linear(40, 56)).to(dtype)
    model = get_peft_model(base, getattr(peft, config)(**{"target_modules": ["0", "2"]} | settings))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.1 * torch.randn_like(parameter)
    return model.train()


def results(model: PeftModel) -> dict[str, torch.Tensor]:
    """Output and gradients of two calls, as the loop makes them, and the random number that comes after them."""
    model.zero_grad()
    torch.manual_seed(1)
    x = X.to(next(model.parameters()).dtype)
    output = model(x[:1, :4]).float().sum() + model(x).float()
    output.logsumexp(-1).sum().backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return gradients | {"output": output.detach(), "next random number": torch.rand(1)}


def taken_over(model: PeftModel) -> list[str]:
    return [name for name, layer in model.named_modules() if type(layer) in FORMS and "forward" in vars(layer)]


KNOWN: list[tuple[str, dict[str, Any]]] = [
    ("LoHaConfig", {"r": 2, "alpha": 8}),
    ("LoHaConfig", {"r": 16}),
    ("LoHaConfig", {"r": 2, "module_dropout": 0.5}),
    ("LoKrConfig", {"r": 2, "alpha": 8}),
    ("LoKrConfig", {"r": 64, "decompose_both": True}),
    ("LoKrConfig", {"r": 1, "decompose_both": True, "decompose_factor": 4, "module_dropout": 0.5}),
    ("HRAConfig", {"r": 4}),
    ("HRAConfig", {"r": 3}),
    ("FourierFTConfig", {"n_frequency": 300, "scaling": 100.0}),
    ("FourierFTConfig", {"n_frequency": 48 * 40, "scaling": 30.0}),
    ("RandLoraConfig", {"r": 8, "randlora_alpha": 1}),
    ("BOFTConfig", {"boft_block_size": 4}),
    ("BOFTConfig", {"boft_block_size": 0, "boft_block_num": 2}),
    ("WaveFTConfig", {"n_frequency": 300}),
    ("WaveFTConfig", {"n_frequency": 300, "wavelet_family": "db3"}),
    ("WaveFTConfig", {"n_frequency": 300, "use_idwt": False}),
    ("PeanutConfig", {"r": 4}),
    ("PeanutConfig", {"r": 4, "depth": 2, "scaling": 0.5}),
    ("HiraConfig", {"r": 4}),
    ("OSFConfig", {}),
    ("OSFConfig", {"effective_rank": 5}),
]


@pytest.mark.parametrize(("config", "settings"), KNOWN, ids=str)
def test_values_gradients_and_random_numbers_are_those_of_peft(config: str, settings: dict[str, Any]) -> None:
    model = with_method(config, **settings)
    expected = results(model)
    with cheap_methods(model):
        assert len(taken_over(model)) == LAYERS
        found = results(model)
    assert not taken_over(model)
    assert found.keys() == expected.keys()
    for name, of_peft in expected.items():
        # A hundred roundings of float32, beside the largest number.
        assert float(of_peft.abs().max()) > 0, name
        assert float((found[name] - of_peft).abs().max()) <= 6e-6 * float(of_peft.abs().max()), name


@pytest.mark.parametrize(("height", "width"), [(9, 15), (9, 16), (8, 15), (8, 16), (1, 2), (2, 1)])
def test_half_a_fourier_transform_gives_peft_s_change_of_any_shape(height: int, width: int) -> None:
    base = nn.Sequential(nn.Linear(width, height))
    config = peft.FourierFTConfig(target_modules=["0"], n_frequency=height * width, init_weights=False)
    layer: Any = get_peft_model(base, config).base_model.model[0]
    own = FORMS[type(layer)].build(layer, "default", torch.float32)
    torch.testing.assert_close(own, layer.get_delta_weight("default"))


@pytest.mark.parametrize(("config", "settings"), KNOWN, ids=str)
def test_in_bfloat16_the_gradients_are_as_near_the_true_ones_as_peft_has_them(
    config: str, settings: dict[str, Any]
) -> None:
    model = with_method(config, torch.bfloat16, **settings)
    true = results(copy.deepcopy(model).float())
    of_peft = results(model)
    with cheap_methods(model):
        own = results(model)

    def error(found: dict[str, torch.Tensor]) -> float:
        return sum(float((found[name] - true[name]).norm() / true[name].norm()) for name in true) / len(true)

    assert all(own[name].dtype == of_peft[name].dtype for name in of_peft)
    # PEFT computes some of these in float32 beside a bfloat16 base; here they round as the base does.
    assert error(own) < 2.5 * error(of_peft), (error(own), error(of_peft))


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        ("LoHaConfig", {"rank_dropout": 0.1}),
        ("LoKrConfig", {"rank_dropout": 0.1}),
        ("HRAConfig", {"apply_GS": True}),
        ("RandLoraConfig", {"randlora_dropout": 0.1}),
        ("BOFTConfig", {"boft_dropout": 0.1}),
        ("HiraConfig", {"hira_dropout": 0.1}),
        ("VeraConfig", {}),
    ],
    ids=str,
)
def test_other_layers_stay_those_of_peft(config: str, settings: dict[str, Any]) -> None:
    model = with_method(config, **settings)
    with cheap_methods(model):
        assert not any("forward" in vars(layer) for layer in model.modules())


def test_with_two_active_adapters_a_layer_stays_peft_s() -> None:
    model = with_method("LoHaConfig")
    model.add_adapter("second", peft.LoHaConfig(target_modules=["0"]))
    model.base_model.set_adapter(["default", "second"])
    with cheap_methods(model):
        assert len(taken_over(model)) == 0


def test_a_layer_that_somebody_else_has_patched_is_left_alone() -> None:
    model = with_method("LoKrConfig")
    layer: Any = model.base_model.model[0]
    theirs = layer.forward = layer.forward
    with cheap_methods(model):
        assert layer.forward is theirs
        assert len(taken_over(model)) == LAYERS
    assert layer.forward is theirs
    assert len(taken_over(model)) == 1


@pytest.mark.parametrize("config", ["LoHaConfig", "HRAConfig", "BOFTConfig"])
def test_a_disabled_adapter_leaves_the_base(config: str) -> None:
    model = with_method(config).eval()
    with torch.no_grad(), model.disable_adapter():
        expected = model(X)
        with cheap_methods(model):
            torch.testing.assert_close(model(X), expected, rtol=0, atol=0)


def test_a_quantized_base_stays_with_peft(tiny_model: str) -> None:
    base = load_base(tiny_model, quantization="int8")
    model = get_peft_model(base.model, peft.RandLoraConfig(r=8, target_modules=["q_proj"]))
    with cheap_methods(model):
        assert not any("forward" in vars(layer) for layer in model.modules() if hasattr(layer, "base_layer"))


@pytest.mark.parametrize(
    "method", ["boft", "fourierft", "hira", "hra", "loha", "lokr", "osf", "peanut", "randlora", "waveft"]
)
def test_a_run_in_float32_has_the_losses_that_it_had_with_peft_s_own(
    playground: Playground, values: dict[str, Any], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = playground.check({**values, "method": {"method": method}, "training": {"max_steps": 3, "batch_size": 4}})

    def losses() -> list[float]:
        prepared = prepare(config)
        assert prepared.base.dtype == torch.float32
        found = [event.loss for event in prepared.train() if isinstance(event, StepLogged)]
        detach(prepared.model)
        return found

    own = losses()
    monkeypatch.setattr(methods, "FORMS", {})
    assert own == pytest.approx(losses(), rel=1e-6)

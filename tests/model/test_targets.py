"""The words for target modules, against the models' own parameters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from playground.capabilities.tiny_families import FAMILIES
from playground.model.targets import linear_modules, module_names


def tiny(family: str) -> torch.nn.Module:
    model_class, config_class, values = FAMILIES[family]
    model: torch.nn.Module = model_class(config_class(**values))
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_owns_every_parameter(family: str) -> None:
    model = tiny(family)
    names = module_names("everything", model) or []
    owned = {id(p) for name in names for p in model.get_submodule(name).parameters(recurse=False)}
    assert owned == {id(parameter) for parameter in model.parameters()}


@pytest.mark.parametrize("family", FAMILIES)
def test_norms_hold_the_parameters_that_are_named_so(family: str) -> None:
    model = tiny(family)
    owned = {f"{name}.{own}" for name in module_names("norms", model) or []
             for own, _ in model.get_submodule(name).named_parameters(recurse=False)}  # fmt: skip
    named = {name for name, _ in model.named_parameters() if "norm" in name.lower() or ".ln_" in name}
    assert owned == named
    assert owned


WANTED: dict[str, Callable[[str], bool]] = {
    "llama": lambda name: name.endswith(("k_proj", "v_proj", "down_proj")),
    "gpt2": lambda name: name.endswith(("c_attn", "mlp.c_proj")),
    "m2m_100": lambda name: name.endswith(("k_proj", "v_proj", "fc2")),
    "t5": lambda name: name.endswith((".k", ".v", "wo")),
    "bloom": lambda name: name.endswith(("query_key_value", "dense_4h_to_h")),
}


@pytest.mark.parametrize("family", WANTED)
def test_ia3_scales_keys_values_and_hidden_units(family: str) -> None:
    model = tiny(family)
    every = [name for name, _ in model.named_modules() if name]
    assert set(module_names("ia3", model) or []) == {name for name in every if WANTED[family](name)}


def test_other_names_are_no_words() -> None:
    model = tiny("llama")
    assert module_names("q_proj", model) is None
    assert linear_modules(model) == sorted(
        ["down_proj", "gate_proj", "k_proj", "lm_head", "o_proj", "q_proj", "up_proj", "v_proj"]
    )

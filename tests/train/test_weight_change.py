"""What an adapter changes in its base, against the weights of a copy that PEFT itself has merged."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model

from playground.capabilities.tiny_families import load_tiny, save_tiny
from playground.catalog.capabilities import capability
from playground.catalog.methods import METHODS
from playground.config import DataConfig, MethodConfig, RunConfig, TrainingConfig
from playground.data.encode import Encoded
from playground.model.adapt import attach_new
from playground.train.weight_change import AdaptedLayer, adapted_layers

EXAMPLES = [Encoded([3 + (7 * row + 5 * place) % 300 for place in range(12 + row)], 4) for row in range(4)]
FOUND = {name: capability(name, "llama") for name in METHODS}
MERGED = [name for name, found in FOUND.items() if found and found.trains and "merge" not in found.failures]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    for family in ("llama", "gpt2"):
        save_tiny(family, path / family)
    return path


def adapted(folder: Path, method: str, family: str = "llama", dtype: str = "fp32", **params: Any) -> PeftModel:
    """A fresh adapter whose numbers were shaken, so that it changes something."""
    config = RunConfig(
        data=DataConfig(dataset="none"),
        method=MethodConfig(method=method, params=METHODS[method].defaults("causal_lm") | params),
        training=TrainingConfig(max_steps=10, learning_rate=1e-3),
    )
    return shaken(attach_new(load_tiny(family, folder / family, dtype), config, EXAMPLES))


def shaken(model: PeftModel) -> PeftModel:
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.05 * torch.randn(parameter.shape)
    return model.eval()


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items() if isinstance(tensor, torch.Tensor)}


def told(model: PeftModel) -> dict[str, torch.Tensor]:
    layers = adapted_layers(model)
    return {f"{layer.name}.{part}": change for layer in layers for part, change in layer.changes().items()}


def assert_as_merged(model: PeftModel, base: dict[str, torch.Tensor]) -> None:
    """All that differs between base and merged model is told, and nothing else."""
    merged = weights(copy.deepcopy(model).merge_and_unload())
    expected = {name: merged[name] - base[name] for name in base if not merged[name].equal(base[name])}
    changes = told(model)
    shared = {"lm_head.weight", "model.embed_tokens.weight"}  # one tensor, which is told of once
    assert expected.keys() - shared == changes.keys() - shared
    for name, change in changes.items():
        torch.testing.assert_close(change, expected[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", MERGED)
def test_every_method_that_can_be_merged_tells_what_merging_would_change(folder: Path, method: str) -> None:
    base = weights(load_tiny("llama", folder / "llama", "fp32").model)
    model = adapted(folder, method)
    before = weights(model)
    changes = told(model)
    assert changes
    after = weights(model)
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before)  # the base among them, to the last bit
    assert_as_merged(model, base)
    for layer in adapted_layers(model):
        by_hand = sum(float(change.square().sum()) for change in layer.changes().values()) ** 0.5
        assert layer.norms()[0] == pytest.approx(by_hand, rel=1e-3)


def test_a_layer_that_keeps_its_weight_turned_round_is_changed_in_that_shape(folder: Path) -> None:
    base = weights(load_tiny("gpt2", folder / "gpt2", "fp32").model)
    assert_as_merged(adapted(folder, "lora", "gpt2"), base)


def test_an_embedding_and_the_head_that_is_tied_to_it_are_told_apart(folder: Path) -> None:
    plain = load_tiny("llama", folder / "llama", "fp32").model
    model = shaken(get_peft_model(plain, LoraConfig(r=2, target_modules=["embed_tokens", "lm_head", "q_proj"])))
    layers = {layer.name: layer for layer in adapted_layers(model)}
    assert list(layers)[0] == "model.embed_tokens"
    assert list(layers)[-1] == "lm_head"
    for name in ("model.embed_tokens", "lm_head", "model.layers.1.self_attn.q_proj"):
        tuner = model.get_submodule(f"base_model.model.{name}")
        torch.testing.assert_close(layers[name].changes()["weight"], tuner.get_delta_weight("default"))
    q_proj = layers["model.layers.1.self_attn.q_proj"]
    assert (q_proj.layer, q_proj.module, q_proj.rank) == ("1", "self_attn.q_proj", 2)
    assert (layers["lm_head"].layer, layers["lm_head"].module) == ("", "lm_head")


def test_of_several_adapters_the_one_that_is_named_is_told(folder: Path) -> None:
    model = adapted(folder, "lora")
    first = told(model)
    model.add_adapter("other", LoraConfig(r=3, target_modules=["k_proj"]))
    assert told(model).keys() == first.keys()
    others = adapted_layers(model, "other")
    assert {layer.module for layer in others} == {"self_attn.k_proj"}
    assert {layer.rank for layer in others} == {3}
    assert adapted_layers(model, "none of these") == []


def test_on_a_quantized_base_dora_is_told_against_the_weight_that_the_model_computes_with(folder: Path) -> None:
    model = adapted(folder, "qlora", dtype="nf4", use_dora=True)
    before = weights(model)
    for layer in adapted_layers(model)[:2]:
        change, (found, own) = layer.changes()["weight"], layer.norms()
        tuner = layer.tuner
        inputs = torch.randn(3, tuner.in_features)
        difference = tuner(inputs) - tuner.base_layer(inputs)
        torch.testing.assert_close(inputs @ change.T, difference, rtol=1e-3, atol=1e-3)
        assert 0 < found < own
    after = weights(model)
    assert all(before[name].equal(after[name]) for name in before)


def test_adalora_counts_the_ranks_that_are_still_in_use(folder: Path) -> None:
    model = adapted(folder, "adalora")
    layer: AdaptedLayer = adapted_layers(model)[0]
    rank = layer.rank
    assert rank is not None
    with torch.no_grad():
        layer.tuner.lora_E["default"][0] = 0
    assert layer.rank == rank - 1
    torch.testing.assert_close(layer.changes()["weight"], layer.tuner.get_delta_weight("default"))


def test_virtual_tokens_change_no_weight(folder: Path) -> None:
    assert adapted_layers(adapted(folder, "prompt_tuning")) == []

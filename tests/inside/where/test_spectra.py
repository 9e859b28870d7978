"""Spectra and their control, against singular values of the multiplied matrix."""

from __future__ import annotations

import math

import pytest
import torch
from peft import LoraConfig, get_peft_model

from playground.inside.control import random_change, random_factors
from playground.inside.where.spectra import effective_rank, spectrum
from playground.train.weight_change import AdaptedLayer, adapted_layers
from tests.tiny import tiny_causal


@pytest.fixture(scope="module")
def layers() -> list[AdaptedLayer]:
    torch.manual_seed(0)
    config = LoraConfig(r=6, lora_alpha=9, target_modules=["q_proj", "k_proj", "embed_tokens"], init_lora_weights=False)
    return adapted_layers(get_peft_model(tiny_causal(), config))


def test_the_spectrum_of_thin_factors_is_that_of_the_matrix(layers: list[AdaptedLayer]) -> None:
    for layer in layers:
        expected = torch.linalg.svdvals(layer.changes()["weight"])
        found = torch.tensor(spectrum(layer))
        assert len(found) == 6
        assert float((found - expected[:6]).abs().max()) <= 1e-4 * float(expected[0])


def test_the_effective_rank_counts_equal_directions_and_little_of_weak_ones() -> None:
    assert effective_rank([3.0, 3.0, 3.0, 3.0]) == pytest.approx(4)
    assert effective_rank([5.0, 0.0]) == pytest.approx(1)
    assert effective_rank([3.0, 1.0]) == pytest.approx(math.exp(-0.75 * math.log(0.75) - 0.25 * math.log(0.25)))
    assert effective_rank([]) == 0


def test_the_control_is_as_large_and_of_the_same_rank_and_the_same_each_time(layers: list[AdaptedLayer]) -> None:
    for layer in layers:
        change, control = layer.changes()["weight"], random_change(layer)["weight"]
        assert control.shape == change.shape
        assert float(torch.linalg.matrix_norm(control)) == pytest.approx(float(torch.linalg.matrix_norm(change)))
        assert int(torch.linalg.matrix_rank(control)) == 6
        assert control.equal(random_change(layer)["weight"])
        assert not control.equal(random_change(layer, seed=1)["weight"])
    first, second = (random_factors(layer) for layer in layers if layer.module == "self_attn.q_proj")
    assert first
    assert second
    assert not first[0].equal(second[0])  # layers do not share their chance

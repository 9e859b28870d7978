"""Bytes and errors of weights, against counts by hand, torch's own rounding and bitsandbytes called directly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit, int8_vectorwise_quant, quantize_4bit
from safetensors.torch import load_file
from transformers import GPT2Config, GPT2LMHeadModel

from playground.model.load import load_base
from playground.precision.weight_error import (
    BINS,
    LARGEST_ERROR,
    FileWeights,
    WeightErrors,
    bin_centres,
    weight_bytes,
    weight_errors,
)
from playground.train.weight_change import layer_of
from tests.tiny import VOCABULARY, save_tiny, save_tiny_translator, tiny_tokenizer

# out, in of each layer's matrices: q, k, v, o, gate, up, down
SHAPES = ((64, 64), (32, 64), (32, 64), (64, 64), (128, 64), (128, 64), (64, 128))
LAYERS = 2
OTHERS = VOCABULARY * 64 + (2 * LAYERS + 1) * 64  # the embeddings, which are the head too, and the norms


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("model"))


def load(folder: Path, quantization: str | None = None, **options: Any) -> Any:
    return load_base(str(folder), quantization, **{"dtype": "float32", **options}).model


def errors_of(folder: Path, quantization: str | None = None, **options: Any) -> WeightErrors:
    return weight_errors(load(folder, quantization, **options), FileWeights(folder))


# --- bytes ----------------------------------------------------------------------------------------


def test_bytes_of_plain_weights_are_those_of_each_number_once(folder: Path) -> None:
    numbers = OTHERS + LAYERS * sum(rows * columns for rows, columns in SHAPES)
    assert weight_bytes(load(folder)) == 4 * numbers
    assert weight_bytes(load(folder, dtype="bfloat16")) == 2 * numbers


def test_bytes_of_int8_are_a_byte_a_weight_and_a_scale_a_row(folder: Path) -> None:
    matrices = LAYERS * sum(rows * columns + 4 * rows for rows, columns in SHAPES)
    assert weight_bytes(load(folder, "int8")) == 4 * OTHERS + matrices


def test_bytes_of_nf4_count_scales_codes_and_what_double_quantization_adds(folder: Path) -> None:
    half_bytes = LAYERS * sum(rows * columns // 2 for rows, columns in SHAPES)
    scales = LAYERS * sum(rows * columns // 64 for rows, columns in SHAPES)
    code = 16 * 4  # the sixteen values of NF4, with every matrix
    matrices = LAYERS * len(SHAPES)
    plain = 4 * OTHERS + half_bytes + 4 * scales + matrices * code
    assert weight_bytes(load(folder, "nf4", double_quant=False)) == plain
    # Scales in a byte; with every matrix a float32 for each 256 of them (here one), an offset and a table of 256.
    double = 4 * OTHERS + half_bytes + scales + matrices * (code + 4 + 4 + 256 * 4)
    assert weight_bytes(load(folder, "nf4", double_quant=True)) == double


# --- errors ---------------------------------------------------------------------------------------


def test_fp32_has_no_error_at_all_and_all_weights_are_in_the_middle_bin(folder: Path) -> None:
    found = errors_of(folder)
    assert {module.relative for module in found.modules} == {0.0}
    assert {layer.relative for layer in found.layers} == {0.0}
    assert found.not_compared == 0
    per_layer = sum(rows * columns for rows, columns in SHAPES)
    for layer, weights in zip(found.layers, (VOCABULARY * 64, per_layer, per_layer), strict=True):
        assert layer.counts[BINS // 2] == sum(layer.counts) == weights
    assert [layer.layer for layer in found.layers] == ["", "0", "1"]


def relative(found: torch.Tensor, original: torch.Tensor) -> float:
    return float((found.double() - original.double()).norm() / original.double().norm())


def test_the_error_of_bf16_is_that_of_torchs_rounding(folder: Path) -> None:
    original = load_file(folder / "model.safetensors")
    found = errors_of(folder, dtype="bfloat16").modules
    assert len(found) == 1 + LAYERS * len(SHAPES)
    for module in found:
        weight = original[f"{module.name}.weight"]
        assert module.relative == pytest.approx(relative(weight.bfloat16(), weight), rel=1e-5)
        assert 0 < module.relative < 2**-8


@pytest.mark.parametrize("double_quant", [False, True])
def test_the_error_of_nf4_is_that_of_bitsandbytes_called_directly(folder: Path, double_quant: bool) -> None:
    original = load_file(folder / "model.safetensors")
    found = errors_of(folder, "nf4", double_quant=double_quant)
    assert found.not_compared == 0
    for module in found.modules:
        weight = original[f"{module.name}.weight"]
        if module.name == "model.embed_tokens":
            assert module.relative == 0.0
            continue
        packed, state = quantize_4bit(weight, quant_type="nf4", compress_statistics=double_quant)
        assert module.relative == pytest.approx(relative(dequantize_4bit(packed, state), weight), rel=1e-5)
        assert 0.05 < module.relative < 0.12


def test_the_error_of_int8_is_that_of_a_scale_a_row(folder: Path) -> None:
    original = load_file(folder / "model.safetensors")
    for module in errors_of(folder, "int8").modules:
        weight = original[f"{module.name}.weight"]
        if module.name == "model.embed_tokens":
            continue
        rows, scales, _ = int8_vectorwise_quant(weight.half())
        assert module.relative == pytest.approx(relative(rows.float() * scales[:, None] / 127, weight), rel=1e-3)
        assert module.relative < 0.02


def test_a_layer_sums_up_its_matrices_and_its_histogram_counts_every_weight(folder: Path) -> None:
    original = load_file(folder / "model.safetensors")
    found = errors_of(folder, "nf4")
    layer = next(layer for layer in found.layers if layer.layer == "1")
    names = [module.name for module in found.modules if module.layer == "1"]
    squares = [float(original[f"{name}.weight"].double().square().sum()) for name in names]
    parts = [module.relative**2 * square for module, square in zip(
        (module for module in found.modules if module.layer == "1"), squares, strict=True)]  # fmt: skip
    assert layer.relative == pytest.approx((sum(parts) / sum(squares)) ** 0.5, rel=1e-5)
    assert sum(layer.counts) == sum(original[f"{name}.weight"].numel() for name in names)
    # The spread that the bins show is the layer's relative error, as far as their width allows.
    spread = sum(count * centre**2 for count, centre in zip(layer.counts, bin_centres(), strict=True))
    assert (spread / sum(layer.counts)) ** 0.5 == pytest.approx(layer.relative, abs=LARGEST_ERROR / BINS)


def test_a_translators_two_sides_are_told_apart(tmp_path: Path) -> None:
    path = save_tiny_translator(tmp_path, "m2m100", d_model=64, encoder_ffn_dim=128)
    found = errors_of(path, "nf4")
    assert {layer.layer for layer in found.layers} == {"", "encoder 0", "encoder 1", "decoder 0", "decoder 1"}
    assert found.not_compared == 0


def test_gpt2_whose_matrices_lie_transposed_is_compared_the_right_way_round(tmp_path: Path) -> None:
    """Its attention's output matrix is square: only the layer's kind tells that it was turned."""
    config = GPT2Config(vocab_size=VOCABULARY, n_embd=64, n_layer=1, n_head=4, n_positions=128, initializer_range=0.3)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    found = {module.name: module.relative for module in errors_of(tmp_path, "nf4", double_quant=False).modules}
    assert 0.05 < found["transformer.h.0.attn.c_proj"] < 0.12
    assert 0.05 < found["transformer.h.0.mlp.c_fc"] < 0.12


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("model.layers.11.mlp.up_proj", "11"),
        ("model.decoder.layers.0.fc1", "decoder 0"),
        ("transformer.h.3.attn.c_attn", "3"),
        ("encoder.block.2.layer.0.SelfAttention.q", "encoder 2"),
        ("model.embed_tokens", ""),
        ("lm_head", ""),
    ],
)
def test_the_layer_of_a_module_is_read_from_its_name(name: str, layer: str) -> None:
    assert layer_of(name) == layer

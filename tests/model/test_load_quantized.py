"""A base whose weights are quantized: what is squeezed, and that gradients go through it as through any other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from peft import LoraConfig, get_peft_model

from playground.model.load import BaseModel, load_base
from tests.tiny import save_tiny, save_tiny_translator

TOKENS = torch.tensor([[5, 6, 7, 8, 9, 10]])


@pytest.fixture(scope="module", params=["causal", "m2m100"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Wide enough for every kernel of bitsandbytes."""
    path = tmp_path_factory.mktemp(request.param)
    if request.param == "causal":
        return str(save_tiny(path))
    return str(save_tiny_translator(path, "m2m100", d_model=64, encoder_ffn_dim=128, init_std=0.1))


def gradients(base: BaseModel, *, after_evaluation: bool) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    model = get_peft_model(base.model, LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    if after_evaluation:
        model.eval()
        with torch.no_grad(), model.disable_adapter():
            model(input_ids=TOKENS, labels=TOKENS)
    torch.manual_seed(1)
    model.train()
    model.get_base_model().config.dropout = 0.0
    model(input_ids=TOKENS, labels=TOKENS).loss.backward()
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("quantization", ["nf4", "int8"])
def test_an_evaluation_changes_no_gradient_of_the_training_after_it(folder: str, quantization: str) -> None:
    fresh = gradients(load_base(folder, quantization, dtype="float32"), after_evaluation=False)
    later = gradients(load_base(folder, quantization, dtype="float32"), after_evaluation=True)
    assert fresh.keys() == later.keys()
    assert len(fresh) >= 2 * 7
    for name, gradient in fresh.items():
        torch.testing.assert_close(later[name], gradient, msg=lambda text, name=name: f"{name}: {text}")


def test_gradients_through_nf4_are_those_through_the_same_weights_in_fp32(folder: str) -> None:
    squeezed = load_base(folder, "nf4", dtype="float32")
    plain = load_base(folder, dtype="float32")
    matrices = dict(plain.model.named_modules())
    for name, module in squeezed.model.named_modules():
        if type(module).__name__ == "Linear4bit":
            matrices[name].weight.data = dequantize_4bit(module.weight.data, module.weight.quant_state)
    expected, found = (gradients(base, after_evaluation=True) for base in (plain, squeezed))
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_dtype_that_is_asked_for_is_that_of_every_weight_which_is_not_quantized(folder: str, dtype: str) -> None:
    for quantization in (None, "nf4", "int8"):
        base = load_base(folder, quantization, dtype=dtype)
        found = {parameter.dtype for parameter in base.model.parameters()} - {torch.uint8, torch.int8}
        assert found == {getattr(torch, dtype)}
        assert (base.dtype, base.dtype_reason, base.quantization) == (getattr(torch, dtype), "asked", quantization)
        assert not any(parameter.requires_grad for parameter in base.model.parameters())


def test_int8_holds_a_byte_a_weight_and_keeps_the_function_close(folder: str) -> None:
    plain, squeezed = load_base(folder, dtype="float32").model, load_base(folder, "int8", dtype="float32").model
    kinds = {type(module).__name__ for module in squeezed.modules()}
    assert "Linear8bitLt" in kinds
    with torch.no_grad():
        logits = [model(input_ids=TOKENS, labels=TOKENS).logits for model in (plain, squeezed)]
    assert float((logits[0] - logits[1]).norm() / logits[0].norm()) < 0.05


def test_files_in_a_folder_that_is_no_model_are_not_loaded(tmp_path: Path) -> None:
    from playground.errors import ModelError

    with pytest.raises(ModelError, match="There is no model"):
        load_base(str(tmp_path), "int8")

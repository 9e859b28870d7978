"""LoRA's starts: the same training as PEFT's own, without touching the base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from peft import LoraConfig, PeftModel, get_peft_model
from torch.nn.functional import cross_entropy

from playground.config import RunConfig
from playground.data.encode import Encoded
from playground.errors import ModelError
from playground.model.adapt import attach_new
from playground.model.load import BaseModel, load_base
from playground.model.lora_start import TAKEN_FROM_BASE
from playground.service import Playground
from tests.tiny import tiny_causal

TOKENS = torch.tensor([[5, 9, 13, 40, 77, 3, 8]])
RANK, ALPHA, RATE = 4, 8, 1e-2


def settings(values: dict[str, Any], method: str, **params: Any) -> RunConfig:
    chosen = {"method": method, "params": {"r": RANK, "lora_alpha": ALPHA, **params}}
    return Playground(Path("unused")).check(values | {"method": chosen})


def two_steps(model: Any) -> torch.Tensor:
    """Plain gradient descent, which (unlike Adam) does not care how the update is split into factors."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=RATE)
    for _ in range(2):
        logits = model(TOKENS).logits
        cross_entropy(logits[0, :-1], TOKENS[0, 1:]).backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        logits: torch.Tensor = model(TOKENS).logits
    return logits


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize("start", TAKEN_FROM_BASE)
def test_it_trains_as_pefts_own_start_does_and_leaves_the_base_alone(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, start: str, rslora: bool
) -> None:
    # The fast decomposition draws random numbers, and random weights have no leading directions that it could find.
    monkeypatch.setitem(TAKEN_FROM_BASE, "pissa", "pissa")
    base = load_base(values["base_model"])
    with torch.no_grad():
        plain = base.model(TOKENS).logits
    model = attach_new(base, settings(values, "lora", init_lora_weights=start, use_rslora=rslora), [])
    with torch.no_grad():
        torch.testing.assert_close(model(TOKENS).logits, plain, atol=1e-4, rtol=1e-4)
    found = two_steps(model)
    with model.disable_adapter(), torch.no_grad():
        torch.testing.assert_close(model(TOKENS).logits, plain, atol=0, rtol=0)

    torch.manual_seed(settings(values, "lora").seed)
    config = LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules="all-linear", use_rslora=rslora, task_type="CAUSAL_LM",
        init_lora_weights=start,  # type: ignore[arg-type]
    )  # fmt: skip
    expected = two_steps(get_peft_model(tiny_causal(), config))
    assert float((expected - plain).abs().max()) > 0.01
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("start", TAKEN_FROM_BASE)
def test_the_saved_adapter_is_plain_lora(values: dict[str, Any], tmp_path: Path, start: str) -> None:
    model = attach_new(load_base(values["base_model"]), settings(values, "lora", init_lora_weights=start), [])
    trained = two_steps(model)
    model.save_pretrained(str(tmp_path), save_embedding_layers=False)
    loaded = PeftModel.from_pretrained(tiny_causal(), str(tmp_path))
    with torch.no_grad():
        torch.testing.assert_close(loaded(TOKENS).logits, trained, atol=1e-4, rtol=1e-4)


def test_loftq_wins_back_the_best_of_what_quantization_lost(values: dict[str, Any]) -> None:
    base: BaseModel = load_base(values["base_model"], "nf4")
    model = attach_new(base, settings(values, "qlora", init_lora_weights="loftq"), [])
    original = tiny_causal().model.layers[0].mlp.up_proj.weight
    layer: Any = model.get_base_model().get_submodule("model.layers.0.mlp.up_proj")
    weight = layer.get_base_layer().weight
    lost = original - dequantize_4bit(weight, weight.quant_state)
    update = layer.scaling["default"] * layer.lora_B["default"].weight @ layer.lora_A["default"].weight
    # Eckart and Young 1936: no matrix of this rank comes nearer than the singular values that are left.
    best = torch.linalg.svdvals(lost)[RANK:].square().sum().sqrt()
    assert float((lost - update).norm()) == pytest.approx(float(best), rel=0.03)


def test_eva_begins_with_the_directions_in_which_the_examples_vary_most(values: dict[str, Any]) -> None:
    base = load_base(values["base_model"])
    examples = [Encoded([5 + (3 * row + 7 * place) % 300 for place in range(12)], 4) for row in range(16)]
    seen: list[torch.Tensor] = []
    layer = base.model.model.layers[0].self_attn.q_proj
    hook = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].flatten(0, 1)))
    with torch.no_grad():
        base.model(torch.tensor([item.input_ids for item in examples]))
    hook.remove()
    model = attach_new(base, settings(values, "lora", init_lora_weights="eva"), examples)
    found = model.get_base_model().get_submodule("model.layers.0.self_attn.q_proj").lora_A["default"].weight
    directions = torch.linalg.svd(seen[0] - seen[0].mean(0), full_matrices=False).Vh[: len(found)]
    # Cosines of the angles between both spans: 1 where they are the same.
    cosines = torch.linalg.svdvals(torch.nn.functional.normalize(found) @ directions.T)
    assert float(cosines.min()) > 0.95
    with torch.no_grad():
        plain = tiny_causal()(TOKENS).logits
        torch.testing.assert_close(model(TOKENS).logits, plain, atol=1e-4, rtol=1e-4)


def test_weight_decay_would_eat_the_part_of_the_base_in_the_adapter(values: dict[str, Any]) -> None:
    training = values["training"] | {"weight_decay": 0.1}
    with pytest.raises(Exception, match="must be 0"):
        settings(values | {"training": training}, "lora", init_lora_weights="pissa")


def test_a_refusal_names_the_modules_of_the_base_and_none_of_pefts(values: dict[str, Any]) -> None:
    base = load_base(values["base_model"])
    with pytest.raises(ModelError) as refused:
        attach_new(base, settings(values, "lora", target_modules=["no_such_module"]), [])
    assert "q_proj" in refused.value.to("en")
    assert "base_layer" not in refused.value.to("en")

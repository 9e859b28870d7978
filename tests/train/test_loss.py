"""The fast loss equals the model's own, for every architecture, in value and in gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import AdaLoraConfig, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    OPTConfig,
    OPTForCausalLM,
)

from playground.data.batches import Batch, collate
from playground.data.encode import Encoded
from playground.train.loss import (
    SHORTEST_SHARED_PREFIX,
    _may_share,
    head_sees_only,
    label_losses,
    orthogonality_penalty,
    training_losses,
)
from tests.tiny import VOCABULARY, tiny_causal

SIZE = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
FAMILIES = {
    "llama": tiny_causal,
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=128, **SIZE)),
    "opt": lambda: OPTForCausalLM(
        OPTConfig(
            hidden_size=32,
            word_embed_proj_dim=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            ffn_dim=64,
            max_position_embeddings=128,
            **SIZE,
        )
    ),
    "bloom": lambda: BloomForCausalLM(BloomConfig(hidden_size=32, n_layer=2, n_head=4, **SIZE)),
}


def examples(shared: int, count: int = 5) -> list[Encoded]:
    generator = torch.Generator().manual_seed(3)
    prefix = torch.randint(3, VOCABULARY, (shared,), generator=generator).tolist()
    items = []
    for row in range(count):
        own = torch.randint(3, VOCABULARY, (4 + 3 * row,), generator=generator).tolist()
        answer = torch.randint(3, VOCABULARY, (2 + row,), generator=generator).tolist()
        items.append(Encoded(prefix + [3 + row, *own] + answer, shared + 1 + len(own)))
    return items


def plain_loss(model: Any, batch: Batch) -> torch.Tensor:
    return model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("shared", [0, SHORTEST_SHARED_PREFIX, 40])
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_equal_those_of_the_model_itself(family: str, shared: int) -> None:
    torch.manual_seed(0)
    model = get_peft_model(FAMILIES[family](), LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    model.eval()
    batch = collate(examples(shared), pad_token_id=0)
    assert batch.shared == shared
    expected, found = plain_loss(model, batch), label_losses(model, batch) / batch.label_count
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    for name, gradient in gradients(model, plain_loss(model, batch)).items():
        own = gradients(model, label_losses(model, batch) / batch.label_count)[name]
        torch.testing.assert_close(own, gradient, rtol=1e-3, atol=1e-5)
        trained_on = gradients(model, training_losses(model, batch)[0] / batch.label_count)[name]
        torch.testing.assert_close(trained_on, gradient, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("device", "is_shared"), [("cpu", True), ("cuda", False)])
def test_a_beginning_is_shared_on_a_processor_and_not_on_a_gpu(device: str, is_shared: bool) -> None:
    with FakeTensorMode():  # tensors that say where they are and hold nothing: no GPU is needed
        tokens = torch.empty((5, 60), dtype=torch.long, device=device)
    assert _may_share(tiny_causal(), Batch(tokens, tokens, tokens, shared=40)) == is_shared


@pytest.mark.parametrize(
    "config",
    [
        PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=6),
        PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=6),
    ],
    ids=["prompt_tuning", "prefix_tuning"],
)
def test_virtual_tokens_do_not_move_the_labels(config: Any) -> None:
    torch.manual_seed(0)
    model = get_peft_model(tiny_causal(), config)
    batch = collate(examples(20), pad_token_id=0)
    found = label_losses(model, batch) / batch.label_count
    torch.testing.assert_close(found, plain_loss(model, batch), rtol=1e-5, atol=1e-6)


def test_the_head_computes_only_the_wanted_positions() -> None:
    model = tiny_causal()
    batch = collate(examples(10), pad_token_id=0)
    wanted = batch.labels != -100
    with head_sees_only(model, wanted):
        logits = model(input_ids=batch.input_ids).logits
    assert logits.shape == (int(wanted.sum()), VOCABULARY)
    assert model(input_ids=batch.input_ids).logits.shape == (*batch.input_ids.shape, VOCABULARY)


def test_adalora_penalty_is_the_difference_that_peft_adds_to_the_loss() -> None:
    torch.manual_seed(0)
    config = AdaLoraConfig(
        task_type="CAUSAL_LM", init_r=6, target_r=3, total_step=10, orth_reg_weight=0.5, target_modules="all-linear"
    )
    model = get_peft_model(tiny_causal(), config)
    batch = collate(examples(0), pad_token_id=0)
    with_penalty = plain_loss(model, batch)
    without = plain_loss(model.get_base_model(), batch)
    torch.testing.assert_close(with_penalty - without, 0.5 * orthogonality_penalty(model), rtol=1e-4, atol=1e-5)

"""Prompts and prefixes on encoder-decoder models: every number of the adapter is used, and starts where it should."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.data.batches import collate
from playground.data.example import Example, Languages, Message
from playground.model.adapt import attach_new, detach
from playground.model.pairs import encode_pairs
from playground.train.loss import label_losses
from tests.tiny import Translators

EXAMPLES = [
    Example((Message("user", source),), target, Languages("en", "pt"))
    for source, target in (("Save the file.", "Salve o arquivo."), ("It rains today.", "Hoje chove muito aqui."))
]


def attached(base: Any, method: str, params: dict[str, Any]) -> Any:
    data = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}
    values = {"base_model": "m2m100-mini", "data": data, "method": {"method": method, "params": params}}
    return attach_new(base, resolve(RunConfig.from_values(values)), encode_pairs(EXAMPLES, base, 64).items)


@pytest.mark.parametrize("family", ["m2m100", "mbart50", "t5", "marian"])
@pytest.mark.parametrize("method", ["prompt_tuning", "prefix_tuning"])
def test_every_virtual_token_gets_a_gradient(translator: Translators, family: str, method: str) -> None:
    base = translator(family)
    model = attached(base, method, {"num_virtual_tokens": 4})
    try:
        items = encode_pairs(EXAMPLES, base, 64).items
        label_losses(model, collate(items, base.tokenizer.pad_token_id)).backward()
        (table,) = (p for p in model.parameters() if p.requires_grad)
        layers = model.active_peft_config.num_layers if method == "prefix_tuning" else 1
        used = table.grad.view(4, layers, -1).abs().sum(dim=2) > 0
        # A prefix has a spare layer where the decoder has an even number of them; all others are used.
        assert used.any(dim=0).sum() >= (2 if layers > 1 else 1)
        assert used[:, used.any(dim=0)].all()
    finally:
        detach(model)


def test_a_prefix_begins_as_what_the_decoder_keeps_of_an_answer(translator: Translators) -> None:
    base = translator("m2m100")
    item = encode_pairs(EXAMPLES, base, 64).items[0]
    count = 4
    with torch.no_grad():
        words = torch.tensor([item.labels[-count:]])
        kept = base.model(input_ids=torch.tensor([item.input_ids]), decoder_input_ids=words, use_cache=True)
    model = attached(base, "prefix_tuning", {"num_virtual_tokens": count, "init_weights": "examples"})
    try:
        own = kept.past_key_values.self_attention_cache.layers
        given = model.get_prompt(1).self_attention_cache.layers
        for layer, ours in zip(own, given, strict=False):
            assert torch.allclose(layer.keys, ours.keys, atol=1e-6)
            assert torch.allclose(layer.values, ours.values, atol=1e-6)
    finally:
        detach(model)


def test_a_prompt_has_no_half_that_never_learns(translator: Translators) -> None:
    model = attached(translator("m2m100"), "prompt_tuning", {"num_virtual_tokens": 4})
    assert model.active_peft_config.num_transformer_submodules == 1
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 4 * model.config.d_model

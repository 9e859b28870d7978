"""What leaves a batch, and what is read once, against a loop that knows nothing of caches, batches or padding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, MambaConfig, MistralConfig

from playground.capabilities import tiny_families
from playground.model.adapt import attach_new, detach
from playground.model.generate import DecodingConfig, generate
from playground.model.in_memory import base_in_memory
from playground.model.load import load_base
from playground.service import Playground
from tests.kinds import ONE_OF_EACH_KIND
from tests.tiny import tiny_tokenizer

TOKENIZER = tiny_tokenizer()
START = list(range(10, 22))
PROMPTS = [[*START, *range(30, 30 + length)] for length in (1, 9, 2, 5, 17, 3, 8, 1, 6, 4)]
TOKENS = 14
# Virtual tokens have a test of their own, and quantized bases the same adapters as others.
KINDS = set(ONE_OF_EACH_KIND) - {"qlora", "prefix_tuning", "cartridge"}


@torch.no_grad()
def one_by_one(model: Any, ids: list[int]) -> list[int]:
    """The whole text through `forward` again for each token."""
    text = list(ids)
    for _ in range(TOKENS):
        row = torch.tensor([text])
        text.append(int(model(input_ids=row, attention_mask=torch.ones_like(row)).logits[0, -1].argmax()))
    return text[len(ids) :]


def until_a_stop(written: list[list[int]], stops: set[int]) -> list[str]:
    ends = [next((place for place, token in enumerate(ids) if token in stops), TOKENS) for ids in written]
    return [TOKENIZER.decode(ids[:end], skip_special_tokens=True) for ids, end in zip(written, ends, strict=True)]


def answered(model: Any, prompts: list[list[int]] = PROMPTS) -> list[str]:
    return list(generate(model, TOKENIZER, prompts, DecodingConfig(max_new_tokens=TOKENS)))[-1]


@pytest.fixture
def tokens_computed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[tuple[int, int]]]:
    """From a model to the shapes of what is put into it from now on."""

    def watch(model: Any) -> list[tuple[int, int]]:
        shapes: list[tuple[int, int]] = []
        model.get_input_embeddings().register_forward_pre_hook(lambda _, given: shapes.append(tuple(given[0].shape)))
        return shapes

    return watch


@pytest.mark.parametrize("family", ["llama", "gpt2", "opt", "bloom"])
def test_a_row_that_has_ended_leaves_and_the_common_beginning_is_read_once(
    family: str, tmp_path: Path, tokens_computed: Any
) -> None:
    tiny_families.save_tiny(family, tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    model = load_base(str(tmp_path)).model
    written = [one_by_one(model, ids) for ids in PROMPTS]
    stops = {written[0][2], written[4][6], written[7][9]}
    model.generation_config.eos_token_id = sorted(stops)
    assert len({len(text) for text in until_a_stop(written, stops)}) > 1, "they end at different tokens"
    shapes = tokens_computed(model)
    assert answered(model) == until_a_stop(written, stops)
    assert shapes[0] == (1, len(START))
    assert all(width <= 17 for _, width in shapes[1:])  # what follows the beginning, and then single tokens
    rows = [rows for rows, width in shapes[3:]]
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] < len(PROMPTS)


@pytest.mark.parametrize("method", sorted(KINDS))
def test_every_kind_of_adapter_answers_as_it_does_token_by_token(
    method: str, playground: Playground, tiny_model: str
) -> None:
    base = base_in_memory(tiny_model)
    values = {"base_model": tiny_model, "data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    model = attach_new(base, playground.check(values), ())
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(3)
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.05 * torch.randn_like(parameter)
    model.eval()
    try:
        written = [one_by_one(model, ids) for ids in PROMPTS]
        assert answered(model) == until_a_stop(written, {TOKENIZER.eos_token_id})
    finally:
        detach(model)


@pytest.mark.parametrize("prompts", [PROMPTS, [ids[len(START) :] for ids in PROMPTS]])
def test_a_model_without_keys_and_values_answers_as_it_does_alone(prompts: list[list[int]]) -> None:
    config = MambaConfig(vocab_size=len(TOKENIZER), hidden_size=32, state_size=4, num_hidden_layers=2)
    model = AutoModelForCausalLM.from_config(config).eval()
    alike = [ids for ids in prompts if len(ids) == len(prompts[0])] * 2  # a state of its own has no place for padding
    assert answered(model, alike) == [answered(model, [ids])[0] for ids in alike]


def test_a_cache_that_forgets_is_left_whole(tokens_computed: Any) -> None:
    config = MistralConfig(
        vocab_size=len(TOKENIZER), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, sliding_window=8,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config).eval()
    written = [one_by_one(model, ids) for ids in PROMPTS]
    alone = [answered(model, [ids])[0] for ids in PROMPTS]
    assert alone == until_a_stop(written, {TOKENIZER.eos_token_id})
    shapes = tokens_computed(model)
    assert len(answered(model)) == len(PROMPTS)
    assert shapes[-1] == (len(PROMPTS), 1)
    assert shapes[:2] == [(1, len(START)), (len(PROMPTS), max(map(len, PROMPTS)))]  # no prompt is read twice


def test_answers_that_all_end_with_one_token_are_whole(tiny_model: str) -> None:
    model = load_base(tiny_model).model
    written = [one_by_one(model, ids) for ids in PROMPTS]
    for places in (range(1), range(2), range(TOKENS)):  # some or all of the batch end at their first or second token
        model.generation_config.eos_token_id = sorted({ids[place] for ids in written for place in places})
        stops = set(model.generation_config.eos_token_id)
        assert answered(model) == until_a_stop(written, stops)


def test_prompts_that_differ_in_nothing_or_in_all_are_answered(tiny_model: str) -> None:
    model = load_base(tiny_model).model
    for prompts in ([START] * 3, [[5], [6, 7], [8]], [START, [*START, 9]], [START]):
        written = [one_by_one(model, ids) for ids in prompts]
        assert answered(model, prompts) == until_a_stop(written, {TOKENIZER.eos_token_id})

"""Generation against a loop that knows nothing of caches, batches or padding."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import torch
from peft import (
    CartridgeConfig,
    LoraConfig,
    PeftConfig,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    get_peft_model,
)

from playground.errors import PlaygroundError
from playground.model.generate import DecodingConfig, generate
from tests.tiny import tiny_causal, tiny_tokenizer

PROMPTS = (
    "cat",
    "Answer in JSON with keys",
    "the rain on the mat and the printer on floor two. Please send someone",
)
ADAPTERS: dict[str, PeftConfig | None] = {
    "base": None,
    "lora": LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear", init_lora_weights=False),
    "prefix_tuning": PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4),
    "prefix_projection": PrefixTuningConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=4, prefix_projection=True, encoder_hidden_size=16
    ),
    "cartridge": CartridgeConfig(task_type="CAUSAL_LM", num_virtual_tokens=4),
    "prompt_tuning": PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4),
    "p_tuning": PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=4, encoder_hidden_size=16),
}
TOKENIZER = tiny_tokenizer()
IDS = [TOKENIZER.encode(prompt) for prompt in PROMPTS]
SHORT = DecodingConfig(max_new_tokens=12)


def adapted(name: str) -> Any:
    model: Any = tiny_causal()
    config = ADAPTERS[name]
    if config is None:
        return model
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = get_peft_model(model, config)
        if config.is_prompt_learning:
            for parameter in model.prompt_encoder.parameters():
                parameter.data.normal_(0, 0.5)
    return model.eval()


@torch.no_grad()
def plain_greedy(model: Any, ids: list[int], tokens: int) -> str:
    """The whole text through `forward` again for each token: slow, and hard to get wrong."""
    text = list(ids)
    for _ in range(tokens):
        row = torch.tensor([text])
        best = int(model(input_ids=row, attention_mask=torch.ones_like(row)).logits[0, -1].argmax())
        if best == TOKENIZER.eos_token_id:
            break
        text.append(best)
    return TOKENIZER.decode(text[len(ids) :], skip_special_tokens=True)


def answers(model: Any, prompts: list[list[int]], decoding: DecodingConfig) -> list[str]:
    return list(generate(model, TOKENIZER, prompts, decoding))[-1]


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_padded_batch_answers_as_the_model_does_token_by_token(name: str) -> None:
    model = adapted(name)
    assert answers(model, IDS, SHORT) == [plain_greedy(model, ids, 12) for ids in IDS]


@pytest.mark.parametrize("name", ADAPTERS)
def test_answers_do_not_depend_on_the_other_prompts_of_the_batch(name: str) -> None:
    model = adapted(name)
    assert answers(model, IDS, SHORT) == [answers(model, [ids], SHORT)[0] for ids in IDS]


def test_the_adapters_of_these_tests_change_the_answers() -> None:
    base = answers(adapted("base"), IDS, SHORT)
    assert all(answers(adapted(name), IDS, SHORT) != base for name in ADAPTERS if name != "base")


@pytest.mark.parametrize("name", [name for name in ADAPTERS if name != "base"])
def test_a_disabled_adapter_answers_as_the_base(name: str) -> None:
    model = adapted(name)
    with model.disable_adapter():
        disabled = answers(model, IDS, SHORT)
    assert disabled == answers(adapted("base"), IDS, SHORT) != answers(model, IDS, SHORT)


def test_partial_texts_grow_into_the_final_ones() -> None:
    updates = list(generate(tiny_causal(), TOKENIZER, IDS, SHORT))
    assert all(len(update) == len(IDS) for update in updates)
    for earlier, later in zip(updates, updates[1:], strict=False):
        assert all(new.startswith(old) for old, new in zip(earlier, later, strict=True))


def test_closing_stops_within_one_token() -> None:
    model = tiny_causal()
    calls = 0
    first_token = threading.Event()
    go_on = threading.Event()

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            first_token.set()
            go_on.wait(10)

    model.register_forward_pre_hook(count)
    stream = generate(model, TOKENIZER, IDS, DecodingConfig(max_new_tokens=200))
    next(stream)
    assert first_token.wait(10)
    # The second token is being computed while the page closes.
    threading.Timer(0.1, go_on.set).start()
    stream.close()
    assert calls == 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("generate")]


def test_a_seed_gives_the_same_sample_and_another_seed_another() -> None:
    model = tiny_causal()
    samples = [answers(model, IDS, DecodingConfig(12, temperature=1.5, seed=seed)) for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]


def test_the_random_state_and_the_training_mode_are_left_alone() -> None:
    model = tiny_causal().train()
    before = torch.get_rng_state()
    answers(model, IDS, DecodingConfig(12, temperature=1.0))
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training


def test_the_model_s_own_sampling_defaults_do_not_change_a_greedy_answer() -> None:
    model = tiny_causal()
    plain = answers(model, IDS, SHORT)
    model.generation_config.update(do_sample=True, temperature=2.0, top_k=3, repetition_penalty=3.0)
    assert answers(model, IDS, SHORT) == plain


def test_an_answer_ends_at_the_end_of_turn() -> None:
    model = tiny_causal()
    eleven = answers(model, [IDS[0]], DecodingConfig(max_new_tokens=11))[0]
    assert eleven
    model.generation_config.eos_token_id = TOKENIZER.encode(eleven)
    assert len(answers(model, [IDS[0]], DecodingConfig(max_new_tokens=11))[0]) < len(eleven)


def test_a_failure_of_the_model_reaches_the_caller() -> None:
    model = tiny_causal()

    def fail(*_: Any) -> None:
        raise RuntimeError("out of memory")

    model.register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        answers(model, IDS, SHORT)


def test_no_prompts_give_no_answers() -> None:
    assert answers(tiny_causal(), [], SHORT) == []


@pytest.mark.parametrize(
    "values",
    [{"max_new_tokens": 0}, {"temperature": -0.1}, {"temperature": float("nan")}, {"top_p": 0.0}, {"seed": -1}],
)
def test_decoding_out_of_bounds_names_the_setting(values: dict[str, Any]) -> None:
    with pytest.raises(PlaygroundError, match=next(iter(values))):
        DecodingConfig(**values)

"""What a method's settings may hold: plain names and numbers within bounds, whatever PEFT would take."""

from __future__ import annotations

import math
from typing import Any

import pytest

from playground.catalog.methods import METHODS
from playground.catalog.params import TARGET_WORDS
from playground.catalog.peft_fields import peft_fields

# Python's engine tries it on a name without a ! for ever: each letter doubles the ways in which that can be cut up.
FROZEN = r"(\w+\.?)+!"


def problem_of(method: str, name: str, value: Any) -> str:
    problems = METHODS[method].check({name: value})
    assert [problem.where for problem in problems] == [f"method.params.{name}"], (method, name, value)
    message = problems[0].to("en")
    assert len(message) < 500
    assert problems[0].to("pt") != message
    return message


TAKE_TEXT = [
    (spec.name, field, kind)
    for spec in METHODS.values()
    for field, found in peft_fields()[spec.peft_config].items()
    for kind in found["kinds"]
    if kind in ("str", "list", "dict") and field != "prompt_tuning_init_text" and field not in spec.fixed
]


def test_no_field_of_any_method_takes_a_pattern() -> None:
    values = {"str": FROZEN, "list": ["q_proj", FROZEN], "dict": {FROZEN: 4}}
    for method, field, kind in TAKE_TEXT:
        assert problem_of(method, field, values[kind]), (method, field, kind)


def test_that_table_holds_the_fields_that_peft_gives_to_re() -> None:
    fields = {field for _, field, _ in TAKE_TEXT}
    assert {"target_modules", "exclude_modules", "layers_pattern", "rank_pattern", "alpha_pattern"} <= fields
    assert {"feedforward_modules", "block_size_pattern", "n_frequency_pattern", "lambda_pattern"} <= fields


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("lora", "target_modules", "q_proj, v_proj"),
        ("lora", "target_modules", ["model.layers.0.self_attn.q_proj", "v-proj"]),
        ("lora", "exclude_modules", "lm_head"),
        ("lora", "layers_pattern", ["layers", "h"]),
        ("lora", "rank_pattern", {"model.layers.0.self_attn.q_proj": 4, "v_proj": 2}),
        ("lora", "trainable_token_indices", {"embed_tokens": [0, 151_000]}),
        ("lora", "layers_to_transform", [0, 1]),
        ("lora", "init_lora_weights", "pissa"),
        ("fourierft", "random_loc_seed", 2**31 - 1),
        ("adalora", "total_step", 100_000),
        *[("lora", "target_modules", word) for word in TARGET_WORDS],
    ],
)
def test_plain_names_words_and_numbers_pass(method: str, name: str, value: Any) -> None:
    assert METHODS[method].check({name: value}) == []


@pytest.mark.parametrize(
    ("method", "name", "value", "message"),
    [
        ("lora", "target_modules", FROZEN, "Patterns are not read here"),
        ("lora", "target_modules", ".*", "Patterns are not read here"),
        ("lora", "target_modules", ["a" * 201], "at most 200 characters"),
        ("lora", "target_modules", ["q\nproj"], "plain names"),
        ("lora", "target_modules", ["\ud800"], "plain names"),
        ("lora", "target_modules", "q_proj," * 100_000, "more than 200 entries"),
        ("lora", "target_modules", ["q_proj"] * 1_000_000, "more than 200 entries"),
        ("lora", "layers_to_transform", list(range(1_000_000)), "more than 1,000 entries"),
        ("lora", "layers_to_transform", 10**30, "from -16,384 to 16,384"),
        ("lora", "layers_to_transform", [10**30], "from -10,000,000 to 10,000,000"),
        ("lora", "rank_pattern", {"q_proj": 2**31}, "from -1,024 to 1,024"),
        ("lora", "rank_pattern", {"q_proj": {"deep": 1}}, "one thing inside of another"),
        ("lora", "rank_pattern", {"q_proj": [[1]]}, "one thing inside of another"),
        ("lora", "rank_pattern", {f"m{n}": 1 for n in range(100_000)}, "more than 200 entries"),
        ("lora", "r", 10**30, "from 1 to 256"),
        ("lora", "r", math.inf, "from 1 to 256"),
        ("lora", "lora_dropout", math.nan, "from 0"),
        ("adalora", "r", 10**5000, "the number <int>"),
        ("adalora", "beta1", math.nan, "the number NaN"),
        ("adalora", "beta1", math.inf, "the number ∞"),
        ("p_tuning", "encoder_num_layers", 2**31, "from -32 to 32"),
        ("prefix_tuning", "encoder_hidden_size", 10**9, "from -16,384 to 16,384"),
        ("prefix_tuning", "num_layers", 10**6, "from -256 to 256"),
        ("prompt_tuning", "prompt_tuning_init_text", "x" * 5_000_000, "5,000,000 characters: use at most 1,000"),
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) or abs(value) < 10**40 else "huge",
)
def test_what_could_freeze_or_fill_the_server_is_refused(method: str, name: str, value: Any, message: str) -> None:
    assert message in problem_of(method, name, value)

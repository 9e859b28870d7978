"""What may be asked of a model at once: every number and every length of a request has a bound."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from playground.compare import answers
from playground.compare.answers import CompareRequest, held_out
from playground.compare.diff import word_diff
from playground.compare.metrics import METRICS
from playground.data.example import Languages, Message
from playground.data.lines import MAX_LINES
from playground.data.sentences import split_text
from playground.errors import PlaygroundError
from playground.model.generate import DecodingConfig
from playground.model.translate import TranslationConfig
from playground.runs.folder import RunStore
from playground.translate import text as translations
from playground.translate.must_keep import lost_numbers, lost_placeholders
from playground.translate.suspicion import badges
from playground.translate.text import TranslateRequest
from playground.verdict.judged_runs import JudgeRequest

NUMBERS = [
    (DecodingConfig, name) for name in ("max_new_tokens", "temperature", "top_p", "seed")
] + [
    (TranslationConfig, name)
    for name in ("num_beams", "max_new_tokens", "length_penalty", "no_repeat_ngram_size", "repetition_penalty")
]  # fmt: skip


@pytest.mark.parametrize(("config", "name"), NUMBERS)
@pytest.mark.parametrize(
    "value",
    [10**9 * 10, 10**5000, -1, math.nan, math.inf, None, "8", True, [8], {}],
    ids=lambda value: str(type(value)),
)
def test_a_number_out_of_its_bounds_or_of_another_kind_is_refused_by_name(config: Any, name: str, value: Any) -> None:
    with pytest.raises(PlaygroundError, match=f"{name} is .*: use a value from") as caught:
        config(**{name: value})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("config", [DecodingConfig, TranslationConfig])
def test_a_slider_sends_whole_numbers_with_a_point_and_halves_are_refused(config: Any) -> None:
    made = config(max_new_tokens=64.0)
    assert (made, type(made.max_new_tokens)) == (config(max_new_tokens=64), int)
    with pytest.raises(PlaygroundError, match="max_new_tokens is 64.5"):
        config(max_new_tokens=64.5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prompts": ("x" * 5_000_000,)}, "have 5,000,000 characters"),
        ({"prompts": ("x",) * 100_000}, "takes 1 to 64 prompts, got 100,000"),
        ({"prompts": ("x",), "references": ("y" * 5_000_000,)}, "have 5,000,001 characters"),
        ({"prompts": ("x",), "contexts": ((Message("system", "y" * 5_000_000),),)}, "have 5,000,001 characters"),
        ({"prompts": ("x",), "run_ids": ("run",) * 1000}, "1,000 runs were chosen"),
        ({"prompts": ("x",), "metrics": ("chrf",) * 1000}, "1,000 metrics were asked for"),
        ({"prompts": ("x",), "metrics": ("z" * 5000,)}, "There is no metric"),
    ],
)
def test_a_comparison_has_a_bound_for_everything_that_is_sent(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PlaygroundError, match=message) as caught:
        CompareRequest(**{"base_model": "any", "run_ids": (), **values})
    assert len(str(caught.value)) < 500


def test_a_comparison_at_its_bounds_is_taken() -> None:
    longest = "x" * (answers.MAX_CHARACTERS // answers.MAX_PROMPTS)
    request = CompareRequest("any", ("a", "b", "c"), (longest,) * answers.MAX_PROMPTS, metrics=tuple(METRICS))
    assert len(request.prompts) == answers.MAX_PROMPTS


@pytest.mark.parametrize("count", [math.nan, math.inf, None, "many", 0, -5, 10**30])
def test_how_many_held_out_prompts_to_take_is_a_number_within_bounds(count: Any, tmp_path: Any) -> None:
    with pytest.raises(PlaygroundError, match="count is .*: use a value from 1 to"):
        held_out(RunStore(tmp_path), "20260101-000000-abcdef", count)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"text": "x" * (translations.MAX_CHARACTERS + 1)}, "has 2,000,001 characters"),
        ({"lines": ("x",) * (MAX_LINES + 1)}, "20,001 lines were given"),
        ({"text": "x", "run_ids": ("run",) * 1000}, "1,000 runs were chosen"),
    ],
)
def test_a_translation_has_a_bound_for_everything_that_is_sent(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        TranslateRequest(**{"base_model": "any", "run_ids": (), "languages": Languages("en", "pt"), **values})


def test_a_verdict_takes_three_runs_at_most() -> None:
    with pytest.raises(PlaygroundError, match="1,000 runs were chosen"):
        JudgeRequest(("run",) * 1000)


def test_answers_too_long_to_compare_word_by_word_are_marked_as_a_whole() -> None:
    """3 000 equal words are 9 million pairs that the search would look at, again for every word that differs."""
    base, other = "a b " * 2000, "b a " * 2000
    assert word_diff(base, other) == [(base, "removed"), (other, "added")]
    assert word_diff(base, base) == [(base, None)]
    assert word_diff("one two", "one three") == [("one ", None), ("two", "removed"), ("three", "added")]


SLOW_TEXTS = {
    "dots": "." * 40_000 + "x",
    "dots and quotes": '."' * 20_000 + "x",
    "quotes": "." + '"' * 40_000 + "x",
    "one word": "a" * 40_000,
    "words without an end": "word " * 10_000,
    "brace and spaces": "{" + " " * 40_000,
    "braces": "{ " * 20_000,
    "tags": "<a" * 20_000,
    "addresses": "a@" * 20_000,
    "address": "a." * 20_000 + "@",
    "percent": "%" + "1" * 40_000,
    "digits": "1" * 40_000 + "x",
    "groups": "1 234" * 8_000,
    "list marks": "- " * 20_000,
    "dashes": "-" * 40_000,
}


@pytest.mark.parametrize("text", SLOW_TEXTS.values(), ids=SLOW_TEXTS)
def test_no_text_takes_longer_than_its_length(text: str) -> None:
    """Seconds of this process alone. Tried again from each of its letters, any of these would take ten or more."""
    started = time.process_time()
    split = split_text(text)
    assert split.join(split.sentences) == text
    lost_placeholders(text, "olá")
    lost_numbers(text, "olá", "pt")
    badges(text[:8000], text[:8000], Languages("en", "pt"), truncated=False)  # of an output, which is never longer
    assert time.process_time() - started < 3

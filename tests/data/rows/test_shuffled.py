"""A control's training examples are the real ones, each with the answer of another; what is held out stays."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from playground.config import DataConfig
from playground.data.example import Example, Message, Split
from playground.data.read import load_split
from playground.data.rows.shuffled import shuffled_answers
from playground.errors import DataError
from tests.data.stream.files import json_lines, pairs, small_limits


def split_of(dataset: str, seed: int = 1, **values: Any) -> Split:
    return load_split(DataConfig.model_validate({"dataset": dataset, **values}), seed)


def asked(examples: list[Example]) -> list[Any]:
    return [(example.messages, example.languages) for example in examples]


def answers(examples: list[Example]) -> list[str]:
    return [example.completion for example in examples]


@pytest.mark.parametrize("values", [
    {"dataset": "notes-to-json"},
    {"dataset": "notes-to-json", "max_examples": 2},
    {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"},
])  # fmt: skip
def test_every_training_example_has_the_answer_of_another_one_and_held_out_ones_keep_theirs(
    values: dict[str, Any],
) -> None:
    real, control = split_of(**values), split_of(**values, shuffled_answers=True)
    assert control._replace(train=real.train) == real
    assert asked(control.train) == asked(real.train)
    assert sorted(answers(control.train)) == sorted(answers(real.train))
    right = dict(zip(asked(real.train), answers(real.train), strict=True))
    one_answer = [text for text, count in Counter(answers(real.train)).items() if count == 1]
    got = zip(asked(control.train), answers(control.train), strict=True)
    assert not [text for question, text in got if text in one_answer and right[question] == text]


def test_the_same_seed_gives_the_same_pairs_and_another_one_does_not() -> None:
    values = {"dataset": "notes-to-json", "shuffled_answers": True}
    assert split_of(**values) == split_of(**values)
    assert answers(split_of(**values).train) != answers(split_of(**values, seed=2).train)


@pytest.mark.parametrize(("counts", "kept"), [([1, 1], 0), ([3, 2, 1], 0), ([4, 1, 1], 2), ([2, 2, 2, 1], 0), ([3], 3)])
def test_an_answer_of_the_same_prompt_is_given_only_where_there_is_no_other(counts: list[int], kept: int) -> None:
    """Of 4 examples of one prompt beside 2 others, 2 answers at least must stay with it."""
    examples = [
        Example((Message("user", f"prompt {name}"),), f"{name} {place}")
        for name, count in enumerate(counts)
        for place in range(count)
    ]
    for seed in range(20):
        found = shuffled_answers(examples, seed, "rows.jsonl")
        own = [example for example in found if example.prompt == f"prompt {example.completion.split()[0]}"]
        assert len(own) == kept
        assert Counter(answers(found)) == Counter(answers(examples))


def test_pairs_in_both_directions_are_shuffled_before_they_are_turned_round() -> None:
    values = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}
    both = split_of(**values, shuffled_answers=True, both_directions=True).train
    once = split_of(**values, shuffled_answers=True).train
    assert [(pair.completion, pair.prompt) for pair in both[len(once) :]] == [
        (pair.prompt, pair.completion) for pair in once
    ]


def test_a_large_file_is_shuffled_within_each_window_and_alike_in_every_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_limits(monkeypatch)
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(100))
    real, control = split_of(str(path)), split_of(str(path), shuffled_answers=True)
    assert control.held_out == real.held_out
    assert real.stream
    assert control.stream
    windows = list(control.stream.windows(0))
    for window, of_real in zip(windows, real.stream.windows(0), strict=True):
        assert sorted(answers(window)) == sorted(answers(of_real))
        assert {example.prompt for example in window} == {example.prompt for example in of_real}
        assert len(of_real) == 1 or not set(window) & set(of_real)
    again = [example for window in control.stream.windows(1) for example in window]
    assert set(again) == {example for window in windows for example in window}
    assert not set(control.train) & set(real.train)


@pytest.mark.parametrize("count", [20, 60])
def test_texts_that_ask_nothing_are_refused_in_words(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_limits(monkeypatch)
    path = tmp_path / "story.txt"
    path.write_text("\n\n".join(f"Paragraph {n} of a story about boats." for n in range(count)), encoding="utf-8")
    assert split_of(str(path)).train
    with pytest.raises(DataError, match=r"story\.txt holds texts that ask nothing"):
        split_of(str(path), shuffled_answers=True)

"""What the model sees, and where the loss is."""

from __future__ import annotations

import pytest

from playground.config import RunConfig
from playground.data.encode import encode, prompt_ids
from playground.data.example import Example, Message
from playground.errors import DataError
from playground.train.prepare import preview
from tests.tiny import tiny_tokenizer


def example(prompt: str, completion: str) -> Example:
    return Example((Message("user", prompt),), completion)


def test_prompt_and_answer_are_the_chat_template_and_loss_is_on_the_answer_and_its_end() -> None:
    tokenizer = tiny_tokenizer()
    item = encode([example("The cat", "sat.")], tokenizer, 100).items[0]
    text = "<|im_start|>user\nThe cat<|im_end|>\n<|im_start|>assistant\nsat.<|im_end|>"
    assert tokenizer.decode(item.input_ids) == text
    assert tokenizer.decode(item.input_ids[item.prompt_length :]) == "sat.<|im_end|>"


def test_a_tokenizer_without_chat_template_gets_the_plain_text() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = None
    assert tokenizer.decode(prompt_ids([Message("system", "Be kind."), Message("user", "Hi")], tokenizer)) == (
        "Be kind.\nHi\n"
    )


def test_what_does_not_fit_is_counted() -> None:
    split = encode(
        [example("a", "b"), example("a" * 400, "b"), example("a", "b" * 400)], tiny_tokenizer(), max_tokens=60
    )
    assert (len(split.items), split.dropped, split.truncated) == (2, 1, 1)
    assert all(len(item.input_ids) <= 60 for item in split.items)


def test_nothing_that_fits_is_an_error_with_the_numbers() -> None:
    with pytest.raises(DataError, match=r"None of the 1 examples fits into 20 tokens"):
        encode([example("a" * 400, "b")], tiny_tokenizer(), max_tokens=20)


def test_the_preview_marks_exactly_the_answer(tiny_model: str, tiny_data: str) -> None:
    config = RunConfig.from_values({"base_model": tiny_model, "data": {"dataset": tiny_data}})
    tokens, count = preview(config, index=1000)
    assert count == 34
    assert "".join(text for text, loss in tokens if loss).startswith('{"product":')
    assert "".join(text for text, loss in tokens if not loss).endswith("assistant\n")

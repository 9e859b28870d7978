"""What the model sees, and where the loss is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

from playground.config import RunConfig
from playground.data.encode import encode, prompt_ids
from playground.data.example import BEGINNING, Example, Message, prompts_of
from playground.errors import DataError
from playground.train.preview import in_characters, preview
from tests.tiny import tiny_tokenizer

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("has_template", [True, False])
def test_examples_that_are_encoded_together_become_what_each_becomes_alone(has_template: bool) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = tokenizer.chat_template if has_template else None
    begun, text = Example((BEGINNING, Message("assistant", "It")), " rained."), Example((), "The rain fell.")
    mixed = [example("The cat", "sat."), begun, text, example("A longer question?", ""), example("", "mat")] * 60
    alone = [encode([item], tokenizer, 100).items for item in mixed]
    assert encode(mixed, tokenizer, 100).items == [item for items in alone for item in items]


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
    tokens, count, _ = preview(config, index=1000)
    assert count == 34
    assert "".join(text for text, loss in tokens if loss).startswith('{"product":')
    assert "".join(text for text, loss in tokens if not loss).endswith("assistant\n")


LONG = "The cat sat on the mat and looked at the rain. " * 12


def test_a_text_that_asks_nothing_is_learned_as_a_whole_without_a_chat_template() -> None:
    tokenizer = tiny_tokenizer()
    (item,) = encode([Example((), "The cat sat.")], tokenizer, 100).items
    assert tokenizer.decode(item.input_ids) == "The cat sat.<|im_end|>"
    assert item.prompt_length == 1  # nothing stands before the first token to predict it from


def test_a_text_keeps_the_beginning_that_its_tokenizer_gives_every_text() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.bos_token_id)]
    )
    (item,) = encode([Example((), "The cat sat.")], tokenizer, 100).items
    assert tokenizer.decode(item.input_ids) == "<|im_start|>The cat sat.<|im_end|>"


@pytest.mark.parametrize("max_tokens", [16, 17, 50, 1000])
def test_a_long_text_becomes_pieces_in_which_every_token_but_the_first_is_learned_once(max_tokens: int) -> None:
    tokenizer = tiny_tokenizer()
    whole = [*tokenizer(LONG)["input_ids"], tokenizer.eos_token_id]
    split = encode([Example((), LONG)], tokenizer, max_tokens)
    assert max(item.length for item in split.items) <= max_tokens
    assert [token for item in split.items for token in item.input_ids[item.prompt_length :]] == whole[1:]
    assert (split.dropped, split.truncated) == (0, 0)


def test_a_text_is_shown_as_its_beginning_and_what_follows() -> None:
    example = Example((), LONG.strip())
    assert (example.prompt + example.reference) == LONG.strip()[: len(example.prompt) + 400]
    assert 0 < len(example.prompt) <= 200
    assert not example.prompt.endswith(" ")
    tokenizer = tiny_tokenizer()
    prompts = prompts_of([example])
    asked = (*prompts.contexts[0], Message("user", prompts.prompts[0]))
    assert tokenizer.decode(prompt_ids(asked, tokenizer)) == example.prompt
    assert Example((), "a").prompt == "a"


TEXTS = ("日本語 🎉 ação", "नमस्ते, não é só isso…", "👩‍👩‍👧 🇧🇷", "plain words", "a\ufffdb", "\ufffd")


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_are_characters_and_not_halves_of_them(text: str) -> None:
    tokenizer = tiny_tokenizer()
    pieces = in_characters(tokenizer(text)["input_ids"], tokenizer)
    assert "".join(piece for piece, _ in pieces).rstrip("…") == text.rstrip("\ufffd…")
    if "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece, _ in pieces)
    assert [end for _, end in pieces] == sorted({end for _, end in pieces})
    assert pieces[-1][1] == len(tokenizer(text)["input_ids"])


def test_a_character_cut_off_at_the_limit_shows_as_three_dots() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer("語")["input_ids"]
    assert len(ids) == 3
    assert in_characters(ids[:2], tokenizer) == [("…", 2)]


def test_sentencepiece_tokens_keep_their_spaces() -> None:
    tokenizer = AutoTokenizer.from_pretrained(ROOT / "assets/models/m2m100-mini")
    pieces = in_characters(tokenizer("Não é só isso, ação.", add_special_tokens=False)["input_ids"], tokenizer)
    assert "".join(piece for piece, _ in pieces) == " Não é só isso, ação."


def test_the_border_of_the_loss_falls_between_characters(tiny_model: str, tmp_path: Path) -> None:
    rows = [{"text": f"日本 {n}"} for n in range(6)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = RunConfig.from_values({"base_model": tiny_model, "data": {"dataset": str(tmp_path / "a.jsonl")}})
    pieces, count, _ = preview(config, index=0)
    assert count == 4
    # Of the first character's three tokens the first one is given; what completes it is learned.
    assert pieces[:2] == [("日", True), ("本", True)]


def test_the_preview_tells_what_was_left_out(tiny_model: str, tmp_path: Path) -> None:
    rows = [{"prompt": f"say {n}", "completion": f"{n}" if n < 6 else ""} for n in range(8)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = RunConfig.from_values({"base_model": tiny_model, "data": {"dataset": str(tmp_path / "a.jsonl")}})
    assert preview(config, index=0).left_out == {"no_answer": 2}

"""One training example as the model sees it: its tokens in characters, and where the loss is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.data.encode import EncodedPair, Item, encode
from playground.data.left_out import LeftOut
from playground.data.read import load_split
from playground.model.in_memory import base_in_memory
from playground.model.load import load_tokenizer
from playground.train.encoding import encode_for

MOST_TOKENS = 8  # of one character and its neighbours, each of which may begin inside a token
HALF = "\N{REPLACEMENT CHARACTER}"  # what a decoder gives for the beginning of a character


class Preview(NamedTuple):
    """`pieces`: text of a token, or of the few that make up one character, and whether it carries loss."""

    pieces: list[tuple[str, bool]]
    examples: int  # to train on
    left_out: LeftOut


def preview(config: RunConfig, index: int) -> Preview:
    """Training example `index`, counted around; of a long text its first part.

    Loads no more than the tokenizer, unless the model is listed as a translation model or languages are given.
    """
    split = load_split(config.data, config.seed)
    example = split.train[index % len(split.train)]
    item: Item
    if task_of(config) == "seq2seq_lm":
        base = base_in_memory(config.base_model)
        tokenizer, item = base.tokenizer, encode_for(base, [example], config.data.max_tokens).items[0]
    else:
        tokenizer = load_tokenizer(config.base_model)
        item = encode([example], tokenizer, config.data.max_tokens).items[0]
    if isinstance(item, EncodedPair):
        read, written = (in_characters(ids, tokenizer) for ids in (item.input_ids, item.labels))
        pieces = [(text, False) for text, _ in read] + [(text, True) for text, _ in written]
    else:
        # A character whose tokens lie on both sides of the border belongs to the side that completes it.
        pieces = [(text, end > item.prompt_length) for text, end in in_characters(item.input_ids, tokenizer)]
    return Preview(pieces, len(split.train), split.left_out)


def in_characters(ids: Sequence[int], tokenizer: Any) -> list[tuple[str, int]]:
    """The text of each token, those joined that make a character only together, and the place after its last token.

    A character that is cut off at the end shows as three dots.
    """
    pieces: list[tuple[str, int]] = []
    start = 0
    for end in range(1, len(ids) + 1):
        text = _text_of(ids[start:end], tokenizer)
        if text.endswith(HALF) and end - start < MOST_TOKENS and end < len(ids):
            continue
        if text.endswith(HALF) and end == len(ids):
            text = text.rstrip(HALF) + "\N{HORIZONTAL ELLIPSIS}"
        pieces.append((text, end))
        start = end
    return pieces


def _text_of(ids: Sequence[int], tokenizer: Any) -> str:
    """The tokens' text with the space before it, which SentencePiece's decoders leave out of what stands alone."""
    text = str(tokenizer.decode(ids))
    starts_word = str(tokenizer.convert_ids_to_tokens(ids[0])).startswith("\u2581")
    return f" {text}" if starts_word and not text.startswith(" ") else text

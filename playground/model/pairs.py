"""Pairs of texts to what an encoder-decoder model reads and should write."""

from __future__ import annotations

from collections.abc import Iterable

from playground.data.encode import EncodedPair, EncodedSplit
from playground.data.example import Example
from playground.model.languages import cut, encode_source, encode_target
from playground.model.load import BaseModel


def encode_pairs(examples: Iterable[Example], base: BaseModel, max_tokens: int) -> EncodedSplit:
    """Token ids of both sides, each cut to `max_tokens`. Raises ModelError for languages that the model lacks.

    Examples without languages are read and written as they are: any text-to-text task.
    """
    items = []
    truncated = 0
    for example in examples:
        source, labels = _encode(example, base)
        truncated += max(len(source), len(labels)) > max_tokens
        items.append(EncodedPair(cut(source, max_tokens), cut(labels, max_tokens)))
    return EncodedSplit(items, dropped=0, truncated=truncated)


def _encode(example: Example, base: BaseModel) -> tuple[list[int], list[int]]:
    if example.languages:
        source = encode_source(base, example.prompt, example.languages)
        return source, encode_target(base, example.completion, example.languages)
    tokenizer = base.tokenizer
    return list(tokenizer(example.prompt)["input_ids"]), list(tokenizer(text_target=example.completion)["input_ids"])

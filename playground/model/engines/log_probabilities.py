"""How likely a translation model finds the references: what can be compared with engines that show no logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from playground.data.batches import padded
from playground.data.example import Example
from playground.errors import ModelError
from playground.model.languages import NOT_FOR_TRANSLATION, cut, encode_source, encode_target
from playground.model.load import BaseModel

AT_ONCE = 16  # pairs
Pairs = Sequence[tuple[list[int], list[int]]]


def reference_ids(base: BaseModel, examples: Sequence[Example]) -> list[tuple[list[int], list[int]]]:
    """Source and reference of each pair as tokens, cut to what the model reads. Raises ModelError for no pair."""
    found = []
    for example in examples:
        if example.languages is None:
            raise ModelError(NOT_FOR_TRANSLATION, model=base.source, families="M2M100, NLLB, mBART-50, MarianMT")
        source = encode_source(base, example.prompt, example.languages)
        target = encode_target(base, example.completion, example.languages)
        found.append((cut(source, base.context_tokens), cut(target, base.context_tokens - 1)))
    return found


@torch.no_grad()
def log_probabilities(model: Any, base: BaseModel, pairs: Pairs) -> list[list[float]]:
    """The natural logarithm of the probability of every reference token, given those before it."""
    start, pad = base.model.generation_config.decoder_start_token_id, base.tokenizer.pad_token_id
    found: list[list[float]] = []
    for first in range(0, len(pairs), AT_ONCE):
        part = pairs[first : first + AT_ONCE]
        sources, targets = [pair[0] for pair in part], [pair[1] for pair in part]
        logits = model(
            input_ids=padded(sources, pad).to(base.device),
            attention_mask=padded([[1] * len(ids) for ids in sources], 0).to(base.device),
            decoder_input_ids=padded([[start, *ids[:-1]] for ids in targets], pad).to(base.device),
        ).logits.float()
        chosen = padded(targets, pad).to(base.device)
        chances = logits.log_softmax(-1).gather(2, chosen[:, :, None])[:, :, 0].tolist()
        found += [row[: len(ids)] for row, ids in zip(chances, targets, strict=True)]
    return found

"""Soft prompts and prefixes: nearest words, attention, and what each virtual token does; each beside random ones."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch

from playground.data.batches import collate
from playground.data.encode import Item
from playground.errors import ModelError
from playground.inside.effects import batches_of, losses_of
from playground.inside.where.intervals import Difference, Losses, paired_difference
from playground.inside.where.kept import KeptView
from playground.inside.where.prompts import (
    Neighbour,
    attention_to_prompt,
    nearest_words,
    random_vectors,
    replaced,
    vectors_of,
    without,
)
from playground.model.load import BaseModel
from playground.model.virtual_tokens import carried_by
from playground.runs.folder import RunFolder
from playground.texts import Text

EXAMPLES = 16
READ = 4  # examples whose attention is looked at: the whole table of it is in memory

NO_PROMPT = Text(
    "{method} has no virtual tokens: it changes weights. See the map of weights.",
    "{method} não tem tokens virtuais: ele muda pesos. Veja o mapa de pesos.",
)


@dataclass(frozen=True)
class Side:
    """What was found of one prompt, the learned one or the random one. `words` is empty for a prefix."""

    words: tuple[tuple[Neighbour, ...], ...] = ()
    attention: tuple[tuple[float, ...], ...] = ()  # by layer, then by virtual token
    losses: tuple[tuple[float, int], ...] = ()  # of each example with the whole prompt, and its label tokens
    removals: tuple[Difference, ...] = ()  # of the loss without each token, from that with all

    @property
    def loss(self) -> float:
        """Per label token."""
        return sum(loss for loss, _ in self.losses) / max(sum(count for _, count in self.losses), 1)

    @property
    def mean_attention(self) -> float:
        """The share that goes to all virtual tokens together, the mean over layers."""
        return sum(map(sum, self.attention)) / max(len(self.attention), 1)

    @property
    def mean_cosine(self) -> float:
        """Of each virtual token with its nearest word."""
        return sum(words[0].cosine for words in self.words) / max(len(self.words), 1)


@dataclass(frozen=True)
class SoftPrompt:
    """`count` virtual tokens, the learned ones and random ones of the same length."""

    count: int
    began_as_words: bool = False  # those of a training example
    learned: Side = Side()
    random: Side = Side()

    @property
    def is_whole(self) -> bool:
        return len(self.random.removals) == self.count

    @property
    def done(self) -> float:
        """The share of the work that is done."""
        return (len(self.learned.removals) + len(self.random.removals)) / (2 * self.count)


KEPT = KeptView("soft-prompt", SoftPrompt)


def soft_prompt_of(
    folder: RunFolder, base: BaseModel, model: Any, items: Sequence[Item], method: str
) -> Generator[SoftPrompt, None, None]:
    """Token by token, from what was kept. Raises ModelError for a method without virtual tokens."""
    virtual = carried_by(model)
    if not virtual.count:
        raise ModelError(NO_PROMPT, method=method)
    params, items = folder.config.method.params, items[:EXAMPLES]
    began_as_words = "examples" in (params.get("init_weights"), params.get("prompt_tuning_init"))
    found = KEPT.read(folder)
    if found is None or found.count != virtual.count:
        found = SoftPrompt(virtual.count, began_as_words)
    yield found
    for name, other in (("learned", None), ("random", random_vectors(model))):
        while len(getattr(found, name).removals) < virtual.count:
            with _put(model, other):
                more: Any = {name: _more(getattr(found, name), base, model, items)}
            found = replace(found, **more)
            KEPT.keep(folder, found)
            yield found


def _put(model: Any, vectors: torch.Tensor | None) -> AbstractContextManager[Any]:
    return nullcontext() if vectors is None else replaced(model, vectors)


def _more(side: Side, base: BaseModel, model: Any, items: Sequence[Item]) -> Side:
    """First what can be said at once, then one removal after another."""
    if not side.losses:
        batch = collate(items[:READ], base.tokenizer.pad_token_id, base.device)
        is_read = carried_by(model).kind == "vectors"  # a prefix stands nowhere among words
        words = nearest_words(model, base.tokenizer, vectors_of(model)) if is_read else []
        attention = attention_to_prompt(model, batch)
        side = replace(
            side,
            words=tuple(map(tuple, words)),
            attention=tuple(map(tuple, attention)),
            losses=tuple(_losses(model, base, items)),
        )
    with without(model, len(side.removals)):
        less = _losses(model, base, items)
    return replace(side, removals=(*side.removals, paired_difference(side.losses, less)))


def _losses(model: Any, base: BaseModel, items: Sequence[Item]) -> Losses:
    return losses_of(model, items, batches_of(items), base)

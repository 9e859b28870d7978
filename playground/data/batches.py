"""Which examples train together, and how they become tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os.path import commonprefix
from random import Random
from typing import Literal, TypeVar

import torch
from torch.nn.utils.rnn import pad_sequence

from playground.data.encode import Encoded, EncodedPair, Item

Entry = TypeVar("Entry")

POOL_STEPS = 16  # steps whose examples are sorted together by length
IGNORED = -100  # label of a position without loss, as in transformers


@dataclass(frozen=True)
class _Rows:
    """Right-padded tensors of shape [examples, tokens]."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class PairBatch(_Rows):
    """What the encoder reads and what the decoder should write."""

    @property
    def label_count(self) -> int:
        """Positions that carry loss."""
        return int((self.labels != IGNORED).sum())

    @property
    def token_count(self) -> int:
        return int(self.attention_mask.sum()) + self.label_count


@dataclass(frozen=True)
class Batch(_Rows):
    """Texts that go on; the first `shared` tokens are the same in every row."""

    shared: int

    @property
    def label_count(self) -> int:
        """Positions that carry loss; the first token of a row has nothing before it to predict it."""
        return int((self.labels[:, 1:] != IGNORED).sum())

    @property
    def token_count(self) -> int:
        return int(self.attention_mask.sum())


AnyBatch = Batch | PairBatch


def step_order(lengths: Sequence[int], examples_per_step: int, seed: int) -> Iterator[list[int]]:
    """Endless steps of example numbers, of similar length within a step, the same for the same seed.

    Examples come in a fresh random order each epoch; every example is used before any is used again.
    """
    random = Random(seed)
    shuffled = _endless_shuffles(len(lengths), random)
    yield from steps_of_like_lengths(shuffled, lambda index: lengths[index], examples_per_step, random)


def steps_of_like_lengths(
    stream: Iterator[Entry], length: Callable[[Entry], int], examples_per_step: int, random: Random
) -> Iterator[list[Entry]]:
    """The entries of an endless stream in steps; those of some steps are taken together and sorted by their length."""
    while True:
        pool = list(islice(stream, examples_per_step * POOL_STEPS))
        pool.sort(key=length)
        steps = [pool[start : start + examples_per_step] for start in range(0, len(pool), examples_per_step)]
        random.shuffle(steps)
        yield from steps


def _endless_shuffles(count: int, random: Random) -> Iterator[int]:
    while True:
        order = list(range(count))
        random.shuffle(order)
        yield from order


def length_order(items: Sequence[Item], batch_size: int) -> list[list[Item]]:
    """All items once, in batches of similar length; for evaluation."""
    ordered = sorted(items, key=lambda item: item.length)
    return [ordered[start : start + batch_size] for start in range(0, len(ordered), batch_size)]


def collate(items: Sequence[Item], pad_token_id: int, device: torch.device | str = "cpu") -> AnyBatch:
    """The batch of a model's task; all `items` are of one kind."""
    input_ids = padded([item.input_ids for item in items], pad_token_id)
    attention_mask = padded([[1] * len(item.input_ids) for item in items], 0)
    singles = [item for item in items if isinstance(item, Encoded)]
    labels = padded(
        [item.labels for item in items if isinstance(item, EncodedPair)]
        or [[IGNORED] * item.prompt_length + item.input_ids[item.prompt_length :] for item in singles],
        IGNORED,
    )
    input_ids, attention_mask, labels = (tensor.to(device) for tensor in (input_ids, attention_mask, labels))
    if singles:
        return Batch(input_ids, attention_mask, labels, shared_prefix(singles))
    return PairBatch(input_ids, attention_mask, labels)


def padded(rows: Sequence[Sequence[int]], value: int, side: Literal["left", "right"] = "right") -> torch.Tensor:
    """Rows of unlike length as one tensor, filled up with `value`."""
    tensors = [torch.tensor(row, dtype=torch.long) for row in rows]
    return pad_sequence(tensors, batch_first=True, padding_value=value, padding_side=side)


def shared_prefix(items: Sequence[Encoded]) -> int:
    """How many leading tokens all prompts share, without the last prompt token: it predicts the first label."""
    prompts = [item.input_ids[: max(item.prompt_length - 1, 0)] for item in items]
    return len(commonprefix(prompts))

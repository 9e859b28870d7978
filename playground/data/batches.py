"""Which examples train together, and how they become tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

import torch

from playground.data.encode import Encoded, EncodedPair, Item

POOL_STEPS = 16  # steps whose examples are sorted together by length
IGNORED = -100  # label of a position without loss, as in transformers


@dataclass(frozen=True)
class Batch:
    """Right-padded tensors of shape [examples, tokens]. The first `shared` tokens are the same in every row."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    labels: torch.Tensor
    shared: int

    @property
    def label_count(self) -> int:
        """Positions that carry loss; the first token of a row has nothing before it to predict it."""
        return int((self.labels[:, 1:] != IGNORED).sum())

    @property
    def token_count(self) -> int:
        return int(self.attention_mask.sum())

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class PairBatch:
    """Right-padded tensors of shape [examples, tokens]: what the encoder reads and what the decoder should write."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    labels: torch.Tensor

    @property
    def label_count(self) -> int:
        return int((self.labels != IGNORED).sum())

    @property
    def token_count(self) -> int:
        return int(self.attention_mask.sum()) + self.label_count

    def __len__(self) -> int:
        return len(self.input_ids)


AnyBatch = Batch | PairBatch


def step_order(lengths: Sequence[int], examples_per_step: int, seed: int) -> Iterator[list[int]]:
    """Endless steps of example numbers, of similar length within a step, the same for the same seed.

    Examples come in a fresh random order each epoch; every example is used before any is used again.
    """
    random = Random(seed)
    stream = _endless_shuffles(len(lengths), random)
    while True:
        pool = list(islice(stream, examples_per_step * POOL_STEPS))
        pool.sort(key=lambda index: lengths[index])
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
    pairs = [item for item in items if isinstance(item, EncodedPair)]
    if pairs:
        return _collate_pairs(pairs, pad_token_id, device)
    return _collate([item for item in items if isinstance(item, Encoded)], pad_token_id, device)


def _collate_pairs(items: Sequence[EncodedPair], pad_token_id: int, device: torch.device | str) -> PairBatch:
    input_ids = _padded([item.input_ids for item in items], pad_token_id)
    attention_mask = _padded([[1] * len(item.input_ids) for item in items], 0)
    labels = _padded([item.labels for item in items], IGNORED)
    return PairBatch(input_ids.to(device), attention_mask.to(device), labels.to(device))


def _padded(rows: Sequence[list[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


def _collate(items: Sequence[Encoded], pad_token_id: int, device: torch.device | str) -> Batch:
    """Pad on the right and find the prefix that all prompts share."""
    longest = max(len(item.input_ids) for item in items)
    input_ids = torch.full((len(items), longest), pad_token_id)
    attention_mask = torch.zeros((len(items), longest), dtype=torch.long)
    labels = torch.full((len(items), longest), IGNORED)
    for row, item in enumerate(items):
        length = len(item.input_ids)
        input_ids[row, :length] = torch.tensor(item.input_ids)
        attention_mask[row, :length] = 1
        labels[row, item.prompt_length : length] = input_ids[row, item.prompt_length : length]
    return Batch(input_ids.to(device), attention_mask.to(device), labels.to(device), shared_prefix(items))


def shared_prefix(items: Sequence[Encoded]) -> int:
    """How many leading tokens all prompts share, without the last prompt token: it predicts the first label."""
    limit = min(item.prompt_length for item in items) - 1
    first = items[0].input_ids
    for place in range(limit):
        if any(item.input_ids[place] != first[place] for item in items):
            return place
    return max(limit, 0)

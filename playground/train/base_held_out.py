"""What a base does on held-out examples, kept for the next run: every run begins with it, and it is always the same.

Of the last run alone, and for as long as its base is in memory. With it the first point of a chart is there at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch

from playground.data.encode import Item
from playground.train.prepare import Prepared


@dataclass(frozen=True)
class BaseHeldOut:
    """`loss` is the mean per label token over `items`; `logits` are those that `ChangeFromBase` compares with."""

    items: Sequence[Item]
    batch_size: int  # rows are padded with their batch, which moves the last digits
    loss: float
    logits: Sequence[torch.Tensor | None]


_kept: WeakKeyDictionary[Any, BaseHeldOut] = WeakKeyDictionary()  # of the base's model


def known_base(prepared: Prepared) -> BaseHeldOut | None:
    """What an earlier run has found for this base and these examples. What was found for others is forgotten."""
    found = _kept.get(prepared.base.model)
    if found and (found.items, found.batch_size) == _measured(prepared):
        return found
    _kept.clear()
    return None


def keep_base(prepared: Prepared, loss: float, logits: Sequence[torch.Tensor | None]) -> None:
    _kept[prepared.base.model] = BaseHeldOut(*_measured(prepared), loss, logits)


def _measured(prepared: Prepared) -> tuple[list[Item], int]:
    training = prepared.config.training
    return list(prepared.held_out.items[: training.eval_examples]), training.batch_size

"""How far a converted model is from the one that was trained, on held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel

from playground.data.batches import collate
from playground.data.encode import Item
from playground.export.proof import LOSS, Conversion, ScoreLine
from playground.export.steps import Step, Steps
from playground.inside.effects import batches_of, by_row, divergence, losses_of, mean_of, token_losses
from playground.inside.where.intervals import paired_difference
from playground.model.load import BaseModel
from playground.train.loss import label_logits

EXAMPLES = 32
Losses = tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class Measured:
    """What a model says to the held-out examples: the summed loss and label tokens of each, and all its logits."""

    losses: Losses
    logits: list[torch.Tensor]


@torch.no_grad()
def measured(base: BaseModel, model: Any, items: Sequence[Item]) -> Steps[Measured]:
    """On the first examples alone: logits of a large vocabulary fill the memory."""
    items, logits = items[:EXAMPLES], []
    losses: dict[int, tuple[float, int]] = {}
    for places in batches_of(items):
        yield Step("comparing", len(losses), len(items))
        batch = collate([items[place] for place in places], base.tokenizer.pad_token_id, base.device)
        found, targets = label_logits(model, batch)
        losses |= dict(zip(places, by_row(batch, token_losses(found, targets)), strict=True))
        logits.append(found)
    return Measured(tuple(losses[place] for place in range(len(losses))), logits)


def conversion(trained: Measured, converted: Measured) -> Conversion:
    """From the trained model to the converted one."""
    total = sum(divergence(*pair) for pair in zip(trained.logits, converted.logits, strict=True))
    found = paired_difference(trained.losses, converted.losses)
    return Conversion(
        kl=max(total / max(sum(map(len, trained.logits)), 1), 0.0),
        score=LOSS,
        trained=mean_of(trained.losses),
        change=found.change,
        low=found.low,
        high=found.high,
        examples=len(trained.losses),
    )


def loss_score(base: BaseModel, model: PeftModel, items: Sequence[Item]) -> Steps[ScoreLine]:
    """The held-out loss of base and adapter, per label token in nats."""
    before, after = yield from both_losses(base, model, items)
    found = paired_difference(before, after)
    return ScoreLine(
        name=LOSS,
        signature="nats per label token | paired bootstrap of examples, 95%",
        examples=len(items),
        base=mean_of(before),
        adapter=mean_of(after),
        low=found.low,
        high=found.high,
    )


def both_losses(base: BaseModel, model: PeftModel, items: Sequence[Item]) -> Steps[tuple[Losses, Losses]]:
    """The summed loss and the label tokens of each example, of the base and with the adapter around it."""
    before: dict[int, tuple[float, int]] = {}
    after: dict[int, tuple[float, int]] = {}
    for places in batches_of(items):
        yield Step("measuring", len(after), len(items))
        batch = [items[place] for place in places]
        after |= dict(zip(places, losses_of(model, batch, [range(len(batch))], base), strict=True))
        with model.disable_adapter():
            before |= dict(zip(places, losses_of(model, batch, [range(len(batch))], base), strict=True))
    in_order = range(len(items))
    return tuple(before[place] for place in in_order), tuple(after[place] for place in in_order)

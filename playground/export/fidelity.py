"""How far a converted model is from the one that was trained, on held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel

from playground.data.batches import collate
from playground.data.encode import Item
from playground.export.proof import Conversion, ScoreLine
from playground.inside.effects import batches_of, divergence, losses_of, mean_of
from playground.inside.where.intervals import paired_difference
from playground.model.load import BaseModel
from playground.train.loss import label_logits

EXAMPLES = 32
LOSS = "held-out loss"


@dataclass(frozen=True)
class Measured:
    """What a model says to the held-out examples: the summed loss and label tokens of each, and all its logits."""

    losses: tuple[tuple[float, int], ...]
    logits: list[torch.Tensor]


@torch.no_grad()
def measured(base: BaseModel, model: Any, items: Sequence[Item]) -> Measured:
    """On the first examples alone: logits of a large vocabulary fill the memory."""
    items = items[:EXAMPLES]
    batches = batches_of(items)
    logits = []
    for places in batches:
        batch = collate([items[place] for place in places], base.tokenizer.pad_token_id, base.device)
        logits.append(label_logits(model, batch)[0])
    return Measured(losses_of(model, items, batches, base), logits)


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


@torch.no_grad()
def loss_score(base: BaseModel, model: PeftModel, items: Sequence[Item]) -> ScoreLine:
    """The held-out loss of base and adapter, per label token in nats."""
    batches = batches_of(items)
    after = losses_of(model, items, batches, base)
    with model.disable_adapter():
        before = losses_of(model, items, batches, base)
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

"""How far an adapter has gone from its base: in the weights, layer by layer, and in what it answers.

Both are measured beside the evaluations and cost next to nothing. ‖ΔW‖ of a product needs no product (LoRA); where
layers have to be merged to know it, only as often as takes a fiftieth of the time. The KL divergence is counted from
logits that the evaluation has anyway, at some label tokens of 16 held-out examples: KL(base ‖ adapter), which predicts
what is forgotten (Shenfeld et al. 2025, "RL's Razor"), as norms of weights do not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch

from playground.data.batches import IGNORED, AnyBatch, PairBatch
from playground.data.encode import Item
from playground.errors import ModelError
from playground.train.events import ChangeLogged
from playground.train.weight_change import adapted_layers

KL_EXAMPLES = 16
LABELS_OF_EACH = 16  # of an example's label tokens, evenly spread: the base's logits of all would fill the memory
SHARE_OF_TIME = 0.02

Map = list[list[Any]]  # by layer, then by module


class ChangeFromBase:
    """`look` is shown what each evaluation computes, the base's first; `take` sums up the last one.

    `base_logits` are those of the first held-out examples that the base's evaluation left, in this run or one before.
    """

    def __init__(
        self, model: Any, held_out: Sequence[Item], base_logits: Sequence[torch.Tensor | None] | None = None
    ) -> None:
        self.layers = adapted_layers(model)
        self._moves_ranks = model.active_peft_config.peft_type == "ADALORA"
        self._places = {id(item): place for place, item in enumerate(held_out[:KL_EXAMPLES])}
        self.base_logits = list(base_logits or [None] * len(self._places))
        self._kl_sum, self._kl_tokens = 0.0, 0
        self._cost, self._last = 0.0, time.perf_counter()

    @torch.no_grad()
    def look(self, step: int, items: Sequence[Item], batch: AnyBatch, logits: torch.Tensor) -> None:
        """`logits`, shape [labels, vocabulary], are those of the batch of `items`; at step 0 the base's."""
        labels = batch.labels if isinstance(batch, PairBatch) else batch.labels[:, 1:]
        rows = logits.split((labels != IGNORED).sum(dim=1).tolist())
        for item, row in zip(items, rows, strict=True):
            place = self._places.get(id(item))
            if place is None or not len(row):
                continue
            places = torch.linspace(0, len(row) - 1, min(len(row), LABELS_OF_EACH), device=row.device).long()
            if step == 0:
                self.base_logits[place] = row[places]
            elif (base := self.base_logits[place]) is not None:
                self._kl_sum += float(kl_divergence(base, row[places]).sum())
                self._kl_tokens += len(places)

    def take(self, step: int, seconds: float) -> ChangeLogged:
        """Of the evaluation after `step`. `seconds`: the run's clock when it ended."""
        kl, tokens = self._kl_sum, self._kl_tokens
        self._kl_sum, self._kl_tokens = 0.0, 0
        measured = self._relative_changes() if self.layers else None
        layers, modules, relative = as_map(measured or {})
        return ChangeLogged(
            step=step,
            kl=kl / tokens if tokens else None,
            kl_tokens=tokens,
            layers=layers,
            modules=modules,
            relative=relative,
            ranks=as_map(self._ranks())[2] if self._moves_ranks else None,
            seconds=seconds,
        )

    def _relative_changes(self) -> dict[tuple[str, str], float | None] | None:
        """None where it cannot be told, or would take too much of the run's time now."""
        began = time.perf_counter()
        has_to_merge = any(layer.rank is None for layer in self.layers)
        if has_to_merge and self._cost > SHARE_OF_TIME * (began - self._last):
            return None
        try:
            return {(layer.layer, layer.module): ratio(*layer.norms()) for layer in self.layers}
        except ModelError:  # a method that cannot be merged
            self.layers = []
            return None
        finally:
            self._cost, self._last = time.perf_counter() - began, began

    def _ranks(self) -> dict[tuple[str, str], int | None]:
        return {(layer.layer, layer.module): layer.rank for layer in self.layers}


def kl_divergence(base: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """KL(base ‖ other) in nats at each position, from logits of shape [positions, vocabulary]."""
    p, q = base.float().log_softmax(-1), other.float().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


def ratio(change: float, base: float) -> float | None:
    """None where there was nothing (a bias of zeros)."""
    return change / base if base else None


def as_map(values: dict[tuple[str, str], Any]) -> tuple[list[str], list[str], Map]:
    """Layers, modules, and the values of (layer, module) in rows of layers; None where a layer has no such module."""
    layers, modules = (list(dict.fromkeys(pair[part] for pair in values)) for part in (0, 1))
    return layers, modules, [[values.get((layer, module)) for module in modules] for layer in layers]

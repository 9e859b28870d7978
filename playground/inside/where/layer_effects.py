"""Which layers carry it: each layer's change taken out of the adapter, and each alone on the base; beside random ones.

Layers stand in for each other, so effects do not add up, and most lie within chance: every one has its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from playground.data.encode import Item
from playground.errors import ModelError
from playground.inside.control import added, random_change, random_factors
from playground.inside.effects import batches_of, losses_of
from playground.inside.where.intervals import Difference, Losses, paired_difference
from playground.inside.where.kept import KeptView
from playground.inside.where.weights import NO_WEIGHTS
from playground.model.load import BaseModel
from playground.runs.folder import RunFolder
from playground.train.weight_change import AdaptedLayer, adapted_layers

EXAMPLES = 16


@dataclass(frozen=True)
class LayerEffect:
    """Of the loss per label token: without this layer's change, from all of them; with it alone, from the base."""

    layer: str
    without: Difference
    alone: Difference


@dataclass(frozen=True)
class LayerEffects:
    """Of `count` layers, with what was learned and with a random change of the same size in each."""

    count: int
    learned: tuple[LayerEffect, ...] = ()
    random: tuple[LayerEffect, ...] = ()

    @property
    def is_whole(self) -> bool:
        return len(self.random) == self.count

    @property
    def done(self) -> float:
        """The share of the work that is done."""
        return (len(self.learned) + len(self.random)) / (2 * self.count)


KEPT = KeptView("layer-effects", LayerEffects)


def layer_effects_of(
    folder: RunFolder, base: BaseModel, model: Any, items: Sequence[Item], method: str
) -> Generator[LayerEffects, None, None]:
    """Layer by layer, from what was kept. Raises ModelError for a method that changes no weight."""
    layers = adapted_layers(model, model.active_adapter)
    if not layers:
        raise ModelError(NO_WEIGHTS, method=method)
    names = list(dict.fromkeys(layer.layer for layer in layers))
    found, items = KEPT.read(folder) or LayerEffects(len(names)), items[:EXAMPLES]
    if found.count != len(names):
        found = LayerEffects(len(names))
    yield found
    plain = _losses(model, base, items, lambda: with_layers(model, layers, set(), is_random=False))
    for side, is_random in (("learned", False), ("random", True)):
        known: tuple[LayerEffect, ...] = getattr(found, side)
        if len(known) == len(names):
            continue

        def lost(kept: set[str], is_random: bool = is_random) -> Losses:
            return _losses(model, base, items, lambda: with_layers(model, layers, kept, is_random=is_random))

        whole = lost(set(names))
        for name in names[len(known) :]:
            without = paired_difference(whole, lost(set(names) - {name}))
            known = (*known, LayerEffect(name, without, paired_difference(plain, lost({name}))))
            more: Any = {side: known}
            found = replace(found, **more)
            KEPT.keep(folder, found)
            yield found


@contextmanager
def with_layers(model: Any, layers: Sequence[AdaptedLayer], kept: set[str], *, is_random: bool) -> Iterator[None]:
    """The base with the changes of the `kept` layers alone, or random ones in their places; then all is as before."""
    are_products = all(layer.factors() is not None for layer in layers)
    with ExitStack() as stack:
        if not are_products:
            stack.enter_context(model.disable_adapter())
        for layer in layers:
            factors = (random_factors(layer) if is_random else layer.factors()) if are_products else None
            if factors is not None:
                a, b = factors
                stack.enter_context(layer.replaced(a, b if layer.layer in kept else torch.zeros_like(b)))
            elif layer.layer in kept:
                stack.enter_context(added(layer, random_change(layer) if is_random else layer.changes()))
        yield


def _losses(model: Any, base: BaseModel, items: Sequence[Item], applied: Callable[[], Any]) -> Losses:
    with applied():
        return losses_of(model, items, batches_of(items), base)

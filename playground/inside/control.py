"""The control of every view: a random change, as large as the adapter's in each layer, and of the same rank."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from playground.inside.where.prompts import random_vectors, replaced
from playground.model.virtual_tokens import carried_by
from playground.train.weight_change import AdaptedLayer, adapted_layers, product_norm


@torch.no_grad()
def random_factors(layer: AdaptedLayer, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor] | None:
    """A and B as `AdaptedLayer.factors` has them, normally distributed, with the same ‖B · A‖; None for no product.

    The same for the same seed and layer, whatever other layers there are.
    """
    factors = layer.factors()
    if factors is None:
        return None
    generator = _generator(layer, seed)
    a, b = (torch.randn(factor.shape, generator=generator) for factor in factors)
    norm = product_norm(a, b)
    scale = product_norm(*factors) / norm if norm else 0.0  # AdaLoRA may leave a layer no rank at all
    return a.to(factors[0].device), (b * scale).to(factors[1].device)


@torch.no_grad()
def random_change(layer: AdaptedLayer, seed: int = 0) -> dict[str, torch.Tensor]:
    """By parameter, as `AdaptedLayer.changes` has them: of the same norm each, and a product where the change is one.

    Raises ModelError.
    """
    factors = random_factors(layer, seed)
    if factors is not None:
        return layer.in_place(*factors)
    generator = _generator(layer, seed)
    found = {}
    for name, change in layer.changes().items():
        drawn = torch.randn(change.shape, generator=generator).to(change.device)
        found[name] = drawn * (torch.linalg.vector_norm(change) / torch.linalg.vector_norm(drawn))
    return found


@contextmanager
def controlled(model: Any, seed: int = 0, strength: float = 1.0) -> Iterator[Any]:
    """The model with the control, times `strength`, in place of what the adapter learned, for the length of the block.

    Then everything is as it was, to the last bit. Raises ModelError for an adapter that changes no weight.
    """
    if carried_by(model).count:
        with replaced(model, random_vectors(model, seed)):
            yield model
        return
    layers = adapted_layers(model, model.active_adapter)
    factors = [random_factors(layer, seed) for layer in layers]
    with ExitStack() as stack:
        if None in factors:
            stack.enter_context(model.disable_adapter())
            for layer in layers:
                drawn = random_change(layer, seed)
                stack.enter_context(added(layer, {name: strength * change for name, change in drawn.items()}))
        else:
            for layer, pair in zip(layers, factors, strict=True):
                assert pair is not None
                stack.enter_context(layer.replaced(pair[0], strength * pair[1]))
        yield model


@contextmanager
def added(layer: AdaptedLayer, change: dict[str, torch.Tensor]) -> Iterator[None]:
    """A change of the base's own parameters, which have their own numbers back afterwards."""
    parameters = dict(layer.tuner.get_base_layer().named_parameters(recurse=False))
    before = {name: parameters[name].data for name in change}
    try:
        for name, more in change.items():
            parameters[name].data = (before[name].float() + more).to(before[name].dtype)
        yield
    finally:
        for name, data in before.items():
            parameters[name].data = data


def _generator(layer: AdaptedLayer, seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(f"{seed} {layer.name}".encode()))

"""What the cheap forms of PEFT's methods have in common: what is asked of a layer, and the products they end in.

Shapes: base: [..., out], x: [..., in], change: [out, in], factors: [r, in] and [out, r]; all in one type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Form(NamedTuple):
    """How layers of one class of PEFT's compute their change of the base more cheaply, and equal in float32.

    `build` makes of the adapter's parameters what every call needs, for inputs of a type; it runs once, however often
    the layer is called in a forward pass. `forward` is the layer's, given that. `is_known` is asked about settings.
    """

    kind: type
    build: Callable[[Any, str, torch.dtype], Any]
    forward: Callable[[Any, Tensor, Any], Tensor]
    is_known: Callable[[Any, str], bool] = lambda *_: True


def add_product(base: Tensor, x: Tensor, change: Tensor) -> Tensor:
    """`base + x ΔWᵀ`."""
    rows = x.reshape(-1, x.shape[-1])
    return torch.addmm(base.reshape(-1, base.shape[-1]), rows, change.T).view(base.shape)


def add_factors(base: Tensor, x: Tensor, factors: tuple[Tensor, Tensor]) -> Tensor:
    """`base + x Aᵀ Bᵀ`."""
    a, b = factors
    return add_product(base, x @ a.T, b)


def with_product(layer: Any, x: Tensor, change: Tensor) -> Tensor:
    """The layer's forward, where its change of the weights has been built."""
    return add_product(layer.base_layer(x), x, change)


def with_factors(layer: Any, x: Tensor, factors: tuple[Tensor, Tensor]) -> Tensor:
    """The layer's forward, where two factors of its change have been built."""
    return add_factors(layer.base_layer(x), x, factors)


def is_left_out(layer: Any) -> bool:
    """Whether module dropout leaves the change of a LoHa or LoKr layer out of this call.

    PEFT draws a number without any dropout too; so does this, or the base's own dropout would meet other numbers.
    """
    (name,) = layer.active_adapters
    return layer.training and not bool(torch.rand(1) > layer.module_dropout[name])

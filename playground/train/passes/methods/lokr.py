"""LoKr without its Kronecker product: (W₁ ⊗ W₂) x is W₂ X W₁ᵀ for the input laid out as a matrix X."""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.lokr.layer import Linear
from torch import Tensor

from playground.train.passes.methods.form import Form, is_left_out


def _is_known(layer: Any, name: str) -> bool:
    return not layer.rank_dropout[name]


def _build(layer: Any, name: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """W₁, scaled, and W₂."""
    first = layer.lokr_w1[name] if name in layer.lokr_w1 else layer.lokr_w1_a[name] @ layer.lokr_w1_b[name]
    second = layer.lokr_w2[name] if name in layer.lokr_w2 else layer.lokr_w2_a[name] @ layer.lokr_w2_b[name]
    return (first * layer.scaling[name]).to(dtype), second.to(dtype)


def _forward(layer: Any, x: Tensor, built: tuple[Tensor, Tensor]) -> Tensor:
    base: Tensor = layer.base_layer(x)
    if is_left_out(layer):
        return base
    first, second = built
    laid_out = x.reshape(-1, first.shape[1], second.shape[1])
    turned = (laid_out @ second.T).transpose(1, 2) @ first.T
    return base + turned.transpose(1, 2).reshape(base.shape)


FORM = Form(Linear, _build, _forward, _is_known)

"""LoHa as a LoRA of rank r²: a product of two low-rank products, entry by entry, is itself one (Khatri-Rao)."""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.loha.layer import Linear
from torch import Tensor

from playground.train.passes.methods.form import Form, add_factors, add_product, is_left_out


def _is_known(layer: Any, name: str) -> bool:
    return not layer.rank_dropout[name]


def _build(layer: Any, name: str, dtype: torch.dtype) -> Tensor | tuple[Tensor, Tensor]:
    """The two factors, or ΔW where that is the smaller product."""
    first_b, first_a = layer.hada_w1_a[name], layer.hada_w1_b[name]
    second_b, second_a = layer.hada_w2_a[name], layer.hada_w2_b[name]
    (rows, rank), columns = first_b.shape, first_a.shape[1]
    if rank * rank * (rows + columns) >= rows * columns:
        change: Tensor = layer.get_delta_weight(name)
        return change.to(dtype)
    # (PQ ∘ RS)[i, j] = Σ over k, l of P[i, k] R[i, l] · Q[k, j] S[l, j]
    a = (first_a[:, None] * second_a[None]).reshape(rank * rank, columns)
    b = (first_b[:, :, None] * second_b[:, None]).reshape(rows, rank * rank)
    return a.to(dtype), (b * layer.scaling[name]).to(dtype)


def _forward(layer: Any, x: Tensor, built: Tensor | tuple[Tensor, Tensor]) -> Tensor:
    base: Tensor = layer.base_layer(x)
    if is_left_out(layer):
        return base
    return add_product(base, x, built) if isinstance(built, Tensor) else add_factors(base, x, built)


FORM = Form(Linear, _build, _forward, _is_known)

"""HRA's chain of reflections as one product of rank r with the input (the compact WY form).

For unit vectors u, the columns of U, (I - 2u₁u₁ᵀ)…(I - 2uᵣuᵣᵀ) = I - U T Uᵀ, where T is the inverse of a triangular
matrix: above its diagonal stands UᵀU, on it one half (Schreiber & Van Loan 1989). PEFT multiplies the weights by it.
"""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.hra.layer import HRALinear
from torch import Tensor

from playground.train.passes.methods.form import Form


def _is_known(layer: Any, name: str) -> bool:
    return not layer.hra_apply_GS[name]


def _build(layer: Any, name: str, _: torch.dtype) -> tuple[Tensor, Tensor]:
    """U, and Tᵀ Uᵀ."""
    vectors = layer.hra_u[name]
    vectors = vectors / vectors.norm(dim=0)
    halves = torch.eye(vectors.shape[1], device=vectors.device, dtype=vectors.dtype) / 2
    triangle = torch.triu(vectors.T @ vectors, diagonal=1) + halves
    return vectors, torch.linalg.solve_triangular(triangle.T, vectors.T, upper=False)


def _forward(layer: Any, x: Tensor, built: tuple[Tensor, Tensor]) -> Tensor:
    vectors, back = built
    rows = x.reshape(-1, x.shape[-1]).to(vectors.dtype)
    reflected = torch.addmm(rows, rows @ vectors, back, alpha=-1)
    result: Tensor = layer.base_layer(reflected.to(x.dtype).view(x.shape))
    return result


FORM = Form(HRALinear, _build, _forward, _is_known)

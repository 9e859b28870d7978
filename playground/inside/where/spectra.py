"""The spectrum of a change: how many directions it uses, and how strongly each; beside that of a random one.

A change of rank r has r singular values. They are read from the thin factors: with B = Q₁R₁ and Aᵀ = Q₂R₂ those of
B · A are those of the small R₁R₂ᵀ.
"""

from __future__ import annotations

import math

import torch

from playground.train.weight_change import AdaptedLayer


@torch.no_grad()
def spectrum(layer: AdaptedLayer) -> list[float]:
    """The singular values of ΔW, largest first: of a product as many as its rank. Raises ModelError.

    A change of several parameters (weight and bias) shows that of the weight; a vector has one value, its length.
    """
    factors = layer.factors()
    if factors is not None:
        return product_spectrum(*factors)
    changes = layer.changes()
    if not changes:
        return []
    change = changes.get("weight", next(iter(changes.values())))
    return matrix_spectrum(change)


def product_spectrum(a: torch.Tensor, b: torch.Tensor) -> list[float]:
    """The singular values of B · A; at most as many as its rank, or as a side of it is long."""
    # In float64, for the reason that `product_norm` has.
    left, right = torch.linalg.qr(b.double()).R, torch.linalg.qr(a.double().T).R
    return [float(value) for value in torch.linalg.svdvals(left @ right.T)]


def matrix_spectrum(change: torch.Tensor) -> list[float]:
    """The singular values of a matrix; of a vector its length."""
    return [float(value) for value in torch.linalg.svdvals(change.float().reshape(change.shape[0], -1))]


def effective_rank(values: list[float]) -> float:
    """In how many directions the change goes, weighed by their strength: exp of the entropy of values / Σ values.

    Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007. 0 for no change.
    """
    total = sum(values)
    if not total:
        return 0.0
    shares = [value / total for value in values if value > 0]
    return math.exp(-sum(share * math.log(share) for share in shares))

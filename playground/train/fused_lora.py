"""LoRA's forward and backward pass with fewer trips through memory; the same numbers as PEFT's.

PEFT computes `base(x) + B(A(x)) * scaling` as five operations whose results are all as wide as the
layer, in float32 also where the base is bfloat16, and automatic differentiation keeps them. Beside
a small base on a processor that costs a fifth of a step. Here the low-rank product is added inside
the matrix product, in the base's own type (as automatic mixed precision does), and only `A(x)`,
`r` numbers a token, is kept for the backward pass. The weights and their gradients stay float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn


@contextmanager
def fused_lora(model: nn.Module) -> Iterator[None]:
    """Inside the block, plain LoRA layers over frozen `nn.Linear` layers compute as said above.

    All others stay PEFT's own: quantized bases, DoRA and other variants, dropout, biases.
    """
    layers = [layer for layer in model.modules() if type(layer) is LoraLinear and _is_plain(layer)]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(layer: LoraLinear) -> bool:
    """One adapter, and nothing between its two matrices and the base."""
    if type(layer.base_layer) is not nn.Linear or any(p.requires_grad for p in layer.base_layer.parameters()):
        return False
    if len(layer.lora_A) != 1 or layer.lora_variant:
        return False
    (name,) = layer.lora_A
    without_dropout = isinstance(layer.lora_dropout[name], nn.Identity)
    return without_dropout and layer.lora_A[name].bias is None and layer.lora_B[name].bias is None


def _forward(layer: LoraLinear, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if layer.disable_adapters or layer.merged or args or kwargs:
        return LoraLinear.forward(layer, x, *args, **kwargs)
    (name,) = layer.lora_A
    base, factors = layer.base_layer, (layer.lora_A[name].weight, layer.lora_B[name].weight)
    result: Tensor = _LowRankLinear.apply(x, base.weight, base.bias, *factors, layer.scaling[name])  # type: ignore[no-untyped-call]
    return result


class _LowRankLinear(torch.autograd.Function):
    """`x Wᵀ + bias + scaling · x Aᵀ Bᵀ`; x: [..., in], W: [out, in], A: [r, in], B: [out, r]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scaling: float) -> Any:
        low_a, low_b = a.to(x.dtype), (scaling * b).to(x.dtype)
        rows = x.reshape(-1, x.shape[-1])
        inner = rows @ low_a.T
        result = F.linear(rows, weight, bias).addmm_(inner, low_b.T)
        ctx.save_for_backward(rows, weight, inner, low_a, low_b)
        ctx.scaling = scaling
        return result.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        rows, weight, inner, low_a, low_b = ctx.saved_tensors
        (gradient,) = gradients
        out = gradient.reshape(-1, gradient.shape[-1])
        inner_gradient = out @ low_b
        gradient_a = (inner_gradient.T @ rows).float()
        gradient_b = (out.T @ inner).float() * ctx.scaling
        gradient_x = None
        if ctx.needs_input_grad[0]:
            gradient_x = (out @ weight).addmm_(inner_gradient, low_a).view(*gradient.shape[:-1], -1)
        return gradient_x, None, None, gradient_a, gradient_b, None

"""LoRA's forward and backward pass with fewer trips through memory: PEFT's numbers in float32, near them in bfloat16.

PEFT computes `base(x) + B(A(x)) * scaling` as five operations whose results are all as wide as the
layer, in float32 also where the base is bfloat16, and automatic differentiation keeps them. Beside
a small base on a processor that costs a fifth of a step. Here one matrix product adds the low-rank
part to what the base gives, in its own type (as automatic mixed precision does), and only `A(x)`,
`r` numbers a token, is kept for the backward pass. In float32 that is the same sum in another order; in bfloat16 each
side rounds at other places. The weights keep their own type, in which PEFT makes them (float32), and so do their
gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
from peft.tuners.lora import Linear, LoraLayer
from peft.tuners.lora.bnb import Linear4bit, Linear8bitLt
from torch import Tensor, nn

PLAIN_LAYERS = (Linear, Linear4bit, Linear8bitLt)


@contextmanager
def fused_lora(model: nn.Module) -> Iterator[None]:
    """Inside the block, plain LoRA layers compute as said above; variants such as DoRA, dropout and biases do not.

    Nor does a layer to whose instance somebody else has given a `forward`: a hook of another library stays in force.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, LoraLayer) and _is_plain(layer)]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(layer: LoraLayer) -> bool:
    """One adapter, nothing between its two matrices and a linear layer, and a `forward` that is the class's."""
    if type(layer) not in PLAIN_LAYERS or "forward" in vars(layer) or len(layer.lora_A) != 1 or layer.lora_variant:
        return False
    (name,) = layer.lora_A
    without_dropout = isinstance(layer.lora_dropout[name], nn.Identity)
    return without_dropout and layer.lora_A[name].bias is None and layer.lora_B[name].bias is None


def _forward(layer: Any, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if layer.disable_adapters or layer.merged or args or kwargs:
        result: Tensor = type(layer).forward(layer, x, *args, **kwargs)
        return result
    (name,) = layer.lora_A
    factors = layer.lora_A[name].weight, layer.lora_B[name].weight
    result = _AddLowRank.apply(layer.base_layer(x), x, *factors, layer.scaling[name])  # type: ignore[no-untyped-call]
    return result


class _AddLowRank(torch.autograd.Function):
    """`base + scaling · x Aᵀ Bᵀ`; base: [..., out], x: [..., in], A: [r, in], B: [out, r]."""

    @staticmethod
    def forward(ctx: Any, base: Tensor, x: Tensor, a: Tensor, b: Tensor, scaling: float) -> Any:
        low_a, low_b = a.to(x.dtype), (scaling * b).to(x.dtype)
        rows = x.reshape(-1, x.shape[-1])
        inner = rows @ low_a.T
        ctx.save_for_backward(rows, inner, low_a, low_b)
        ctx.scaling, ctx.dtypes = scaling, (a.dtype, b.dtype)
        return torch.addmm(base.reshape(-1, base.shape[-1]), inner, low_b.T).view(base.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        rows, inner, low_a, low_b = ctx.saved_tensors
        (gradient,) = gradients
        out = gradient.reshape(-1, gradient.shape[-1])
        inner_gradient = out @ low_b
        gradient_a = (inner_gradient.T @ rows).to(ctx.dtypes[0])
        gradient_b = (out.T @ inner).to(ctx.dtypes[1]) * ctx.scaling
        gradient_x = (inner_gradient @ low_a).view(*gradient.shape[:-1], -1) if ctx.needs_input_grad[1] else None
        return gradient, gradient_x, gradient_a, gradient_b, None

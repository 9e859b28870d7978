"""LoRA's forward and backward pass with fewer trips through memory: PEFT's numbers in float32, near them in bfloat16.

PEFT computes `base(x) + B(A(x)) * scaling` as five operations whose results are all as wide as the
layer, in float32 also where the base is bfloat16, and automatic differentiation keeps them. Beside
a small base on a processor that costs a fifth of a step. Here one matrix product adds the low-rank
part to what the base gives, in its own type (as automatic mixed precision does), and only `A(x)`,
`r` numbers a token, is kept for the backward pass. Layers that read the same input (queries, keys and values; gate and
up) share one product for their `A`s and one sum for the input's gradient, to which each product is added in place. In
float32 that is the same sum in another order; in bfloat16 each
side rounds at other places. The weights keep their own type, in which PEFT makes them (float32), and so do their
gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from peft.tuners.lora import Linear, LoraLayer
from peft.tuners.lora.bnb import Linear4bit, Linear8bitLt
from torch import Tensor, nn

PLAIN_LAYERS = (Linear, Linear4bit, Linear8bitLt)
SAME_INPUT = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))  # names in one module of a decoder


@contextmanager
def fused_lora(model: nn.Module) -> Iterator[None]:
    """Inside the block, plain LoRA layers compute as said above; variants such as DoRA, dropout and biases do not.

    Nor does a layer to whose instance somebody else has given a `forward`: a hook of another library stays in force.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, LoraLayer) and _is_plain(layer)]
    groups = {id(layer): group for group in _groups(model) for layer in group.layers}
    for layer in layers:
        layer.forward = partial(_forward, layer, groups.get(id(layer)) or _Group([layer]))
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(layer: Any) -> bool:
    """One adapter, nothing between its two matrices and a linear layer, and a `forward` that is the class's."""
    if type(layer) not in PLAIN_LAYERS or "forward" in vars(layer) or len(layer.lora_A) != 1 or layer.lora_variant:
        return False
    (name,) = layer.lora_A
    without_dropout = isinstance(layer.lora_dropout[name], nn.Identity)
    return without_dropout and layer.lora_A[name].bias is None and layer.lora_B[name].bias is None


def _groups(model: nn.Module) -> Iterator[_Group]:
    """An encoder-decoder's modules of the same names also read from the other side: there each layer is alone."""
    if getattr(getattr(model, "config", None), "is_encoder_decoder", False):
        return
    for parent in model.modules():
        for names in SAME_INPUT:
            layers = [getattr(parent, name, None) for name in names]
            if all(isinstance(layer, LoraLayer) and _is_plain(layer) and _has_frozen_base(layer) for layer in layers):
                yield _Group(layers)


def _has_frozen_base(layer: Any) -> bool:
    """A linear layer that is not quantized, does not learn, and is watched by nobody."""
    base = layer.base_layer
    hooks = (base._forward_hooks, base._forward_pre_hooks, base._backward_hooks, base._backward_pre_hooks)
    is_own = type(base) is nn.Linear and "forward" not in vars(base) and not any(hooks)
    return is_own and not any(parameter.requires_grad for parameter in base.parameters())


class _Group:
    """Layers that read one input. The first computes for all, and leaves the others their part."""

    def __init__(self, layers: list[Any]) -> None:
        self.layers = layers
        self.x: Tensor | None = None
        self.left: dict[int, Tensor] = {}

    def take(self, layer: Any, x: Tensor) -> Tensor:
        if self.x is x and id(layer) in self.left:
            return self.left.pop(id(layer))
        layers = self.layers if layer is self.layers[0] and all(map(_is_on, self.layers)) else [layer]
        first, *others = _adapted(layers, x)
        self.x, self.left = x, dict(zip(map(id, layers[1:]), others, strict=True))
        return first


def _forward(layer: Any, group: _Group, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if not _is_on(layer) or args or kwargs:
        result: Tensor = type(layer).forward(layer, x, *args, **kwargs)
        return result
    if _has_frozen_base(layer):
        return group.take(layer, x)
    result = _AddLowRank.apply(layer.base_layer(x), x, *_factors(layer))  # type: ignore[no-untyped-call]
    return result


def _is_on(layer: Any) -> bool:
    return not (layer.disable_adapters or layer.merged)


def _factors(layer: Any) -> tuple[Tensor, Tensor, float]:
    (name,) = layer.lora_A
    return layer.lora_A[name].weight, layer.lora_B[name].weight, layer.scaling[name]


def _adapted(layers: list[Any], x: Tensor) -> tuple[Tensor, ...]:
    a, b, scalings = zip(*map(_factors, layers), strict=True)
    weights = [layer.base_layer.weight for layer in layers]
    biases = [layer.base_layer.bias for layer in layers]
    result: tuple[Tensor, ...] = _Adapted.apply(x, weights, biases, scalings, *a, *b)  # type: ignore[no-untyped-call]
    return result


class _Adapted(torch.autograd.Function):
    """`x Wᵀ + bias + scaling · x Aᵀ Bᵀ` of each layer, whose W and bias do not learn."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weights: list[Tensor],
        biases: list[Tensor | None],
        scalings: tuple[float, ...],
        *factors: Tensor,
    ) -> Any:
        a, b = factors[: len(weights)], factors[len(weights) :]
        low_a = torch.cat([part.to(x.dtype) for part in a])
        low_b = [(scaling * part).T.to(x.dtype).contiguous() for scaling, part in zip(scalings, b, strict=True)]
        rows = x.reshape(-1, x.shape[-1])
        inner = rows @ low_a.T
        ctx.save_for_backward(rows, inner, low_a, *low_b, *weights)
        ctx.scalings, ctx.ranks, ctx.dtypes = scalings, [len(part) for part in a], [part.dtype for part in factors]
        outputs = []
        for weight, bias, low, part in zip(weights, biases, low_b, inner.split(ctx.ranks, dim=1), strict=True):
            outputs.append(F.linear(rows, weight, bias).addmm_(part, low).view(*x.shape[:-1], -1))
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        rows, inner, low_a, *others = ctx.saved_tensors
        low_b, weights = others[: len(gradients)], others[len(gradients) :]
        outs = [gradient.reshape(-1, gradient.shape[-1]) for gradient in gradients]
        of_inner = torch.cat([out @ low.T for out, low in zip(outs, low_b, strict=True)], dim=1)
        of_a = (of_inner.T @ rows).split(ctx.ranks)
        inners = inner.split(ctx.ranks, dim=1)
        # Not out.T @ part: where the narrow side comes last, the products take up to seven times as long.
        of_b = [(part.T @ out).T for out, part in zip(outs, inners, strict=True)]
        found = [part.to(dtype) for part, dtype in zip((*of_a, *of_b), ctx.dtypes, strict=True)]
        for part, scaling in zip(found[len(outs) :], ctx.scalings, strict=True):
            part.mul_(scaling)
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = of_inner @ low_a
            for out, weight in zip(outs, weights, strict=True):
                of_x.addmm_(out, weight)
            of_x = of_x.view(*gradients[0].shape[:-1], -1)
        return of_x, None, None, None, *found


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
        gradient_b = (inner.T @ out).T.to(ctx.dtypes[1]) * ctx.scaling
        gradient_x = (inner_gradient @ low_a).view(*gradient.shape[:-1], -1) if ctx.needs_input_grad[1] else None
        return gradient, gradient_x, gradient_a, gradient_b, None

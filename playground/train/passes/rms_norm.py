"""RMSNorm that keeps its input and one number a token: the library's values, and its gradients in few operations.

The library's forward pass is the one computed here. Automatic differentiation keeps three more tensors of it, two of
them in float32, and goes back through each of its operations. The weight is part of a frozen base: it gets no gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

from playground.train.passes.device import on_a_processor

# Classes of transformers.models whose forward pass is Llama's.
KNOWN = {"LlamaRMSNorm", "MistralRMSNorm", "Qwen2RMSNorm", "Qwen3RMSNorm", "Phi3RMSNorm", "SmolLM3RMSNorm"}


@contextmanager
def short_rms_norm(model: nn.Module) -> Iterator[None]:
    """Inside the block, frozen norms of the known classes, on a processor, compute as said above."""
    norms = [part for part in model.modules() if type(part).__name__ in KNOWN and _is_plain(part)]
    for norm in norms:
        norm.forward = MethodType(_forward, norm)
    try:
        yield
    finally:
        for norm in norms:
            del norm.forward


def _is_plain(norm: Any) -> bool:
    """Frozen, on a processor, and with a `forward` that is the class's and the class transformers'."""
    return (
        type(norm).__module__.startswith("transformers.models.")
        and "forward" not in vars(norm)
        and not norm.weight.requires_grad
        and on_a_processor(norm.weight.device)
    )


def _forward(norm: Any, x: Tensor) -> Tensor:
    if x.dtype != norm.weight.dtype or not (torch.is_grad_enabled() and x.requires_grad):
        result: Tensor = type(norm).forward(norm, x)
        return result
    result = _RMSNorm.apply(x, norm.weight, norm.variance_epsilon)  # type: ignore[no-untyped-call]
    return result


class _RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
        ctx.save_for_backward(x, weight, scale)
        return weight * (wide * scale).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        # Of y = x̂ · weight, where x̂ = x · scale: the part of the gradient along x̂ is lost, as its length is fixed.
        x, weight, scale = ctx.saved_tensors
        of_unit = gradients[0].float() * weight.float()
        unit = x.float() * scale
        along = torch.linalg.vecdot(of_unit, unit)[..., None] / x.shape[-1]
        return of_unit.addcmul_(unit, along, value=-1).mul_(scale).to(x.dtype), None, None

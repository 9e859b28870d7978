"""Attention on short rows as plain products: the library's numbers, in half of its time on a processor.

PyTorch's kernel for processors divides rows of some hundred tokens into pieces that are too small for the cores, in
forward and backward pass. Here each is a few products over all rows and heads at once. Heads that share their keys and
values share them in the product, so nothing is repeated. The scores are float32, whatever the base's type; their
probabilities are kept for the backward pass in that type. They grow with the square of a row's length, so rows of more
than `LONGEST` tokens are left to the library, as is whatever else this file does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from playground.model.layers import attention
from playground.train.passes.device import on_a_processor

NAME = "products_on_short_rows"
LONGEST = {torch.bfloat16: 512, torch.float32: 192}  # tokens; the library keeps about as much of such rows
SCORES_AT_ONCE = 2**19  # two megabytes in float32
UNKNOWN = ("position_bias", "softcap", "s_aux", "cache", "output_attentions")


@contextmanager
def short_attention(model: nn.Module) -> Iterator[None]:
    """Inside the block, a model on a processor that would use PyTorch's attention computes as said above."""
    known = on_a_processor(next(model.parameters()).device)
    configs: dict[int, Any] = {
        id(part.config): part.config for part in model.modules() if known and hasattr(part, "config")
    }
    changed: list[tuple[Any, str]] = []
    for config in configs.values():
        name = getattr(config, "_attn_implementation_internal", None)
        if name in ("sdpa", attention.NAME):
            changed.append((config, name))
            config._attn_implementation_internal = NAME
    try:
        yield
    finally:
        for config, name in changed:
            config._attn_implementation_internal = name


def _attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **options: Any
) -> tuple[Tensor, Any]:
    if not _is_known(module, query, key, mask, options):
        of_library = attention.attend if query.dtype in LONGEST else sdpa_attention_forward
        return of_library(module, query, key, value, mask, **options)
    if mask is None and _is_causal(module, options):
        mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device).tril()[None, None]
    scaling = options.get("scaling")
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    output: Tensor = _Attend.apply(query, key, value, mask, scaling)  # type: ignore[no-untyped-call]
    return output.transpose(1, 2).contiguous(), None


def _is_known(module: Any, query: Tensor, key: Tensor, mask: Tensor | None, options: dict[str, Any]) -> bool:
    """Plain attention that learns; a layer with a `forward` of its own was changed by somebody else."""
    return (
        "forward" not in vars(module)
        and torch.is_grad_enabled()
        and query.requires_grad
        and not options.get("dropout")
        and not any(options.get(name) is not None and options[name] is not False for name in UNKNOWN)
        and (mask is None or mask.dtype == torch.bool)
        and (mask is not None or not _is_causal(module, options) or query.shape[2] == key.shape[2])
        and key.shape[2] <= LONGEST.get(query.dtype, 0)
        and query.dtype == key.dtype
    )


def _is_causal(module: Any, options: dict[str, Any]) -> bool:
    asked = options.get("is_causal")
    return bool(getattr(module, "is_causal", True) if asked is None else asked)


class _Attend(torch.autograd.Function):
    """query: [rows, heads, tokens, width]; key and value: [rows, heads or a part of them, keys, width]."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float) -> Tensor:
        rows, shared, keys, _ = key.shape
        bias = None
        if mask is not None:
            low = torch.finfo(torch.float32).min
            bias = torch.zeros_like(mask, dtype=torch.float32).masked_fill_(~mask, low).expand(rows, -1, -1, -1)
        # Queries of all heads that share a key, one after another: one product for them.
        q, k, v = (_joined(part, rows * shared) for part in (query, key, value))
        probabilities = q.new_empty(*q.shape[:-1], keys)
        output = q.new_empty(*q.shape[:-1], v.shape[-1])
        for part, some in _parts(probabilities, rows):
            scores = torch.bmm(q[part].float() * scaling, k[part].float().transpose(1, 2))
            if bias is not None:
                scores.view(some.stop - some.start, -1, query.shape[2], keys).add_(bias[some])
            probabilities[part] = torch.softmax(scores, dim=-1)
            torch.bmm(probabilities[part], v[part], out=output[part])
        ctx.save_for_backward(q, k, v, probabilities)
        ctx.scaling, ctx.shapes = scaling, (query.shape, key.shape, value.shape)
        return output.view(*query.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        q, k, v, probabilities = ctx.saved_tensors
        out = _joined(gradients[0], len(q))
        of_queries, of_keys, of_values = found = [torch.empty_like(part) for part in (q, k, v)]
        for part, _ in _parts(probabilities, len(gradients[0])):
            chances = probabilities[part]
            torch.bmm(chances.transpose(1, 2), out[part], out=of_values[part])
            of_chances = torch.bmm(out[part], v[part].transpose(1, 2))
            of_scores = torch._softmax_backward_data(of_chances, chances, -1, chances.dtype)
            torch.bmm(of_scores, k[part], out=of_queries[part])
            torch.bmm(of_scores.transpose(1, 2), q[part], out=of_keys[part])
        of_queries.mul_(ctx.scaling)
        of_keys.mul_(ctx.scaling)
        return *(part.view(shape) for part, shape in zip(found, ctx.shapes, strict=True)), None, None


def _parts(scores: Tensor, rows: int) -> Iterator[tuple[slice, slice]]:
    """Pieces of the first dimension whose scores stay in the cache, and the rows of the batch that they belong to."""
    at_once = max(1, SCORES_AT_ONCE * rows // scores.numel())
    heads = len(scores) // rows
    for start in range(0, rows, at_once):
        stop = min(start + at_once, rows)
        yield slice(start * heads, stop * heads), slice(start, stop)


def _joined(part: Tensor, count: int) -> Tensor:
    return part.reshape(count, -1, part.shape[-1])


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, sdpa_mask)

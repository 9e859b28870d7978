"""Attention that learns in float32 on processors, whatever the base's dtype."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "sdpa_learning_in_float32"


def learn_in_float32(model: Any) -> None:
    """For a bfloat16 model on a processor: compute attention in float32 where a backward pass follows.

    PyTorch's backward pass of attention takes three times as long in bfloat16 there, and rounds its sums besides.
    """
    if model.dtype == torch.bfloat16 and model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(NAME)


def attend(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, **options: Any
) -> Any:
    """PyTorch's attention, in float32 where a backward pass follows."""
    # A layer with a `forward` of its own was changed by somebody else, and is left as they want it.
    if "forward" in vars(module) or not (torch.is_grad_enabled() and query.requires_grad):
        return sdpa_attention_forward(module, query, key, value, mask, **options)
    if mask is not None and mask.dtype != torch.bool:
        mask = mask.float()
    if options.get("position_bias") is not None:  # T5's, which becomes part of the mask
        options["position_bias"] = options["position_bias"].float()
    output, weights = sdpa_attention_forward(module, query.float(), key.float(), value.float(), mask, **options)
    return output.to(query.dtype), weights


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)

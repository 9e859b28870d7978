"""BOFT's rotation of the input block by block, where PEFT multiplies by a matrix that is zero outside its blocks.

Of the butterfly's permutations there are none where PEFT has not compiled its extension for CUDA; with them, a layer
stays PEFT's.
"""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.boft.layer import Linear
from torch import Tensor, nn

from playground.train.passes.methods.form import Form


def _is_known(layer: Any, name: str) -> bool:
    without_dropout = isinstance(layer.boft_dropout[name], nn.Identity)
    return without_dropout and len(layer.boft_R[name]) == 1 and not layer.is_target_conv_1d_layer


def _build(layer: Any, name: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """The blocks' rotations and the outputs' scales."""
    return layer.cayley_batch(layer.boft_R[name][0]).to(dtype), layer.boft_s[name].squeeze(-1)


def _forward(layer: Any, x: Tensor, built: tuple[Tensor, Tensor]) -> Tensor:
    rotations, scales = built
    blocks = x.reshape(-1, *rotations.shape[:2]).transpose(0, 1)
    rotated = torch.bmm(blocks, rotations).transpose(0, 1).reshape(x.shape)
    result, bias = layer.base_layer(rotated), layer.base_layer.bias
    scaled: Tensor = result * scales if bias is None else (result - bias) * scales + bias
    return scaled.to(x.dtype)


FORM = Form(Linear, _build, _forward, _is_known)

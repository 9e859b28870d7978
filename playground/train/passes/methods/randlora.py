"""RandLoRA's two products in the base's type, its scaled bases built once."""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.randlora.layer import Linear
from torch import Tensor, nn

from playground.train.passes.methods.form import Form, with_factors


def _is_known(layer: Any, name: str) -> bool:
    return isinstance(layer.randlora_dropout[name], nn.Identity) and not layer.is_target_conv_1d_layer


def _build(layer: Any, name: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    a, b = layer.get_scaled_bases(name, device=layer.randlora_lambda[name].device)
    # The scaling goes where the trained numbers are: the other side is a constant, and its change of type cheap.
    if a.requires_grad:
        return (a * layer.scaling[name]).to(dtype), b.to(dtype)
    return a.to(dtype), (b * layer.scaling[name]).to(dtype)


FORM = Form(Linear, _build, with_factors, _is_known)

"""Methods whose change of the weights has no cheaper form: it is built once, and multiplied in the base's type."""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.hira.layer import Linear as HiraLinear
from peft.tuners.peanut.layer import Linear as PeanutLinear
from peft.tuners.waveft.layer import WaveFTLinear
from torch import Tensor, nn

from playground.train.passes.methods.form import Form, with_product


def _is_known_hira(layer: Any, name: str) -> bool:
    return isinstance(layer.hira_dropout[name], nn.Identity) and not layer.fan_in_fan_out


def _build(layer: Any, name: str, dtype: torch.dtype) -> Tensor:
    change: Tensor = layer.get_delta_weight(name)
    return change.to(dtype)


def _build_hira(layer: Any, name: str, dtype: torch.dtype) -> Tensor:
    change: Tensor = layer.base_layer.weight * (layer.hira_B[name] @ layer.hira_A[name])
    return change.to(dtype)


FORMS = (
    Form(WaveFTLinear, _build, with_product),
    Form(PeanutLinear, _build, with_product),
    Form(HiraLinear, _build_hira, with_product, _is_known_hira),
)

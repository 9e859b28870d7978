"""OSF's two products in the base's type, which its change of the weights bears where it is written as differences.

PEFT computes U S V - U₀ S₀ V₀ in float32: rounded to bfloat16, the two would differ by more than what was learned.
(U S - U₀ S₀) V + U₀ S₀ (V - V₀) is the same, and both of its differences are small numbers of their own.
"""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.osf.layer import Linear
from torch import Tensor

from playground.train.passes.methods.form import Form, with_factors


def _build(layer: Any, name: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    learned = layer.osf_svd_params[name]
    first = layer._osf_U_low_init[name] * layer._osf_S_low_init[name]
    a = torch.cat([learned["V_low"], learned["V_low"] - layer._osf_V_low_init[name]])
    b = torch.cat([learned["U_low"] * learned["S_low"] - first, first], dim=1)
    return a.to(dtype), b.to(dtype)


FORM = Form(Linear, _build, with_factors)

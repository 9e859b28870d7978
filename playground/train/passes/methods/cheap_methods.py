"""The methods whose layers PEFT computes at several times LoRA's price, in a cheaper form each.

PEFT builds a matrix as large as the weights for every call of a layer, in float32 also where the base is bfloat16, and
a step of ours calls each layer twice (with the tokens that all rows share, and with the rest). The forms, a file each,
build what they need once for a forward pass, and multiply in the base's type, as automatic mixed precision does. In
float32 they give PEFT's numbers but for the last digits; in bfloat16 each side rounds at other places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from playground.train.passes.methods import boft, built, fourierft, hra, loha, lokr, osf, randlora
from playground.train.passes.methods.form import Form

_ALL = (boft.FORM, *built.FORMS, fourierft.FORM, hra.FORM, loha.FORM, lokr.FORM, osf.FORM, randlora.FORM)
FORMS: dict[type, Form] = {form.kind: form for form in _ALL}


@contextmanager
def cheap_methods(model: nn.Module) -> Iterator[None]:
    """Inside the block, for one forward pass, the layers that `FORMS` knows compute as said above; others do not.

    Nor does a layer to whose instance somebody else has given a `forward`: a hook of another library stays in force.
    """
    layers: list[Any] = [layer for layer in model.modules() if type(layer) in FORMS and _is_known(layer)]
    built_before: dict[Any, Any] = {}
    for layer in layers:
        layer.forward = partial(_forward, built_before, layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_known(layer: Any) -> bool:
    """One active adapter on a linear layer with weights of its own, and a `forward` that is the class's."""
    if "forward" in vars(layer) or type(layer.base_layer) is not nn.Linear or len(layer.active_adapters) != 1:
        return False
    (name,) = layer.active_adapters
    has_it = any(name in getattr(layer, part) for part in layer.adapter_layer_names)
    casts_input = getattr(layer, "cast_input_dtype_enabled", True)
    return has_it and casts_input and FORMS[type(layer)].is_known(layer, name)


def _forward(built_before: dict[Any, Any], layer: Any, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    if layer.disable_adapters or layer.merged or args or kwargs:
        result: Tensor = type(layer).forward(layer, x, *args, **kwargs)
        return result
    form = FORMS[type(layer)]
    (name,) = layer.active_adapters
    key = layer, x.dtype, torch.is_grad_enabled()
    if key not in built_before:
        built_before[key] = form.build(layer, name, x.dtype)
    return form.forward(layer, x, built_before[key])

"""FourierFT by half a transform: of a real spectrum PEFT keeps the real part, and that is a real transform's."""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.fourierft.layer import FourierFTLinear
from torch import Tensor

from playground.train.passes.methods.form import Form, with_product


def _build(layer: Any, name: str, dtype: torch.dtype) -> Tensor:
    spectrum = layer.fourierft_spectrum[name]
    height, width = layer.out_features, layer.in_features
    rows, columns = layer.indices[name].to(spectrum.device)
    # Half of each coefficient in its own place and half in the mirrored one: the transform of that is the real part.
    # A real transform is given the left half of the spectrum; two columns are their own mirror, the others imply it.
    is_right = columns > width // 2
    rows, columns = torch.where(is_right, -rows % height, rows), torch.where(is_right, width - columns, columns)
    halves = spectrum.float() / 2
    mirrored = torch.where((columns == 0) | (2 * columns == width), halves, 0)
    places = torch.cat([rows, -rows % height]), torch.cat([columns, columns])
    half = torch.zeros(height, width // 2 + 1, device=spectrum.device)
    half = half.index_put(places, torch.cat([halves, mirrored]), accumulate=True)
    change = torch.fft.irfft2(half.to(torch.complex64), s=(height, width)) * layer.fourierft_scaling[name]
    return change.to(dtype)


FORM = Form(FourierFTLinear, _build, with_product)

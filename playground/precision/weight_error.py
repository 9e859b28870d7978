"""What quantization does to each weight matrix: its bytes, and how far it is from the matrix in the model's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit, int8_vectorwise_dequant
from safetensors import safe_open

from playground.train.weight_change import layer_of

# Errors are counted in units of the matrix's own spread (root mean square), so that layers can be compared.
LARGEST_ERROR = 0.4
BINS = 41  # odd: the middle one holds the weights that hardly moved


@dataclass(frozen=True)
class ModuleError:
    """`relative` is ‖Ŵ − W‖ / ‖W‖ (Frobenius); `layer` is empty for what belongs to none, such as embeddings."""

    name: str
    layer: str
    relative: float


@dataclass(frozen=True)
class LayerError:
    """All matrices of a layer together; `counts[i]` weights have an error in bin i of `bin_centres`."""

    layer: str
    relative: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class WeightErrors:
    """`not_compared` matrices have no counterpart of that name and shape in the model's files."""

    modules: tuple[ModuleError, ...]
    layers: tuple[LayerError, ...]
    not_compared: int


class FileWeights:
    """A model's own matrices in float32, one at a time: two copies of a model never lie in memory."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, Path] = {}
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="pt") as file:
                self._files |= dict.fromkeys(file.keys(), path)

    def warm(self) -> None:
        """Read the files once, so that no model that is loaded next waits for the disk longer than another."""
        for path in set(self._files.values()):
            with path.open("rb") as file:
                while file.read(2**24):
                    pass

    def get(self, *names: str) -> torch.Tensor | None:
        """The first of `names` that a file has, as float32; None where none has."""
        for name in names:
            if name in self._files:
                with safe_open(self._files[name], framework="pt") as file:
                    tensor: torch.Tensor = file.get_tensor(name)
                return tensor.float()
        return None


def bin_centres() -> list[float]:
    """The middle of each histogram bin, in root mean squares of the matrix; the outer bins hold all larger errors."""
    width = 2 * LARGEST_ERROR / BINS
    return [-LARGEST_ERROR + (place + 0.5) * width for place in range(BINS)]


def weight_bytes(model: torch.nn.Module) -> int:
    """Bytes of all parameters and of what bitsandbytes keeps to read them; what is shared counts once."""
    found: dict[int, int] = {}
    for parameter in model.parameters():
        for tensor in (parameter, *_quantization_tensors(parameter)):
            found[tensor.data_ptr()] = tensor.numel() * tensor.element_size()
    return sum(found.values())


def _quantization_tensors(parameter: Any) -> Iterator[torch.Tensor]:
    """Scales, code tables and offsets. Only before a first forward pass, which moves them elsewhere."""
    state = getattr(parameter, "quant_state", None)
    while state is not None:
        yield from (tensor for tensor in (state.absmax, state.code, state.offset) if tensor is not None)
        state = state.state2
    scale = getattr(parameter, "SCB", None)
    if scale is not None:
        yield scale


def dequantized(weight: Any) -> torch.Tensor:
    """The matrix as the model computes with it, in float32."""
    if getattr(weight, "quant_state", None) is not None:
        return dequantize_4bit(weight.data, weight.quant_state).float()
    if getattr(weight, "SCB", None) is not None:
        return int8_vectorwise_dequant(weight.data, weight.SCB).float()
    return weight.detach().float()


@torch.no_grad()
def weight_errors(model: Any, files: FileWeights) -> WeightErrors:
    """Every weight matrix of a freshly loaded `model` against its files, in the model's order."""
    modules: list[ModuleError] = []
    sums: dict[str, list[torch.Tensor]] = {}  # by layer: squared errors, squared weights, counts
    skipped, seen = 0, set()
    for name, module in model.named_modules():
        weight = getattr(module, "weight", None)
        if not isinstance(weight, torch.nn.Parameter) or weight.ndim < 2 or weight.data_ptr() in seen:
            continue
        seen.add(weight.data_ptr())
        found = dequantized(weight).cpu()
        original = _original(name, module, model.base_model_prefix, files)
        if original is None or original.shape != found.shape:
            skipped += 1
            continue
        error, counts = found - original, _histogram(found - original, original)
        squares = [error.square().sum(dtype=torch.float64), original.square().sum(dtype=torch.float64), counts]
        layer = layer_of(name)
        modules.append(ModuleError(name, layer, _ratio(squares[0], squares[1])))
        sums[layer] = [a + b for a, b in zip(sums[layer], squares, strict=True)] if layer in sums else squares
    layers = [LayerError(layer, _ratio(*both), tuple(counts.tolist())) for layer, (*both, counts) in sums.items()]
    return WeightErrors(tuple(modules), tuple(layers), skipped)


def _original(name: str, module: Any, prefix: str, files: FileWeights) -> torch.Tensor | None:
    """A file may name the matrix with or without the model's own prefix; GPT-2's layers store it transposed."""
    full = f"{name}.weight"
    tensor = files.get(full, full.removeprefix(f"{prefix}."), f"{prefix}.{full}")
    was_conv1d = getattr(module, "source_cls", type(None)).__name__ == "Conv1D"
    return tensor.T if tensor is not None and was_conv1d else tensor


def _histogram(error: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    spread = original.square().mean().sqrt().clamp(min=torch.finfo(torch.float32).tiny)
    places = ((error / spread + LARGEST_ERROR) / (2 * LARGEST_ERROR) * BINS).floor()
    return torch.bincount(places.clamp(0, BINS - 1).long().flatten(), minlength=BINS)


def _ratio(error: torch.Tensor, original: torch.Tensor) -> float:
    return float((error / original).sqrt()) if float(original) else 0.0

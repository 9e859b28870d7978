"""ΔW: what an adapter changes in each weight of its base. The base is the same to the last bit afterwards.

LoRA's change is a product of two thin matrices, B · A, and is left as one: most questions about it have cheap answers.
For every other method that PEFT can merge it is the merged weight less the base's, one layer at a time, each on a copy
in float32 (in bfloat16 the sum would round most of a small change away). Virtual tokens and layers beside the base's
own change no weight.

Of several adapters one is looked at. A tied weight (embedding and head) is looked at once for each layer that has an
adapter of its own, and once where both share what was trained.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils.integrations import dequantize_module_weight

from playground.errors import ModelError, reason_of
from playground.model.adapt import LIBRARY_ERRORS
from playground.model.virtual_tokens import inner_model
from playground.texts import Text

LAYER = re.compile(r"^(?:.*?\.)??((?:encoder|decoder)\.)?(?:layers?|layer_module|h|block|blocks)\.(\d+)\.")
NOT_MERGED = Text(
    "What this adapter changes in {layer} cannot be told ({reason}). Choose a run of a method that can be merged, such"
    " as LoRA.",
    "Não dá para dizer o que este adaptador muda em {layer} ({reason}). Escolha uma execução de um método que possa ser"
    " mesclado, como LoRA.",
)


@dataclass(frozen=True)
class AdaptedLayer:
    """A layer of the base that an adapter stands around. `name` is the base's: model.layers.3.self_attn.q_proj."""

    name: str
    adapter: str
    tuner: Any  # PEFT's layer

    @property
    def layer(self) -> str:
        """As `layer_of` has it."""
        return layer_of(self.name)

    @property
    def module(self) -> str:
        """What it is called in its layer: self_attn.q_proj; outside of the layers without its path."""
        found = LAYER.match(self.name)
        return self.name[found.end() :] if found else self.name.rpartition(".")[2]

    def factors(self) -> tuple[torch.Tensor, torch.Tensor] | None:
        """A [rank, inputs] and B [outputs, rank] in float32, scaled so that B · A is the change; None where it is not.

        A layer that keeps its weight the other way round (GPT-2's Conv1D, an embedding) is changed by (B · A)ᵀ.
        """
        found = self._product()
        if found is None:
            return None
        a, e, b, scale = found
        return (a if e is None else a * e).detach().float(), b.detach().float() * scale

    @contextmanager
    def replaced(self, a: torch.Tensor, b: torch.Tensor) -> Iterator[None]:
        """Other factors, as `factors` has them, in place of the adapter's own for the length of the block."""
        found = self._product()
        assert found is not None, "the change is no product"
        own_a, own_e, own_b, scale = found
        others = [(own_a, a), (own_b, b / scale)] + ([] if own_e is None else [(own_e, torch.ones_like(own_e))])
        before = [parameter.data for parameter, _ in others]
        try:
            for parameter, other in others:
                parameter.data = other.to(parameter.dtype)
            yield
        finally:
            for (parameter, _), data in zip(others, before, strict=True):
                parameter.data = data

    def _product(self) -> tuple[Any, Any, Any, Any] | None:
        """A, AdaLoRA's singular values or None, B, and by what the product is multiplied."""
        tuner, adapter = self.tuner, self.adapter
        if not isinstance(self.tuner, LoraLayer) or adapter in tuner.lora_variant:  # such as DoRA, which is no product
            return None
        scale = tuner.scaling[adapter]
        if adapter in getattr(tuner, "lora_E", {}):
            e, scale = tuner.lora_E[adapter], scale / (tuner.ranknum[adapter] + 1e-5)
            return tuner.lora_A[adapter], e, tuner.lora_B[adapter], scale
        if adapter in tuner.lora_A:
            return tuner.lora_A[adapter].weight, None, tuner.lora_B[adapter].weight, scale
        return tuner.lora_embedding_A[adapter], None, tuner.lora_embedding_B[adapter], scale

    @property
    def rank(self) -> int | None:
        """Of a product; of AdaLoRA's, the singular values that are still in use. None for every other change."""
        found = self._product()
        if found is None:
            return None
        a, e, _, _ = found
        return len(a) if e is None else int((e != 0).sum())

    @torch.no_grad()
    def changes(self) -> dict[str, torch.Tensor]:
        """ΔW in float32 by parameter ("weight", "bias"), each of its shape; none that the method leaves alone.

        Raises ModelError where PEFT cannot merge the layer.
        """
        factors = self.factors()
        if factors is not None:
            return self.in_place(*factors)
        is_quantized = not self.tuner.get_base_layer().weight.is_floating_point()
        try:
            return self._merged_quantized() if is_quantized else self._merged()
        except LIBRARY_ERRORS as error:
            raise ModelError(NOT_MERGED, layer=self.name, reason=reason_of(error)) from error

    def in_place(self, a: torch.Tensor, b: torch.Tensor) -> dict[str, torch.Tensor]:
        """B · A, multiplied out, as a change of the layer's weight."""
        is_turned = self.tuner.fan_in_fan_out or self.adapter in getattr(self.tuner, "lora_embedding_A", {})
        product = b @ a
        return {"weight": product.T if is_turned else product}

    def _merged(self) -> dict[str, torch.Tensor]:
        """PEFT merges in place: into copies, after which each parameter has its own numbers back."""
        base = self.tuner.get_base_layer()
        own = {name: parameter.data for name, parameter in base.named_parameters(recurse=False)}
        try:
            for name, parameter in base.named_parameters(recurse=False):
                parameter.data = own[name].to(torch.float32, copy=True)
            self.tuner.merge(adapter_names=[self.adapter])
            merged = dict(self.tuner.get_base_layer().named_parameters(recurse=False))
            changes = {name: merged[name].detach().float() - own[name].float() for name in own}
        finally:
            if self.tuner.get_base_layer() is not base:  # trained copies take the place of the base's layer
                self.tuner.unmerge()
            self.tuner.merged_adapters.clear()
            for name, parameter in base.named_parameters(recurse=False):
                parameter.data = own[name]
        return {name: change for name, change in changes.items() if change.any()}

    def _merged_quantized(self) -> dict[str, torch.Tensor]:
        """Against the weight as the model computes with it. Merging for good would round once more."""
        variant = getattr(self.tuner, "lora_variant", {}).get(self.adapter)
        if variant is None:
            raise ValueError("the base is quantized")
        weight = dequantize_module_weight(self.tuner.get_base_layer()).detach().float()
        return {"weight": variant.merge_safe(self.tuner, self.adapter, weight.clone()).float() - weight}

    @torch.no_grad()
    def norms(self) -> tuple[float, float]:
        """‖ΔW‖ and ‖W‖ (Frobenius), both over the parameters that the adapter changes. Raises ModelError."""
        factors = self.factors()
        if factors is not None:
            return product_norm(*factors), self._own_norms["weight"]
        changes = self.changes()
        own = [self._own_norms[name] for name in changes or ("weight",)]
        return math.hypot(*(float(torch.linalg.vector_norm(change)) for change in changes.values())), math.hypot(*own)

    @cached_property
    def _own_norms(self) -> dict[str, float]:
        """Of the base's parameters, which no training changes."""
        base = self.tuner.get_base_layer()
        own = {**dict(base.named_parameters(recurse=False)), "weight": dequantize_module_weight(base)}
        return {name: float(torch.linalg.vector_norm(weight.float())) for name, weight in own.items()}


def product_norm(a: torch.Tensor, b: torch.Tensor) -> float:
    """‖B · A‖ without multiplying it out: its square is tr((BᵀB)(AAᵀ)).

    In float64: a change that began as the difference of two products (PiSSA) nearly cancels.
    """
    a, b = a.double(), b.double()
    return math.sqrt(max(float(((b.T @ b) * (a @ a.T)).sum()), 0.0))


def adapted_layers(model: Any, adapter: str = "default") -> list[AdaptedLayer]:
    """In the base's order; none for a method that changes no weight."""
    found, copies = [], set()
    for name, module in inner_model(model).named_modules():
        if not isinstance(module, BaseTunerLayer) or getattr(module, "tied_adapter", None):
            continue
        if not any(adapter in getattr(module, held) for held in module.adapter_layer_names):
            continue
        trained = getattr(module, "ln_tuning_layers", None)  # copies of whole layers, which tied weights share
        if trained is not None:
            if (shared := trained[adapter].weight.data_ptr()) in copies:
                continue
            copies.add(shared)
        found.append(AdaptedLayer(name, adapter, module))
    return found


def layer_of(name: str) -> str:
    """Of model.layers.3.mlp.up_proj "3", of model.decoder.layers.0.fc1 "decoder 0"; empty outside of the layers."""
    found = LAYER.match(f"{name}.")
    return "".join((found.group(1) or "").replace(".", " ") + found.group(2)) if found else ""

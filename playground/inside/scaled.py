"""An adapter turned up, down and cut, in memory, for the length of a block; afterwards all is as it was, bit by bit.

A LoRA layer adds `scaling · B A`, so its knobs are a change of B alone: a gain multiplies it, and a cut to rank k is
its projection on the first k left singular vectors of `B A`, which makes the product the truncated decomposition.
PEFT's `set_scale` is never used: it has been wrong with rsLoRA.

For every other method that PEFT can merge, base + gain · ΔW is put into the base's own weights, the adapter switched
off. What stood there was copied before, and is copied back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from peft import PeftModel
from peft.utils.other import AuxiliaryTrainingWrapper

from playground.errors import ModelError
from playground.inside.control import controlled
from playground.inside.groups import groups_of, in_order, thirds_of
from playground.inside.knobs import Setting, check_against
from playground.model.load import BaseModel
from playground.model.virtual_tokens import carried_by, inner_model
from playground.texts import Text
from playground.train.weight_change import AdaptedLayer, adapted_layers

Saved = list[tuple[torch.Tensor, torch.Tensor]]

IS_PROMPT = Text(
    "{method} changes no weight: it puts virtual tokens before the text, and half of a token means nothing. So it has"
    " no strength and no rank. Look at its virtual tokens instead, in the Inside tab.",
    "{method} não muda nenhum peso: põe tokens virtuais antes do texto, e meio token não significa nada. Por isso não"
    " tem força nem posto. Veja os tokens virtuais dele, na aba Por dentro.",
)
CANNOT_SCALE = Text(
    "{method} cannot be scaled: it does not change the base's weights, but stands beside them. Compare shows what it"
    " does to answers.",
    "{method} não pode ser escalado: não muda os pesos da base, fica ao lado deles. A aba Comparar mostra o que ele faz"
    " com as respostas.",
)
WHOLE_LAYERS = Text(
    "This adapter also trained whole layers or tokens beside {method} (modules_to_save), which no knob scales."
    " Compare shows what it does to answers.",
    "Este adaptador também treinou camadas ou tokens inteiros ao lado de {method} (modules_to_save), que nenhum"
    " controle escala. A aba Comparar mostra o que ele faz com as respostas.",
)
ON_QUANTIZED = Text(
    "{method} is scaled through the base's weights, and here they are quantized. On such a base only plain LoRA can"
    " be scaled.",
    "{method} é escalado por meio dos pesos da base, que aqui estão quantizados. Numa base assim, só a LoRA simples"
    " pode ser escalada.",
)
JUMPS = Text(
    "{method} is not a plain product of two factors, so the strength here multiplies what it changes in the weights: 0"
    " is the base and 1 the adapter. Its own scale would not do that: it can jump at 0.",
    "{method} não é um simples produto de dois fatores, então a força aqui multiplica o que ele muda nos pesos: 0 é a"
    " base e 1 o adaptador. A escala do próprio método não faria isso: pode dar um salto em 0.",
)


@dataclass
class FactorPart:
    """A layer whose change is a product of two thin factors. `put` is followed by `take_back`."""

    layer: AdaptedLayer
    groups: tuple[str, ...]
    saved: Saved = field(default_factory=list)

    @cached_property
    def rank(self) -> int:
        a, b = self.factors()
        return min(len(a), b.shape[0], a.shape[1])

    def factors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """A [rank, inputs] and B [outputs, rank], as they are now, multiplied out to the change."""
        found = self.layer.factors()
        assert found is not None
        return found[0].flatten(1), found[1].flatten(1)

    def _held_b(self) -> Any:
        """PEFT's layer around B; of AdaLoRA and of an embedding the parameter itself."""
        tuner, adapter = self.layer.tuner, self.layer.adapter
        of_embedding = tuner.lora_embedding_B
        return of_embedding[adapter] if adapter in of_embedding else tuner.lora_B[adapter]

    def put(self, gain: float, rank: int | None) -> None:
        held = self._held_b()
        b: torch.Tensor = getattr(held, "weight", held)
        bias = getattr(held, "bias", None)
        changed = [b] if bias is None else [b, bias]
        self.saved = [(tensor, tensor.detach().clone()) for tensor in changed]
        if rank is not None and rank < self.rank:
            left = left_vectors(*self.factors())[:, :rank]
            b.copy_((left @ (left.T @ b.flatten(1).double())).reshape(b.shape))
        for tensor in changed:
            tensor.mul_(gain)

    def take_back(self) -> None:
        give_back(self.saved)


@dataclass
class MergedPart:
    """A layer of any other method, scaled in the base's own weights."""

    layer: AdaptedLayer
    groups: tuple[str, ...]
    saved: Saved = field(default_factory=list)

    @cached_property
    def changes(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The base's parameters, and ΔW of each; kept for as long as the adapter is open."""
        own = dict(self.layer.tuner.get_base_layer().named_parameters(recurse=False))
        return [(own[name].data, change) for name, change in self.layer.changes().items()]

    @property
    def rank(self) -> int:
        return max((min(change.shape) for _, change in self.changes if change.ndim == 2), default=0)

    def put(self, gain: float, rank: int | None) -> None:
        for weight, change in self.changes:
            before = weight.clone()
            self.saved.append((weight, before))
            left = change if rank is None or change.ndim != 2 else cut_to_rank(change, rank)
            weight.copy_(before.float() + gain * left)

    def take_back(self) -> None:
        give_back(self.saved)


def give_back(saved: Saved) -> None:
    """What was copied is copied back: to take away what was added would leave the rounding of both."""
    while saved:
        tensor, before = saved.pop()
        tensor.copy_(before)


def left_vectors(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Of `B A`, the strongest first, in float64: by QR of the thin factors, never of the product."""
    outer, inner = torch.linalg.qr(b.double())
    return outer @ torch.linalg.svd(inner @ torch.linalg.qr(a.double().T).R.T).U


def cut_to_rank(change: torch.Tensor, rank: int) -> torch.Tensor:
    """The nearest matrix of at most this rank, by the eigenvectors of the smaller square of `change`."""
    if rank >= min(change.shape):
        return change
    is_wide = change.shape[0] <= change.shape[1]
    wide = change.double() if is_wide else change.double().T
    vectors = torch.linalg.eigh(wide @ wide.T).eigenvectors[:, -rank:]
    cut = vectors @ (vectors.T @ wide)
    return (cut if is_wide else cut.T).to(change.dtype)


class ScaledAdapter:
    """The adapter around a base, and what its knobs can be. `note` is what must be known of the method's strength.

    Raises ModelError for a method that has no strength.
    """

    def __init__(self, model: PeftModel, base: BaseModel, method: str) -> None:
        self.model, self.base, self.method = model, base, method
        if carried_by(model).count:
            raise ModelError(IS_PROMPT, method=method)
        layers = adapted_layers(model, model.active_adapter)
        if not layers or not hasattr(model.base_model, "merge_and_unload"):
            raise ModelError(CANNOT_SCALE, method=method)
        if any(isinstance(module, AuxiliaryTrainingWrapper) for module in model.modules()):
            raise ModelError(WHOLE_LAYERS, method=method)
        self.is_linear = all(layer.factors() is not None for layer in layers)
        if not self.is_linear and base.quantization is not None:
            raise ModelError(ON_QUANTIZED, method=method)
        thirds = thirds_of(name for name, _ in inner_model(model).named_modules())
        kind = FactorPart if self.is_linear else MergedPart
        self.parts = [kind(layer, groups_of(layer.name, thirds)) for layer in layers]
        self.groups = in_order(group for part in self.parts for group in part.groups)
        self.note = None if self.is_linear else JUMPS.filled(method=method)

    @cached_property
    def largest_rank(self) -> int:
        """Raises ModelError where a layer cannot be merged."""
        return max(part.rank for part in self.parts)

    def check(self, setting: Setting) -> None:
        """Raises ConfigError for knobs that this adapter does not have."""
        check_against(setting, self.groups, self.largest_rank)

    @contextmanager
    def applied(self, setting: Setting) -> Iterator[PeftModel]:
        """The model at `setting` for the length of the block."""
        if setting.is_adapter:
            yield self.model
        elif setting.is_base:
            with self.model.disable_adapter():
                yield self.model
        else:
            with self._changed(lambda part: part.put(setting.gain_of(part.groups), setting.rank)):
                yield self.model

    @contextmanager
    def baked(self, setting: Setting) -> Iterator[None]:
        """The adapter's own parameters at a `setting`, for the length of the block; of plain LoRA only."""
        assert self.is_linear
        with self._changed(lambda part: part.put(setting.gain_of(part.groups), setting.rank)):
            yield

    @contextmanager
    def control(self, strength: float) -> Iterator[PeftModel]:
        """The model with a random change in the place of the adapter's, as large in each layer, times `strength`."""
        with controlled(self.model, strength=strength) as model:
            yield model

    @contextmanager
    def _changed(self, put: Callable[[Any], None]) -> Iterator[None]:
        try:
            with torch.no_grad():
                for part in self.parts:
                    put(part)
            with nullcontext() if self.is_linear else self.model.disable_adapter():
                yield
        finally:
            with torch.no_grad():
                for part in reversed(self.parts):  # of a weight that two layers share, the first copy is its own
                    part.take_back()

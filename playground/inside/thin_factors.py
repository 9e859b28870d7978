"""A setting of an adapter as two thin factors a layer, in PEFT's own files: plain LoRA, whatever the method was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from safetensors.torch import save_file

from playground.errors import ModelError
from playground.inside.knobs import Setting
from playground.inside.scaled import FactorPart, MergedPart, ScaledAdapter
from playground.model.adapt import WEIGHTS
from playground.model.targets import is_linear
from playground.texts import Text

MOST_RANKS = 128  # of a change that was not cut: beyond it a file of factors is no smaller than the weights
EXACT = 1e-6  # singular values below this share of the largest are what rounding left

NOT_HELD = Text(
    "{method} has no file of its own for this setting, and as LoRA it would need rank {rank} in {layer}; at most"
    " {limit} are kept. Cut it to a rank, then keep it.",
    "{method} não tem um arquivo próprio para esta posição, e como LoRA precisaria de posto {rank} em {layer}; no"
    " máximo {limit} são guardados. Corte a um posto e então guarde.",
)
NOT_LINEAR = Text(
    "{method} also changes {layer}, which no LoRA file can hold at this setting. Keep the adapter at strength 1, or"
    " train it on linear layers alone.",
    "{method} também muda {layer}, que nenhum arquivo de LoRA guarda nesta posição. Guarde o adaptador na força 1, ou"
    " treine-o só em camadas lineares.",
)
Factors = tuple[torch.Tensor, torch.Tensor]  # A [rank, inputs], B [outputs, rank]


@torch.no_grad()
def save_as_lora(scaled: ScaledAdapter, setting: Setting, folder: Path) -> int:
    """Write the adapter at `setting` as LoRA with scaling 1; returns its rank. Raises ModelError."""
    found = {part.layer.name: _factors(part, scaled, setting) for part in scaled.parts}
    rank = max(len(a) for a, _ in found.values())
    own: Any = scaled.model.active_peft_config
    config = LoraConfig(
        task_type=own.task_type,
        base_model_name_or_path=own.base_model_name_or_path,
        inference_mode=True,
        r=rank,
        lora_alpha=rank,
        target_modules=sorted(found),
        fan_in_fan_out=any(_is_turned(part) for part in scaled.parts),
    )
    tensors = {}
    for name, (a, b) in found.items():
        padding = rank - len(a)
        tensors[f"base_model.model.{name}.lora_A.weight"] = torch.nn.functional.pad(a, (0, 0, 0, padding))
        tensors[f"base_model.model.{name}.lora_B.weight"] = torch.nn.functional.pad(b, (0, padding))
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(str(folder))
    save_file({name: tensor.float().cpu().contiguous() for name, tensor in tensors.items()}, folder / WEIGHTS)
    return rank


def _factors(part: FactorPart | MergedPart, scaled: ScaledAdapter, setting: Setting) -> Factors:
    """Of the change of one layer, times its gain."""
    layer = part.layer
    if not is_linear(layer.tuner.get_base_layer()):
        raise ModelError(NOT_LINEAR, method=scaled.method, layer=layer.name)
    if isinstance(part, FactorPart):
        u, values, v = _of_product(*part.factors())
    else:
        changes = {name: change for name, change in layer.changes().items() if name != "weight"}
        if changes:
            raise ModelError(NOT_LINEAR, method=scaled.method, layer=f"{layer.name}.{next(iter(changes))}")
        u, values, v = _of_matrix(part)
    rank = min(setting.rank or len(values), len(values))
    if setting.rank is None:
        rank = max(int((values > EXACT * values.max()).sum()), 1)
        if rank > MOST_RANKS:
            raise ModelError(NOT_HELD, method=scaled.method, rank=rank, layer=layer.name, limit=MOST_RANKS)
    root = values[:rank].sqrt()
    return root[:, None] * v[:, :rank].T, setting.gain_of(part.groups) * (u[:, :rank] * root)


def _of_product(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """U, the singular values and V of B A, in float64, by QR of the thin factors."""
    left, right = torch.linalg.qr(b.double()), torch.linalg.qr(a.double().T)
    u, values, vh = torch.linalg.svd(left.R @ right.R.T)
    return left.Q @ u, values, right.Q @ vh.T


def _of_matrix(part: MergedPart) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    changes = part.layer.changes()
    if not changes:
        weight = part.layer.tuner.get_base_layer().weight
        changes = {"weight": torch.zeros(weight.shape, device=weight.device)}
    change = changes["weight"].double()
    u, values, vh = torch.linalg.svd(change.T if _is_turned(part) else change, full_matrices=False)
    return u, values, vh.T


def _is_turned(part: FactorPart | MergedPart) -> bool:
    """Whether the layer keeps its weight as [inputs, outputs], as GPT-2's do."""
    return not isinstance(part.layer.tuner.get_base_layer(), torch.nn.Linear)

"""To which groups an adapter's layers belong: thirds of the model's depth, attention or MLP, the module's own name."""

from __future__ import annotations

from collections.abc import Iterable

from playground.train.weight_change import layer_of

THIRDS = ("early", "middle", "late")
SIDES = ("encoder", "decoder")
ATTENTION = ("attn", "attention")
MLP = ("mlp", "feed_forward", "densereludense", ".fc1", ".fc2", "ffn")
COARSE = (*THIRDS, *SIDES, "attention", "mlp", "other")  # before the modules' own names


def thirds_of(names: Iterable[str]) -> dict[str, str]:
    """In which third each layer lies of the model whose modules have these `names`; an encoder before its decoder."""
    layers = list(dict.fromkeys(filter(None, map(layer_of, names))))
    return {layer: THIRDS[index * 3 // len(layers)] for index, layer in enumerate(layers)}


def groups_of(name: str, thirds: dict[str, str]) -> tuple[str, ...]:
    """The groups of the layer with this name, the coarse ones first."""
    layer = layer_of(name)
    depth = [thirds[layer]] if layer in thirds else []
    side = [side for side in SIDES if layer.startswith(side)]
    return (*depth, *side, kind_of(name), name.rpartition(".")[2])


def kind_of(name: str) -> str:
    lower = name.lower()
    if any(part in lower for part in ATTENTION):
        return "attention"
    return "mlp" if any(part in lower for part in MLP) else "other"


def in_order(groups: Iterable[str]) -> list[str]:
    """Each once: thirds, sides, kinds, then modules by name."""
    return sorted(set(groups), key=lambda group: (COARSE.index(group) if group in COARSE else len(COARSE), group))

"""The words that may stand for module names in `target_modules`, for any architecture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

KEYS_AND_VALUES = {"k_proj", "v_proj", "k", "v", "key", "value", "query_key_value", "c_attn"}
FEED_FORWARD_OUT = {"down_proj", "fc2", "wo", "dense_4h_to_h", "output_dense"}


def module_names(word: str, model: torch.nn.Module) -> list[str] | None:
    """Full names of the modules of `model` that `word` stands for; None for a word that is none of WORDS."""
    find = WORDS.get(word)
    return find(model) if find else None


def linear_modules(model: torch.nn.Module) -> list[str]:
    """The names, without their path, that `target_modules` may use."""
    return sorted({_last(name) for name, module in model.named_modules() if is_linear(module)})


def target_shapes(targets: Any, model: Any) -> list[tuple[int, int]]:
    """(inputs, outputs) of the linear layers that `target_modules` stands for."""
    head = model.get_output_embeddings()
    linear = {name: module for name, module in model.named_modules() if is_linear(module)}
    if targets == "all-linear":  # as PEFT has it: all but the head
        return [_shape(module) for module in linear.values() if module is not head]
    ends = module_names(targets, model) if isinstance(targets, str) else None
    wanted = tuple(ends or ([targets] if isinstance(targets, str) else targets))
    return [_shape(module) for name, module in linear.items() if name in wanted or _last(name) in wanted]


def _shape(module: Any) -> tuple[int, int]:
    if isinstance(module, torch.nn.Linear):
        return module.in_features, module.out_features
    rows, columns = module.weight.shape  # GPT-2's Conv1D keeps its weights the other way round
    return rows, columns


def feed_forward_outputs(model: torch.nn.Module) -> list[str]:
    """The layers that bring a block's hidden units back to the model's width."""
    found = [name for name, module in model.named_modules() if is_linear(module)]
    # GPT-2 calls the outputs of attention and of the feed-forward block alike.
    return [name for name in found if _last(name) in FEED_FORWARD_OUT or name.endswith("mlp.c_proj")]


def _everything(model: torch.nn.Module) -> list[str]:
    return [name for name, module in model.named_modules() if name and _used_parameters(name, module, model)]


def _norms(model: torch.nn.Module) -> list[str]:
    return [name for name, module in model.named_modules() if "norm" in type(module).__name__.lower()]


def _attention(model: torch.nn.Module) -> list[str]:
    names = [name for name, module in model.named_modules() if is_linear(module)]
    return [name for name in names if "attn" in name.lower() or "attention" in name.lower()]


def _keys_values_and_hidden_units(model: torch.nn.Module) -> list[str]:
    names = [name for name, module in model.named_modules() if is_linear(module)]
    return [name for name in names if _last(name) in KEYS_AND_VALUES] + feed_forward_outputs(model)


WORDS: dict[str, Callable[[torch.nn.Module], list[str]]] = {
    "everything": _everything,
    "norms": _norms,
    "attention": _attention,
    "ia3": _keys_values_and_hidden_units,
}


def tie_copies(model: torch.nn.Module, adapter_layers: str) -> None:
    """Let trained copies of one shared weight (embedding and head) be one parameter again.

    `adapter_layers` is the attribute in which the tuner's layers keep their copies.
    """
    seen: dict[int, Any] = {}
    for module in model.modules():
        for copy in getattr(module, adapter_layers, {}).values():
            weight: Any = getattr(module, "base_layer").weight  # noqa: B009 - mypy knows no such attribute
            first = seen.setdefault(weight.untyped_storage()._cdata, copy)  # meta tensors have no address
            if first is not copy:
                copy.weight = first.weight


def _used_parameters(name: str, module: torch.nn.Module, model: torch.nn.Module) -> bool:
    """Whether a module owns parameters; encoder-decoders keep a shared embedding that no layer ever calls."""
    unused = name.endswith("shared") and getattr(model.config, "is_encoder_decoder", False)
    return not unused and next(module.parameters(recurse=False), None) is not None


def is_linear(module: torch.nn.Module) -> bool:
    return isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"


def _last(name: str) -> str:
    return name.rpartition(".")[2]

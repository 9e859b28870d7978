"""Gradient checkpointing: a layer keeps only its input, and is computed again in the backward pass (Chen et al. 2016).

transformers has it, as a switch in the layers of the base. The base outlives the adapter: whoever attaches one sets the
switch, and whoever takes it off sets it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from playground.errors import ModelError
from playground.model.load import BaseModel
from playground.texts import Text

CANNOT_CHECKPOINT = Text(
    "{model} cannot compute its layers again: transformers has no gradient checkpointing for a {kind} model. Set"
    " training.gradient_checkpointing to false, or choose another model.",
    "{model} não pode recalcular suas camadas: a transformers não tem gradient checkpointing para um modelo {kind}. Use"
    " false em training.gradient_checkpointing, ou escolha outro modelo.",
)


def can_checkpoint(base: BaseModel) -> bool:
    """Whether transformers can compute the layers of this base again."""
    return bool(base.model.supports_gradient_checkpointing)


def check_checkpointing(base: BaseModel) -> None:
    """Raises ModelError for a base whose layers cannot be computed again."""
    if not can_checkpoint(base):
        raise ModelError(CANNOT_CHECKPOINT, model=base.source, kind=base.model.config.model_type)


def start_checkpointing(base: BaseModel) -> None:
    """From now on the layers of a base that can are computed again wherever they learn."""
    base.model.activation_checkpointing_enable({"use_reentrant": False})
    # transformers sends gradients down to the embeddings, which only the reentrant kind of checkpoints needs.
    base.model.disable_input_require_grads()


def stop_checkpointing(model: Any) -> None:
    """The layers of a transformers model keep again what they compute; does nothing to one whose layers do."""
    if is_checkpointing(model):
        model.activation_checkpointing_disable()


def is_checkpointing(model: nn.Module) -> bool:
    """Whether layers of `model` are computed again in the backward pass of a step."""
    return any(getattr(part, "gradient_checkpointing", False) for part in model.modules())


@contextmanager
def checkpointing(base: BaseModel) -> Iterator[None]:
    """Inside the block the layers of a base that can are computed again."""
    start_checkpointing(base)
    try:
        yield
    finally:
        stop_checkpointing(base.model)

"""The one door to the passes that stand in for a module's own while a model learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from torch import nn

from playground.model.layers.checkpointing import is_checkpointing
from playground.train.passes.attention import short_attention
from playground.train.passes.lora import fused_lora
from playground.train.passes.methods.cheap_methods import cheap_methods
from playground.train.passes.rms_norm import short_rms_norm

Pass = Callable[[nn.Module], AbstractContextManager[None]]
PASSES: tuple[Pass, ...] = (fused_lora, cheap_methods, short_attention, short_rms_norm)


@contextmanager
def every_pass(model: nn.Module) -> Iterator[None]:
    """Inside the block, what a pass knows computes as its file says; everything else as its library has it.

    A model that computes its layers again in the backward pass does so after the block, and is left to its library: it
    would keep other tensors than the first time.
    """
    with ExitStack() as stack:
        for fused in () if is_checkpointing(model) else PASSES:
            stack.enter_context(fused(model))
        yield

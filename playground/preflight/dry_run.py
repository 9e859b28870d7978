"""A training step on the meta device with a ledger of what it would hold in memory.

The step is the one of `playground.train.loop`: same model, adapter, batch shapes and loss. Its tensors have shapes
and no numbers, so the ledger costs no memory and no arithmetic. Where a real step would look at a number (how many
positions carry loss, whether a mask is full) the batch says what it would find.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from peft import PeftModel
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_iter

from playground.data.batches import AnyBatch
from playground.preflight.made_up_values import ATEN, META, MadeUpValues
from playground.train.loss import label_losses, training_losses


@dataclass(frozen=True, kw_only=True)
class Peak:
    """Bytes alive beside weights and optimizer at the fullest moment; `gradients` are part of `total`."""

    total: int
    gradients: int


NOTHING = Peak(total=0, gradients=0)


def on_meta(batch: AnyBatch) -> AnyBatch:
    """The same shapes without numbers."""
    tensors = {name: getattr(batch, name).to(META) for name in ("input_ids", "attention_mask", "labels")}
    return replace(batch, **tensors)


def training_peak(model: PeftModel, batch: AnyBatch, label_smoothing: float) -> Peak:
    """Forward and backward of one micro-batch; `batch` holds real numbers, `model` is on the meta device."""
    model.train()
    ledger = Ledger(model, batch.label_count)
    with ledger.gradients_noted(model), AsComputed(), ledger, META:
        loss, _ = training_losses(model, on_meta(batch), label_smoothing)
        _backward(loss)
        del loss
    model.zero_grad()
    return Peak(total=ledger.peak, gradients=ledger.gradients_at_peak)


def _backward(loss: torch.Tensor) -> None:
    """As `loss.backward()`, which would leave AsComputed for as long as it runs: layers may be computed again in it."""
    engine = torch.autograd.Variable._execution_engine
    engine.run_backward(
        (loss,), (torch.ones_like(loss),), False, False, (), allow_unreachable=True, accumulate_grad=True
    )


def evaluation_peak(model: PeftModel, batch: AnyBatch) -> Peak:
    """One batch of the held-out loss, which keeps nothing for a backward pass."""
    model.eval()
    ledger = Ledger(model, batch.label_count)
    with torch.no_grad(), AsComputed(), ledger, META:
        label_losses(model, on_meta(batch))
    return Peak(total=ledger.peak, gradients=0)


class AsComputed(TorchFunctionMode):
    """Two functions that the meta device takes apart otherwise than processors and GPUs.

    Attention would keep a square of weights. A block diagonal of a thousand blocks would take thousands of operations.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.block_diag and len({block.shape for block in args}) == 1:
            return _BlockDiagonal.apply(*args)  # type: ignore[no-untyped-call]
        return _attention(func, args, kwargs) if func is F.scaled_dot_product_attention else func(*args, **kwargs)


def _attention(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    query, key, value = args[:3] if len(args) >= 3 else (kwargs[name] for name in ("query", "key", "value"))
    mask = kwargs.get("attn_mask")
    if kwargs.get("dropout_p") or kwargs.get("enable_gqa") or (mask is not None and mask.requires_grad):
        return func(*args, **kwargs)
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.where(mask, 0.0, float("-inf")).to(query.dtype)
    out, _ = ATEN._scaled_dot_product_flash_attention_for_cpu(
        query, key, value, 0.0, bool(kwargs.get("is_causal")), attn_mask=mask, scale=kwargs.get("scale")
    )
    return out


class _BlockDiagonal(torch.autograd.Function):
    """Blocks of one shape. The gradients of the blocks are views of the whole's, as they really are."""

    @staticmethod
    def forward(ctx: Any, *blocks: torch.Tensor) -> torch.Tensor:
        ctx.shape = (len(blocks), *blocks[0].shape)
        return blocks[0].new_empty([len(blocks) * side for side in blocks[0].shape])

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        return gradients[0].as_strided(ctx.shape, (0, 0, 0)).unbind()


class Ledger(MadeUpValues):
    """Adds up the storages that operations make, and takes them off when nothing holds them any longer."""

    def __init__(self, model: torch.nn.Module, label_count: int) -> None:
        super().__init__(chosen=label_count)
        self.now = self.peak = self.gradients = self.gradients_at_peak = 0
        held = [*model.parameters(), *model.buffers()]
        self._known = {tensor.untyped_storage()._cdata for tensor in held}

    @contextmanager
    def gradients_noted(self, model: torch.nn.Module) -> Iterator[None]:
        """Inside the block `gradients` follows the gradients that are being kept."""

        def add(parameter: torch.Tensor) -> None:
            self.gradients += parameter.numel() * parameter.element_size()

        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        handles = [parameter.register_post_accumulate_grad_hook(add) for parameter in trained]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def result(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        out = super().result(func, args, kwargs)
        for value in tree_iter(out):
            if isinstance(value, torch.Tensor):
                self.note_all(value)
        return out

    def note_all(self, tensor: torch.Tensor) -> None:
        """A sparse tensor has no storage of its own, but two."""
        for part in (tensor._indices(), tensor._values()) if tensor.is_sparse else (tensor,):
            self.note(part)

    def note(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self.now += size
        if self.now > self.peak:
            self.peak, self.gradients_at_peak = self.now, self.gradients
        weakref.finalize(storage, self._forget, key, size)

    def _forget(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size

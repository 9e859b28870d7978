"""The loss of a batch, computing only what it needs.

Four savings over `model(input_ids, labels=labels).loss`. The sums are the same in another order, so the result is
equal in float32 but for the last digits, and in bfloat16 to its rounding (two to three digits):

- Only positions that have a label go through the language-model head. For a 135 M model with a
  vocabulary of 49 152 the head is a fifth of the work, and its output most of the memory.
- The tokens that every row of the batch begins with (system prompt, instruction) are run once
  instead of once a row; the rows continue from their keys and values. Gradients flow through. Not on
  a GPU, where a step is the time that it takes to start its kernels: a second call doubles them.
- On a processor the cross-entropy makes no copies of the logits (`passes/cross_entropy.py`).
- In training, layers that the files in `passes/` know keep little for the backward pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from peft import PeftModel
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from playground.data.batches import IGNORED, AnyBatch, Batch, PairBatch, collate, length_order
from playground.data.encode import Item
from playground.model.layers.checkpointing import is_checkpointing
from playground.model.virtual_tokens import carried_by, inner_model
from playground.train.passes.cross_entropy import summed_cross_entropy
from playground.train.passes.every import every_pass

SHORTEST_SHARED_PREFIX = 8  # below this, the second call costs more than it saves
Look = Callable[[Sequence[Item], AnyBatch, torch.Tensor], None]


def not_at_all(*_: Any) -> None:
    """Look at nothing: for who wants a loss alone."""


def label_losses(model: Any, batch: AnyBatch, look: Callable[[torch.Tensor], None] = not_at_all) -> torch.Tensor:
    """Sum of the cross-entropies of the batch's label tokens, in nats; divide by `batch.label_count` for the mean.

    `look` is shown the logits.
    """
    logits, targets = label_logits(model, batch)
    look(logits)
    return summed_cross_entropy(logits, targets)


@torch.no_grad()
def mean_loss(
    model: Any, items: Sequence[Item], batch_size: int, pad_token_id: int, device: torch.device, look: Look = not_at_all
) -> tuple[float, int]:
    """Mean loss per label token over `items`, in nats, and how many label tokens there are.

    `look` is shown each part of them: its items, its batch and its logits, shape [labels, vocabulary].
    """
    total, count = torch.zeros((), device=device), 0
    for part in length_order(items, batch_size):
        batch = collate(part, pad_token_id, device)
        total += label_losses(model, batch, partial(look, part, batch))
        count += batch.label_count
    return float(total) / max(count, 1), count


def perplexity_of(loss: float) -> float:
    """How many tokens a model hesitates between, whose mean loss per token is `loss`."""
    return math.exp(min(loss, 700.0))  # a float ends at exp(709)


def training_losses(model: Any, batch: AnyBatch, label_smoothing: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    """What a step minimises, with a backward pass, and what it charts; both sums over the label tokens, in nats.

    A smoothed loss cannot be compared with the held-out one, so the plain one is charted.
    """
    with every_pass(model):
        logits, targets = label_logits(model, batch)
    if label_smoothing:
        smoothed = F.cross_entropy(logits.float(), targets, reduction="sum", label_smoothing=label_smoothing)
        return smoothed, summed_cross_entropy(logits.detach(), targets)
    losses = summed_cross_entropy(logits, targets)
    return losses, losses.detach()


def label_logits(model: Any, batch: AnyBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """For each label token of the batch: logits of shape [labels, vocabulary] in the model's dtype, and its id."""
    return _pair_logits(model, batch) if isinstance(batch, PairBatch) else _causal_logits(model, batch)


def _pair_logits(model: Any, batch: PairBatch) -> tuple[torch.Tensor, torch.Tensor]:
    wanted = batch.labels != IGNORED
    inner = inner_model(model)
    # The decoder sees the labels one place late. Every family begins with its own start token.
    start = batch.labels.new_full((len(batch), 1), decoder_start(inner))
    pad = inner.config.pad_token_id or 0
    decoder_input_ids = torch.cat([start, batch.labels[:, :-1].masked_fill(~wanted[:, :-1], pad)], dim=1)
    with head_sees_only(inner, wanted):
        output = model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            decoder_input_ids=decoder_input_ids,
            use_cache=False,
        )
    return output.logits, batch.labels[wanted]


def decoder_start(model: Any) -> int:
    """The token with which every answer of an encoder-decoder model begins, before its first own one."""
    found = model.generation_config.decoder_start_token_id
    return int(model.config.decoder_start_token_id if found is None else found)


def _causal_logits(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    start = batch.shared if _may_share(model, batch) else 0
    cache = _prefix_cache(model, batch, start) if start else None
    if cache is None:
        start = 0
    # Position t predicts token t + 1, so the targets are the labels moved one to the left.
    targets = F.pad(batch.labels[:, start + 1 :], (0, 1), value=IGNORED)
    wanted = targets != IGNORED
    inner = inner_model(model)
    arguments: dict[str, Any] = {"past_key_values": cache} if cache is not None else {"use_cache": False}
    with head_sees_only(inner, wanted):
        output = model(input_ids=batch.input_ids[:, start:], attention_mask=batch.attention_mask, **arguments)
    return output.logits, targets[wanted]


@contextmanager
def head_sees_only(model: Any, wanted: torch.Tensor) -> Iterator[None]:
    """Inside the block the language-model head receives only the positions where `wanted` is true.

    `wanted` has shape [rows, tokens]; virtual tokens that a method puts in front are passed over.
    """
    head = model.get_output_embeddings()
    handle = head.register_forward_pre_hook(lambda _, inputs: (inputs[0][:, -wanted.shape[1] :][wanted],))
    try:
        yield
    finally:
        handle.remove()


def _may_share(model: Any, batch: Batch) -> bool:
    """Methods that put virtual tokens in front of the text run each row on its own, and so does a GPU.

    A layer that is computed again does not find the keys and values of the first call.
    """
    if len(batch) < 2 or batch.shared < SHORTEST_SHARED_PREFIX or batch.input_ids.device.type == "cuda":
        return False
    return carried_by(model).count == 0 and not (model.training and is_checkpointing(model))


def _prefix_cache(model: Any, batch: Batch, length: int) -> DynamicCache | None:
    """Keys and values of the shared tokens, seen by every row; None when this architecture keeps them otherwise."""
    output = inner_model(model).base_model(input_ids=batch.input_ids[:1, :length], use_cache=True)
    cache = getattr(output, "past_key_values", None)
    if not isinstance(cache, DynamicCache) or any(type(layer) is not DynamicLayer for layer in cache.layers):
        return None
    layers: list[Any] = cache.layers
    for layer in layers:
        layer.keys = layer.keys.expand(len(batch), -1, -1, -1)
        layer.values = layer.values.expand(len(batch), -1, -1, -1)
    return cache


def orthogonality_penalty(model: PeftModel) -> torch.Tensor:
    """AdaLoRA's regulariser, R(P, Q) of Zhang et al. 2023 (eq. 4): mean ‖PᵀP − I‖ over all factors.

    PEFT adds it only to a loss that the model itself computed; ours is computed outside.
    """
    terms = []
    for name, factor in model.named_parameters():
        if ".lora_A." in name or ".lora_B." in name:
            square = factor @ factor.T if ".lora_A." in name else factor.T @ factor
            terms.append(torch.linalg.matrix_norm(square - torch.eye(len(square), device=square.device)))
    return torch.stack(terms).mean()

"""The cross-entropy of a large vocabulary without copies as large as the logits.

`F.cross_entropy` on a processor writes the logits' size three to four times: in float32, as
log-probabilities, as their gradient, as the logits' gradient. For 263 labels and a vocabulary of
49 152 each of these is 52 MB. Here a few rows at a time are worked on in the cache, and only the
logits' own gradient is written. It is the same sum in another order: equal to rounding, in float32
to about seven digits.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from torch import Tensor

from playground.train.passes.device import on_a_processor

ROWS = 16  # at a time: a few megabytes


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """`F.cross_entropy(logits.float(), targets, reduction="sum")`; logits: [rows, vocabulary] of any float type."""
    if not on_a_processor(logits.device):
        return F.cross_entropy(logits.float(), targets, reduction="sum")
    result: Tensor = _SummedCrossEntropy.apply(logits, targets)  # type: ignore[no-untyped-call]
    return result


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> Tensor:
        norms = torch.cat([torch.logsumexp(part.float(), dim=-1) for part in logits.split(ROWS)])
        ctx.save_for_backward(logits, targets, norms)
        return (norms - logits.gather(1, targets[:, None])[:, 0].float()).sum()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        # The derivative of a row is its probabilities, less one at the target.
        logits, targets, norms = ctx.saved_tensors
        found = torch.empty_like(logits)
        parts = zip(found.split(ROWS), logits.split(ROWS), targets.split(ROWS), norms.split(ROWS), strict=True)
        for out, part, target, norm in parts:
            probabilities = (part.float() - norm[:, None]).exp_()
            probabilities.scatter_add_(1, target[:, None], probabilities.new_full((len(target), 1), -1.0))
            out.copy_(probabilities.mul_(gradients[0]))
        return found, None

"""Whether a difference of losses is more than the choice of examples: an interval over the examples it was found on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SEED, RESAMPLES = 12345, 1000

Losses = Sequence[tuple[float, int]]  # the summed loss of each example, and its label tokens


@dataclass(frozen=True)
class Difference:
    """By how much a loss per label token grew, in nats, and the ends of its 95 % interval."""

    change: float
    low: float
    high: float

    @property
    def is_rise(self) -> bool:
        """Whether the loss grew, clearly: the whole interval lies above no change."""
        return self.low > 0

    @property
    def is_fall(self) -> bool:
        return self.high < 0


def paired_difference(before: Losses, after: Losses) -> Difference:
    """By how much the loss per label token grew from `before` to `after`, and the ends of its 95 % interval.

    Both are of the same examples. The interval is the percentile one of a bootstrap over examples, the same each time.
    """
    changes = np.array([later - earlier for (earlier, _), (later, _) in zip(before, after, strict=True)])
    tokens = np.array([count for _, count in before], dtype=float)
    drawn = np.random.default_rng(SEED).integers(len(tokens), size=(RESAMPLES, len(tokens)))
    resampled = changes[drawn].sum(axis=1) / np.maximum(tokens[drawn].sum(axis=1), 1)
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Difference(float(changes.sum() / max(tokens.sum(), 1)), float(low), float(high))

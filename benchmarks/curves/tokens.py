"""Tokens of a row: seconds a token of training, peak memory, and what pre-flight said of it.

Four rows a step, each as long as the size says, on the smallest model of the parameters' curve; LoRA, its own settings.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from curves.parameters import SHAPES
from curves.random_llama import save, train

SIZES = (64, 256, 1_024, 2_048)
BATCH_SIZE = 4


def measure(size: int, **settings: Any) -> dict[str, float]:
    """`settings` of the run beside those of the curve."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        save(model, next(iter(SHAPES.values())))
        return train(model, size, BATCH_SIZE, **settings)

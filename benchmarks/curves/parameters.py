"""Parameters of a model: seconds a token of training, peak memory, and what pre-flight said of it.

The models have Llama's shape and random weights in bf16; LoRA learns on them with its own settings, four rows of 256
tokens a step. The shapes are those of SmolLM2-135M and -360M and of TinyLlama, and one that is smaller.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from curves.random_llama import save, train

SHAPES: dict[int, dict[str, Any]] = {
    10_493_184: {
        "hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 8, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 16_384, "tie_word_embeddings": True,
    },
    134_515_008: {
        "hidden_size": 576, "intermediate_size": 1_536, "num_hidden_layers": 30, "num_attention_heads": 9,
        "num_key_value_heads": 3, "vocab_size": 49_152, "tie_word_embeddings": True,
    },
    361_821_120: {
        "hidden_size": 960, "intermediate_size": 2_560, "num_hidden_layers": 32, "num_attention_heads": 15,
        "num_key_value_heads": 5, "vocab_size": 49_152, "tie_word_embeddings": True,
    },
    1_100_048_384: {
        "hidden_size": 2_048, "intermediate_size": 5_632, "num_hidden_layers": 22, "num_attention_heads": 32,
        "num_key_value_heads": 4, "vocab_size": 32_000, "tie_word_embeddings": False,
    },
}  # fmt: skip
SIZES = tuple(SHAPES)
TOKENS, BATCH_SIZE = 256, 4


def measure(size: int, **settings: Any) -> dict[str, float]:
    """`settings` of the run beside those of the curve: another method, for one."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        save(model, SHAPES[size])
        return train(model, TOKENS, BATCH_SIZE, **settings)

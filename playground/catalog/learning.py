"""What each method's defaults taught the included models when they were last measured (`capabilities.learning`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.catalog.capabilities import read_table

LEARNING_FILE = Path(__file__).resolve().parents[2] / "assets" / "methods" / "learning.json"
# The short training of each model in which all methods are measured.
LESSONS: dict[str, dict[str, Any]] = {
    "smollm2-135m-instruct": {
        "data": {"dataset": "notes-to-json"},
        "training": {"max_steps": 16, "batch_size": 4, "eval_every": 16, "eval_examples": 16},
    },
    "m2m100-mini": {
        "data": {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"},
        "training": {"max_steps": 50, "batch_size": 16, "eval_every": 50, "eval_examples": 48, "score_examples": 0},
    },
}


def measured_versions() -> dict[str, str]:
    return dict(read_table(LEARNING_FILE)["versions"])


def learned(model: str, method: str) -> dict[str, Any] | None:
    """Losses, `trainable_parameters`, `adapter_bytes`, `times_lora` (time of a step); or the `reason` of a failure."""
    found: dict[str, Any] | None = read_table(LEARNING_FILE)["results"].get(model, {}).get(method)
    return found

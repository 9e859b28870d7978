"""What each method's defaults teach the two included models in a short training: the evidence beside its price.

The result goes to assets/methods/learning.json, which the page and docs/methods.md read. Times are given as multiples
of LoRA's, measured in the same process: seconds of one machine tell nothing about another.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playground.catalog.capabilities import installed_versions
from playground.catalog.learning import LEARNING_FILE, LESSONS
from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.resolve import resolve, why_not
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.train.checkpoint import save_adapter
from playground.train.events import EvalLogged
from playground.train.prepare import prepare


@dataclass(frozen=True, kw_only=True)
class Learned:
    """Losses are per label token on held-out examples; `step_seconds` is the median of one optimizer step."""

    eval_loss_base: float
    eval_loss: float
    learning_rate: float
    trainable_parameters: int
    adapter_bytes: int
    step_seconds: float


def learn(model: str, method: str) -> Learned:
    """Train `method` with its defaults on the lesson of an included model. Raises PlaygroundError."""
    values = LESSONS[model] | {"base_model": model, "method": {"method": method}}
    config = resolve(RunConfig.from_values(values))
    prepared = prepare(config)
    losses, seconds = [], []
    try:
        for event in prepared.train():
            if isinstance(event, EvalLogged):
                losses.append(event.loss)
            else:
                seconds.append(config.training.batch_size / event.examples_per_second)
        with tempfile.TemporaryDirectory() as folder:
            save_adapter(prepared.model, Path(folder) / "adapter")
            size = sum(path.stat().st_size for path in (Path(folder) / "adapter").glob("*.safetensors"))
        trainable, _ = prepared.model.get_nb_trainable_parameters()
    finally:
        detach(prepared.model)
    assert config.training.learning_rate is not None
    return Learned(
        eval_loss_base=losses[0],
        eval_loss=losses[-1],
        learning_rate=config.training.learning_rate,
        trainable_parameters=trainable,
        adapter_bytes=size,
        step_seconds=median(seconds),
    )


def learn_all(methods: Sequence[str] = tuple(METHODS)) -> Iterator[tuple[str, str, Learned | str]]:
    """(model, method, what it learned or why it could not), LoRA first: it is the measure of time."""
    for model in LESSONS:
        for method in sorted(methods, key=lambda name: name != "lora"):
            reason = why_not(METHODS[method], MODELS[model])
            if reason:
                yield model, method, reason
                continue
            try:
                yield model, method, learn(model, method)
            except PlaygroundError as error:
                forget_base()
                yield model, method, error.to("en")


def write_learning(path: Path = LEARNING_FILE) -> Iterator[tuple[str, str, Learned | str]]:
    """`learn_all`, and at its end the table."""
    results: dict[str, dict[str, Any]] = {model: {} for model in LESSONS}
    of_lora = 1.0
    for model, method, found in learn_all():
        if isinstance(found, str):
            results[model][method] = {"reason": found}
        else:
            values = asdict(found)
            seconds = values.pop("step_seconds")
            of_lora = seconds if method == "lora" else of_lora
            results[model][method] = values | {"times_lora": round(seconds / of_lora, 2)}
        yield model, method, found
    table = {"versions": installed_versions(), "results": results}
    path.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")

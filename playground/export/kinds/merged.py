"""Base and adapter as one model. On a rounded base it is merged into both bases, and the nearer one is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from peft import PeftModel

from playground.catalog.capabilities import no_merge
from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.errors import ModelError, reason_of
from playground.export.evidence import take_evidence
from playground.export.fidelity import conversion, measured
from playground.export.kinds import Written
from playground.export.proof import Conversion
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.load import BaseModel
from playground.precision.weight_error import dequantized
from playground.texts import Text

Into = Literal["dequantized", "unrounded"]
MERGES: tuple[Into, ...] = get_args(Into)
NOT_MERGED = Text(
    "PEFT cannot merge {method} into its base ({reason}). Take it away as a PEFT adapter.",
    "A PEFT não consegue mesclar {method} na base ({reason}). Leve-o como adaptador PEFT.",
)


def refusal(config: RunConfig) -> Text | None:
    return no_merge(config.method.method)


def write(taken: Taken, folder: Path) -> Steps[Written]:
    """Raises ModelError for a method that PEFT cannot merge."""
    if taken.quantization[0] is not None:
        return (yield from _of_rounded(taken, folder))
    with taken.adapted() as (base, model):
        trained = yield from measured(base, model, items := taken.items(base))
        yield Step("merging")
        merged = merge(taken, model)
        yield Step("writing")
        save_merged(base, merged, folder)
        found = yield from measured(base, merged, items)
        return Written(conversion=conversion(trained, found))


def merge(taken: Taken, model: PeftModel) -> Any:
    """The base with the change in its weights; the model is used up. Raises ModelError."""
    try:
        return model.merge_and_unload(safe_merge=True)
    except (ValueError, TypeError, NotImplementedError, AttributeError, RuntimeError) as error:
        label = METHODS[taken.config.method.method].label
        raise ModelError(NOT_MERGED, method=label, reason=reason_of(error)) from error


def save_merged(base: BaseModel, merged: Any, folder: Path) -> None:
    """In float32, safetensors, with the tokenizer and its template."""
    merged.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)


def _of_rounded(taken: Taken, folder: Path) -> Steps[Written]:
    """An adapter that learned beside rounded weights is not at home in others: both merges are measured."""
    with taken.adapted() as (base, model):
        items = taken.items(base)
        trained = yield from measured(base, model, items)
        rounded = _dequantized(base.model)
    told: dict[Into, Conversion] = {}
    for into in MERGES:
        yield Step("merging")
        with _merged_into(taken, into, rounded) as (base, merged):
            found = yield from measured(base, merged, items)
            told[into] = conversion(trained, found)
    better = min(MERGES, key=lambda into: told[into].kl or 0.0)
    yield Step("merging")
    with _merged_into(taken, better, rounded) as (base, merged):
        yield Step("writing")
        save_merged(base, merged, folder)
        prompts = yield from take_evidence(taken, base, merged)
    facts = {"merged_into": better, "merges": {into: asdict(found) for into, found in told.items()}}
    return Written(prompts=prompts, conversion=told[better], facts=facts)


@contextmanager
def _merged_into(taken: Taken, into: Into, rounded: dict[str, torch.Tensor]) -> Iterator[tuple[BaseModel, Any]]:
    """Into the weights as they were before they were rounded, or as they are after it."""
    with taken.opened(quantized=False) as base:
        if into == "dequantized":
            base.model.load_state_dict(rounded, strict=False)
        yield base, merge(taken, PeftModel.from_pretrained(base.model, str(taken.folder.adapter)).eval())


def _dequantized(model: Any) -> dict[str, torch.Tensor]:
    """The weights that the rounded layers compute with, in float32, by their names in a plain model."""
    return {
        f"{name.replace('.base_layer', '')}.weight": dequantized(module.weight)
        for name, module in model.named_modules()
        if getattr(getattr(module, "weight", None), "quant_state", None) is not None
    }

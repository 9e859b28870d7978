"""Base and adapter as one GGUF file, for llama.cpp and what is built on it; read back before it is called done."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from playground.catalog.capabilities import no_merge
from playground.catalog.models import MODELS
from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.export.engines.to_gguf import ARCHITECTURES, NO_ARCHITECTURE, Precision, to_gguf
from playground.export.evidence import take_evidence
from playground.export.fidelity import conversion, measured
from playground.export.kinds import Written
from playground.export.kinds import merged as merged_kind
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.load import BaseModel, load_base
from playground.texts import Text

FILE = "model.gguf"
PRECISION: Precision = "f16"
IS_TRANSLATION = Text(
    "{model} is an encoder-decoder, of which llama.cpp makes no use here. Take it away for CTranslate2.",
    "{model} é um codificador-decodificador, que o llama.cpp não aproveita aqui. Leve-o para o CTranslate2.",
)


def refusal(config: RunConfig) -> Text | None:
    if task_of(config) != "causal_lm":
        return IS_TRANSLATION.filled(model=config.base_model)
    card = MODELS.get(config.base_model)
    if card and card.model_type not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        return NO_ARCHITECTURE.filled(model=config.base_model, kind=card.model_type, known=known)
    return no_merge(config.method.method)


def write(taken: Taken, folder: Path) -> Steps[Written]:
    """Raises ModelError for a model or tokenizer that would not come out as it is."""
    with tempfile.TemporaryDirectory() as place:
        of_merge = yield from merged_kind.write(taken, Path(place))
        yield Step("converting")
        base = replace(load_base(place, dtype="float32"), source=taken.config.base_model)
        to_gguf(base, folder / FILE, PRECISION)
    with taken.adapted() as (own, model):
        items = taken.items(own)
        trained = yield from measured(own, model, items)
    read = _read(folder, base)
    found = yield from measured(read, read.model, items)
    prompts = yield from take_evidence(taken, read, read.model)
    facts = {**of_merge.facts, "precision": PRECISION}
    return Written(prompts=prompts, conversion=conversion(trained, found), facts=facts)


def _read(folder: Path, base: BaseModel) -> BaseModel:
    """The model that the file holds, as transformers reads it."""
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=FILE, dtype=torch.float32, trust_remote_code=False
    ).eval()
    return replace(base, model=model)

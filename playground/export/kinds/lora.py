"""What another method learned as a plain LoRA: PEFT finds the nearest one, and the loss it costs is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import PeftModel, save_as_lora
from peft.tuners.tuners_utils import BaseTunerLayer

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.errors import ModelError, reason_of
from playground.export.evidence import take_evidence
from playground.export.fidelity import conversion, measured
from playground.export.kinds import Written
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.adapt import attached
from playground.model.sources import base_file
from playground.texts import Text

RANK = 32  # a change of higher rank is cut
ALREADY = Text(
    "{method} is a LoRA already. Take it away as a PEFT adapter.",
    "{method} já é uma LoRA. Leve-o como adaptador PEFT.",
)
NO_CHANGE = Text(
    "{method} changes no weights, so no LoRA can do the same. Take it away as a PEFT adapter.",
    "{method} não altera pesos, então nenhuma LoRA faz o mesmo. Leve-o como adaptador PEFT.",
)
NOT_AS_LORA = Text(
    "PEFT cannot make a LoRA of {method} ({reason}). Take it away as a PEFT adapter, or as a merged model.",
    "A PEFT não faz uma LoRA de {method} ({reason}). Leve-o como adaptador PEFT ou como modelo mesclado.",
)


def refusal(config: RunConfig) -> Text | None:
    spec = METHODS[config.method.method]
    if spec.peft_config == "LoraConfig" and not config.method.params.get("use_dora"):
        return ALREADY.filled(method=spec.label)
    return NO_CHANGE.filled(method=spec.label) if spec.prompt_learning else None


def write(taken: Taken, folder: Path) -> Steps[Written]:
    """Raises ModelError for a method of which PEFT cannot make a LoRA."""
    with taken.adapted() as (base, model):
        items = taken.items(base)
        trained = yield from measured(base, model, items)
        yield Step("converting")
        tuned = [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
        layers: list[Any] = [module.get_base_layer() for module in tuned]
        rank = min([RANK, *(side for layer in layers for side in layer.weight.shape)])
        _convert(taken, model, rank, folder)
    with taken.opened() as base, attached(base, folder) as model:
        found = yield from measured(base, model, items)
        prompts = yield from take_evidence(taken, base, model)
    base_file.keep(folder, base_file.base_file(taken.config.base_model))
    taken.name_base(folder)
    taken.copy_base(folder)
    return Written(prompts=prompts, conversion=conversion(trained, found), facts={"rank": rank})


def _convert(taken: Taken, model: PeftModel, rank: int, folder: Path) -> None:
    try:
        save_as_lora(str(folder), model, rank)
        model.create_or_update_model_card(str(folder))  # PEFT writes one with what it saves itself
    except (TypeError, ValueError, NotImplementedError) as error:
        label = METHODS[taken.config.method.method].label
        raise ModelError(NOT_AS_LORA, method=label, reason=reason_of(error)) from error

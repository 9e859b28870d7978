"""PEFT's configuration of a run as the line of Python that makes it: only what differs from PEFT's own defaults."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from typing import Any

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.errors import RunError
from playground.export.code.literals import call, literal
from playground.model.load import BaseModel
from playground.model.peft_config import peft_config
from playground.texts import Text

PLAIN = (bool, int, float, str, type(None))
MODULES = ("target_modules", "feedforward_modules", "exclude_modules")  # names that may be whole paths
# What PEFT itself fills in when it attaches or saves an adapter.
FILLED_IN = ("peft_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version")

NO_TEXT = Text(
    "The setting {name} of this method cannot be written into a program.",
    "A configuração {name} deste método não pode ser escrita em um programa.",
)


@dataclass(frozen=True)
class AdapterText:
    """`call` makes PEFT's configuration, of the class `config_class`."""

    config_class: str
    call: str


def adapter_text(config: RunConfig, base: BaseModel) -> AdapterText:
    """Of a resolved `config`. Raises RunError for a setting that is no plain value."""
    made = peft_config(METHODS[config.method.method], config, base)
    arguments = {name: _plain(name, value, base.model) for name, value in changed_fields(made).items()}
    name = type(made).__name__
    return AdapterText(name, call(name, [f"{field}={literal(value)}" for field, value in arguments.items()]))


def changed_fields(made: Any) -> dict[str, Any]:
    """The arguments of a PEFT configuration that differ from its class's own defaults."""
    found = {}
    for field in fields(made):
        value = getattr(made, field.name)
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if field.init and field.name not in FILLED_IN and value != default:
            found[field.name] = value
    return found


def _plain(name: str, value: Any, model: Any) -> Any:
    """A value of the kinds that have a literal. Raises RunError."""
    if isinstance(value, str):
        return str.__str__(value) if type(value) is str else str(getattr(value, "value", value))
    if isinstance(value, set | frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        listed = [_plain(name, item, model) for item in value]
        return _endings(listed, model) if name in MODULES and listed else listed
    if isinstance(value, dict):
        return {_plain(name, key, model): _plain(name, item, model) for key, item in value.items()}
    if isinstance(value, PLAIN) and not (isinstance(value, float) and not math.isfinite(value)):
        return value
    raise RunError(NO_TEXT, name=name)


def _endings(names: list[str], model: Any) -> list[str]:
    """The ends of modules' paths, where they stand for just these modules; else the paths as they are."""
    ends = sorted({name.rpartition(".")[2] for name in names})
    meant = {name for name, _ in model.named_modules() if name.rpartition(".")[2] in ends}
    return ends if meant == set(names) else names

"""The plain fields of PEFT's configuration classes, read from the classes themselves."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import peft

from playground.catalog.peft_fields import CHANGE_THE_BASE, FIELDS_FILE, NOT_FOR_FILES

PLAIN = (bool, int, float, str, list, dict)


def write_fields(path: Path = FIELDS_FILE) -> None:
    """Write the table of all configuration classes of the installed PEFT, with its version."""
    names = sorted(
        name for name in dir(peft) if name.endswith("Config") and dataclasses.is_dataclass(getattr(peft, name))
    )
    fields = {name: found for name in names if (found := fields_of(getattr(peft, name)))}
    path.parent.mkdir(parents=True, exist_ok=True)
    table = {"peft": peft.__version__, "fields": fields}
    path.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def fields_of(config_class: Any) -> dict[str, dict[str, Any]]:
    """The fields of one class whose values a run file can hold."""
    hints = typing.get_type_hints(config_class)
    found = {}
    for field in dataclasses.fields(config_class):
        kinds, choices, optional = kinds_of(hints[field.name])
        if field.name in NOT_FOR_FILES | CHANGE_THE_BASE or not (kinds or choices):
            continue
        found[field.name] = {
            "kinds": kinds,
            "choices": choices,
            "optional": optional,
            "default": _default(field),
        }
    return found


def kinds_of(hint: Any) -> tuple[list[str], list[Any], bool]:
    """The plain kinds that an annotation allows, the values of its Literals, and whether it allows None."""
    if hint is type(None):
        return [], [], True
    origin = get_origin(hint)
    if origin is Literal:
        return [], list(get_args(hint)), False
    if origin in (Union, types.UnionType):
        parts = [kinds_of(part) for part in get_args(hint)]
        kinds = sorted({kind for part in parts for kind in part[0]})  # a Union remembers no order
        choices = [choice for part in parts for choice in part[1]]
        return kinds, choices, any(part[2] for part in parts)
    plain = origin or hint
    return ([plain.__name__] if plain in PLAIN else []), [], False


def _default(field: dataclasses.Field[Any]) -> Any:
    """The field's default as JSON has it; None where there is none or it is no plain value."""
    value = field.default
    if value is dataclasses.MISSING and field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    value = getattr(value, "value", value)  # an Enum
    return value if isinstance(value, bool | int | float | str | list | dict) else None

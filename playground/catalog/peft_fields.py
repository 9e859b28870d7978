"""Every plain field of PEFT's configuration classes, so that a file may set what the form does not show.

The table in assets/methods/peft_fields.json is written by `python -m playground probe --fields` from the pinned PEFT:
importing PEFT here would make the page wait for it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from playground.errors import Problem, quoted
from playground.texts import Text

FIELDS_FILE = Path(__file__).resolve().parents[2] / "assets" / "methods" / "peft_fields.json"

# What a run decides itself, and what would read files or import modules that a run file names.
NOT_FOR_FILES = frozenset({
    "auto_mapping", "base_model_name_or_path", "inference_mode", "megatron_config", "megatron_core", "peft_type",
    "peft_version", "prompt_tuning_init_state_dict_path", "revision", "runtime_config", "task_type",
    "tokenizer_kwargs", "tokenizer_name_or_path",
})  # fmt: skip
# With these PEFT trains weights of the base in place, leaves trained copies in it, or builds it anew from its layers.
CHANGE_THE_BASE = frozenset({"bias", "layer_replication", "modules_to_save"})

WRONG_KIND = Text(
    "is {value}: PEFT takes {kinds} here, for example {default}.",
    "é {value}: aqui o PEFT aceita {kinds}, por exemplo {default}.",
)
# By the name of a kind in the table; a whole number is a float as well, and Python's bool, an int, is no number here.
KINDS: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "int": int,
    "float": (int, float),
    "str": str,
    "list": list,
    "dict": dict,
}


@cache
def peft_fields() -> dict[str, dict[str, dict[str, Any]]]:
    """By configuration class and field: `kinds` (keys of KINDS), `choices` of a text, and `default`."""
    fields: dict[str, dict[str, dict[str, Any]]] = json.loads(FIELDS_FILE.read_text(encoding="utf-8"))["fields"]
    return fields


def check_field(config_class: str, name: str, value: Any, unknown: Problem) -> Problem | None:
    """The problem with a field that the catalog does not describe; `unknown` where PEFT has none of that name."""
    found = peft_fields().get(config_class, {}).get(name)
    if found is None:
        return unknown
    if value is None and found["optional"]:
        return None
    if any(_is_a(kind, value) for kind in found["kinds"]) or value in found["choices"]:
        return None
    kinds = ", ".join([*found["kinds"], *map(str, found["choices"])])
    default = json.dumps(found["default"])
    return Problem(unknown.where, WRONG_KIND, {"value": quoted(value), "kinds": kinds, "default": default})


def _is_a(kind: str, value: Any) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))

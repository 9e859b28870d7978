"""From the form to a run's settings, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import gradio as gr

from playground.catalog.datasets import shown_dataset
from playground.catalog.methods import METHODS
from playground.config import DataConfig, RunConfig, Settings, TrainingConfig
from playground.errors import ConfigError
from playground.numbers import as_typed, typed
from playground.texts import Language
from playground.ui.train.choices import DEFAULT_METHOD, SCHEDULES, dataset_choices, method_choices, task_of_form
from playground.yaml_text import read_yaml_text, write_yaml_text

# Settings of the data whose inputs have the same names.
PARTS = ("subset", "split", "prompt_column", "completion_column")
PAIR = ("source_language", "target_language")


class Setting(NamedTuple):
    """One number of the form; label and help are the strings `<name>_label` and `<name>_help`."""

    name: str
    section: str  # of the settings: data, training, or "" for the top
    advanced: bool = False
    for_translation: bool = False  # shown only where the model may be a translation model


SETTINGS = (
    Setting("max_steps", "training"),
    Setting("batch_size", "training"),
    Setting("learning_rate", "training"),
    Setting("eval_every", "training"),
    Setting("max_seconds", "training", advanced=True),
    Setting("gradient_accumulation_steps", "training", advanced=True),
    Setting("warmup_ratio", "training", advanced=True),
    Setting("weight_decay", "training", advanced=True),
    Setting("max_grad_norm", "training", advanced=True),
    Setting("eval_examples", "training", advanced=True),
    Setting("label_smoothing", "training", advanced=True, for_translation=True),
    Setting("score_examples", "training", advanced=True, for_translation=True),
    Setting("max_tokens", "data", advanced=True),
    Setting("max_examples", "data", advanced=True),
    Setting("seed", "", advanced=True),
)
MODELS_OF_SECTION: dict[str, type[Settings]] = {"training": TrainingConfig, "data": DataConfig, "": RunConfig}


def default_of(setting: Setting) -> Any:
    """What the settings say when this one is not given; None where that depends on the method."""
    return MODELS_OF_SECTION[setting.section].model_fields[setting.name].default


def defaults_of_params(task: str) -> dict[str, Any]:
    """What the inputs `<method>__<parameter>` show by default for a model of `task`."""
    return {
        f"{spec.name}__{param.name}": _as_input(spec.defaults(task)[param.name])
        for spec in METHODS.values()
        for param in spec.params
    }


def automatic_name(method: str, dataset: str | None) -> str:
    """Of a run that the visitor gave no name."""
    return f"{method} {shown_dataset(dataset or '')}"[:120]


# --- from the form ---------------------------------------------------------------------------------


def values_from(language: Language, **fields: Any) -> dict[str, Any]:
    """The form's inputs as the nested values of `RunConfig.from_values`; empty inputs are left out.

    `language` is the one whose decimal mark was typed.
    """
    method = fields["method"]
    prefix = f"{method}__"
    params = {key.removeprefix(prefix): value for key, value in fields.items() if key.startswith(prefix)}
    values: dict[str, Any] = {
        "name": (fields["name"] or "").strip() or automatic_name(method, fields["dataset"]),
        "base_model": (fields["base_model"] or "").strip(),
        "data": {
            "dataset": (fields["dataset"] or "").strip(),
            **{name: fields[name] or None for name in (*PARTS, *PAIR)},
            "both_directions": bool(fields["both_directions"]) or None,
            "shuffled_answers": bool(fields["shuffled_answers"]) or None,
        },
        "method": {"method": method, "params": _with_typed(fields["peft_settings"], params)},
        "training": {
            "lr_schedule": fields["lr_schedule"],
            "gradient_checkpointing": bool(fields["gradient_checkpointing"]) or None,
        },
        "monitoring": list(fields["monitoring"] or []),
    }
    for setting in SETTINGS:
        section = values[setting.section] if setting.section else values
        section[setting.name] = _number(fields[setting.name], language)
    cleaned: dict[str, Any] = _without_empty(values)
    return cleaned


def yaml_from(language: Language, **fields: Any) -> str:
    """The form as the file that `python -m playground train` takes."""
    return write_yaml_text(values_from(language, **fields))


def data_config(dataset: str | None, subset: str | None = None, split: str | None = None) -> DataConfig:
    """Raises ConfigError for what cannot be a data set's name."""
    named = {"dataset": (dataset or "").strip(), "subset": subset or None, "split": split or None}
    return RunConfig.from_values({"data": named}).data


def _number(value: Any, language: Language) -> Any:
    """A typed number as a number; other text stays for the settings' check to refuse, empty is None."""
    if not isinstance(value, str):
        return value
    number = typed(value, language)
    return (value.strip() or None) if number is None else number


def _with_typed(text: str | None, params: dict[str, Any]) -> Any:
    """The inputs' values and those written by hand; what is no list of settings stays for the check to refuse."""
    given = {key: _typed(value) for key, value in params.items()}
    try:
        written = read_yaml_text(text or "", "method.params") or {}
    except ConfigError:
        return text
    return given | written if isinstance(written, dict) else text


def _typed(value: Any) -> Any:
    """Module names are typed with commas between them; everything else is what it is."""
    if isinstance(value, str) and "," in value:
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    kept = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None and value != [] and value != {}}


# --- back into the form ----------------------------------------------------------------------------


def inputs_for(values: Mapping[str, Any], language: Language, current_dataset: str | None = None) -> dict[str, Any]:
    """What each input, by its name, must show for `values`; settings that are not given go back to their default.

    `current_dataset` stays on the list, as the visitor's own file may be it.
    """
    data, method, training = (values.get(section, {}) for section in ("data", "method", "training"))
    base_model = values.get("base_model", RunConfig.model_fields["base_model"].default)
    chosen, params = method.get("method", DEFAULT_METHOD), method.get("params", {})
    group = METHODS[chosen].group
    datasets = dataset_choices(data.get("dataset"), base_model, language, current_dataset)
    defaults = defaults_of_params(task_of_form(base_model, data.get("source_language")))
    own = {f"{chosen}__{name}": _as_input(value) for name, value in params.items()}
    others = {name: value for name, value in params.items() if f"{chosen}__{name}" not in defaults}
    shown = {
        "name": values.get("name", ""),
        "base_model": base_model,
        "dataset": gr.Dropdown(choices=datasets, value=data.get("dataset")),
        **{name: _column(data.get(name)) for name in PARTS},
        **{name: data.get(name) for name in PAIR},
        "both_directions": bool(data.get("both_directions", False)),
        "shuffled_answers": bool(data.get("shuffled_answers", False)),
        "method_group": group,
        "method": gr.Radio(choices=method_choices(language, group, base_model, chosen), value=chosen),
        "lr_schedule": training.get("lr_schedule", SCHEDULES[0]),
        "gradient_checkpointing": bool(training.get("gradient_checkpointing", False)),
        "monitoring": list(values.get("monitoring", [])),
        **{key: own.get(key, default) for key, default in defaults.items()},
        "peft_settings": write_yaml_text(others) if others else "",
    }
    sections = {"training": training, "data": data, "": values}
    for setting in SETTINGS:
        value = sections[setting.section].get(setting.name, default_of(setting))
        is_text = value is not None and default_of(setting) is None
        shown[setting.name] = as_typed(value, language) if is_text else value
    return shown


def _column(name: str | None) -> gr.Dropdown:
    return gr.Dropdown(choices=[name] if name else [], value=name)


def _as_input(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list | tuple) else value

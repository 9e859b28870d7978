"""The form of the Train tab: its inputs, and the way between them and a run's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.catalog.methods import GROUPS, METHODS, Group, MethodSpec
from playground.catalog.models import MODELS
from playground.catalog.params import ParamSpec
from playground.catalog.resolve import task_for, why_not
from playground.config import DataConfig, RunConfig, Settings, TrainingConfig
from playground.errors import ConfigError, ModelError
from playground.numbers import as_typed, typed
from playground.texts import Language
from playground.ui.texts import STRINGS, t
from playground.yaml_text import read_yaml_text, write_yaml_text

DEFAULT_METHOD = "lora"
DEFAULT_DATASET = "notes-to-json"
SCHEDULES = ("linear", "cosine", "constant")


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


@dataclass(frozen=True)
class TrainForm:
    """Every input that decides a run. `params` is keyed `<method>__<parameter>`."""

    language: Language
    name: gr.Textbox
    base_model: gr.Dropdown
    dataset: gr.Dropdown
    subset: gr.Dropdown
    split: gr.Dropdown
    prompt_column: gr.Dropdown
    completion_column: gr.Dropdown
    source_language: gr.Dropdown
    target_language: gr.Dropdown
    both_directions: gr.Checkbox
    method_group: gr.Radio  # which methods are shown; decides nothing else
    method: gr.Radio
    numbers: dict[str, gr.Number | gr.Textbox]
    lr_schedule: gr.Dropdown
    monitoring: gr.CheckboxGroup
    params: dict[str, Component]
    peft_settings: gr.Textbox
    typed_in: gr.State  # the language whose decimal mark the text fields take

    def inputs_kwargs(self) -> dict[str, Block]:
        """For an event's `inputs_kwargs`; the handler hands its keywords to `values_from`."""
        return {
            "name": self.name,
            "base_model": self.base_model,
            "dataset": self.dataset,
            "subset": self.subset,
            "split": self.split,
            "prompt_column": self.prompt_column,
            "completion_column": self.completion_column,
            "source_language": self.source_language,
            "target_language": self.target_language,
            "both_directions": self.both_directions,
            "method": self.method,
            "lr_schedule": self.lr_schedule,
            "monitoring": self.monitoring,
            **self.numbers,
            **self.params,
            "peft_settings": self.peft_settings,
            "typed_in": self.typed_in,
        }

    def initial_values(self) -> dict[str, Any]:
        """What an untouched form sends."""
        return {key: getattr(component, "value", None) for key, component in self.inputs_kwargs().items()}

    def components(self) -> list[Block]:
        """What a visitor edits."""
        edited = [item for item in self.inputs_kwargs().values() if item is not self.typed_in]
        return [*edited, self.method_group]


def default_of(setting: Setting) -> Any:
    """What the settings say when this one is not given; None where that depends on the method."""
    return MODELS_OF_SECTION[setting.section].model_fields[setting.name].default


def number_input(setting: Setting, language: Language) -> gr.Number | gr.Textbox:
    """Bounds are left to the settings' own check, which explains them in the page's language."""
    label, info = t(f"{setting.name}_label", language), t(f"{setting.name}_help", language)
    value = default_of(setting)
    if value is None:  # a Number cannot be empty: it shows 0
        placeholder = _placeholder(setting, METHODS[DEFAULT_METHOD], language)
        return gr.Textbox(label=label, info=info, placeholder=placeholder, max_lines=1, min_width=150)
    return gr.Number(value=value, label=label, info=info, min_width=150, visible=not setting.for_translation)


def param_input(param: ParamSpec, language: Language) -> Component:
    """The input that fits a method's parameter."""
    label, info = param.label.to(language), param.help.to(language)
    if param.kind == "bool":
        return gr.Checkbox(value=param.default, label=label, info=info, min_width=150)
    if param.kind == "choice":
        return gr.Dropdown(list(param.choices), value=param.default, label=label, info=info, min_width=150)
    if param.kind == "modules":
        return gr.Textbox(value=param.default, label=label, info=info, max_lines=1, min_width=150)
    return gr.Number(value=param.default, label=label, info=info, min_width=150)


def choices_with(
    dataset: str | None, base_model: str, language: Language, current: str | None = None
) -> list[tuple[str, str]]:
    """(label, value) of the data sets: files of the visitor's own, those made for this kind of model, the others.

    None is ever taken away: a call that is on its way while the model changes still holds the old choice, and
    Gradio refuses what is not on the list.
    """
    model = MODELS.get(base_model)
    cards = sorted(DATASETS.values(), key=lambda card: model is not None and card.task != model.task)
    own = dict.fromkeys(name for name in (dataset, current) if name and name not in DATASETS)
    return [*((shown_dataset(name), name) for name in own), *((card.label.to(language), card.name) for card in cards)]


def model_choices() -> list[tuple[str, str]]:
    return [(card.label, card.name) for card in MODELS.values()]


def chosen_model(value: str | None) -> str:
    """The model that a dropdown names. Raises ModelError for none."""
    if not (name := (value or "").strip()):
        raise ModelError(STRINGS["needs_model"])
    return name


def group_choices(language: Language) -> list[tuple[str, str]]:
    return [(label.to(language), group) for group, label in GROUPS.items()]


def method_choices(language: Language, group: Group, base_model: str | None, current: str) -> list[tuple[str, str]]:
    """The methods of a group and of those before it that can train the model, and in any case the `current` one.

    Two lines each: the theme shows the first one as the card's title.
    """
    shown = list(GROUPS)[: list(GROUPS).index(group) + 1]
    card = MODELS.get(base_model or "")
    offered = [spec for spec in METHODS.values() if spec.group in shown and not (card and why_not(spec, card))]
    return [
        (f"{spec.label}\n{spec.summary.to(language)}", spec.name)
        for spec in METHODS.values()
        if spec in offered or spec.name == current
    ]


def methods_left_out(base_model: str | None) -> list[tuple[MethodSpec, str]]:
    """The methods that cannot train a listed model, each with the reason that the probe found."""
    card = MODELS.get(base_model or "")
    return [(spec, reason) for spec in METHODS.values() if card and (reason := why_not(spec, card))]


def wider(group: Group, method: str) -> Group:
    """`group`, or the one that it takes to show `method`."""
    order = list(GROUPS)
    return max(group, METHODS[method].group, key=order.index)


def values_from(**fields: Any) -> dict[str, Any]:
    """The form's keywords as the nested values of `RunConfig.from_values`; empty inputs are left out."""
    method = fields["method"]
    prefix = f"{method}__"
    params = {key.removeprefix(prefix): value for key, value in fields.items() if key.startswith(prefix)}
    values: dict[str, Any] = {
        "name": (fields["name"] or "").strip() or automatic_name(method, fields["dataset"]),
        "base_model": (fields["base_model"] or "").strip(),
        "data": {
            "dataset": (fields["dataset"] or "").strip(),
            "subset": fields["subset"] or None,
            "split": fields["split"] or None,
            "prompt_column": fields["prompt_column"] or None,
            "completion_column": fields["completion_column"] or None,
            "source_language": fields["source_language"] or None,
            "target_language": fields["target_language"] or None,
            "both_directions": bool(fields["both_directions"]) or None,
        },
        "method": {"method": method, "params": _with_typed(fields["peft_settings"], params)},
        "training": {"lr_schedule": fields["lr_schedule"]},
    }
    for setting in SETTINGS:
        section = values[setting.section] if setting.section else values
        section[setting.name] = _number(fields[setting.name], fields["typed_in"])
    values["monitoring"] = list(fields["monitoring"] or [])
    cleaned: dict[str, Any] = _without_empty(values)
    return cleaned


def automatic_name(method: str, dataset: str | None) -> str:
    """Of a run that the visitor gave no name."""
    return f"{method} {shown_dataset(dataset or '')}"[:120]


def data_config(dataset: str | None, subset: str | None = None, split: str | None = None) -> DataConfig:
    """Raises ConfigError for what cannot be a data set's name."""
    named = {"dataset": (dataset or "").strip(), "subset": subset or None, "split": split or None}
    return RunConfig.from_values({"data": named}).data


def fill_form(form: TrainForm, values: Mapping[str, Any], current_dataset: str | None = None) -> dict[Block, Any]:
    """What each input must show for `values`; settings that are not given go back to their default.

    `current_dataset` stays on the list, as the visitor's own file may be it.
    """
    data, method = values.get("data", {}), values.get("method", {})
    base_model = values.get("base_model", RunConfig.model_fields["base_model"].default)
    task = task_of_form(base_model, data.get("source_language"))
    sections = {"training": values.get("training", {}), "data": data, "": values}
    chosen = method.get("method", DEFAULT_METHOD)
    group = METHODS[chosen].group
    shown: dict[Block, Any] = {
        form.name: values.get("name", ""),
        form.base_model: base_model,
        form.dataset: gr.Dropdown(
            choices=choices_with(data.get("dataset"), base_model, form.language, current_dataset),
            value=data.get("dataset"),
        ),
        form.subset: _column(data.get("subset")),
        form.split: _column(data.get("split")),
        form.prompt_column: _column(data.get("prompt_column")),
        form.completion_column: _column(data.get("completion_column")),
        form.source_language: data.get("source_language"),
        form.target_language: data.get("target_language"),
        form.both_directions: bool(data.get("both_directions", False)),
        form.method_group: group,
        form.method: gr.Radio(choices=method_choices(form.language, group, base_model, chosen), value=chosen),
        form.lr_schedule: sections["training"].get("lr_schedule", SCHEDULES[0]),
        form.monitoring: list(values.get("monitoring", [])),
    }
    for setting in SETTINGS:
        value = sections[setting.section].get(setting.name, default_of(setting))
        is_text = value is not None and default_of(setting) is None
        shown[form.numbers[setting.name]] = as_typed(value, form.language) if is_text else value
    for key, component in form.params.items():
        owner, param = key.split("__", 1)
        given = method.get("params", {}) if owner == chosen else {}
        shown[component] = _as_input(given.get(param, METHODS[owner].defaults(task)[param]))
    others = {name: value for name, value in method.get("params", {}).items() if f"{chosen}__{name}" not in form.params}
    shown[form.peft_settings] = write_yaml_text(others) if others else ""
    return shown


def task_of_form(base_model: str | None, source_language: str | None) -> str:
    """causal_lm or seq2seq_lm, as `playground.catalog.resolve.task_of` decides it."""
    return task_for(base_model or "", bool(source_language))


def learning_rate_hint(method: str, task: str, language: Language) -> dict[str, Any]:
    """Shows the chosen method's own default where the learning rate is left empty."""
    default = METHODS[method].default_learning_rate(task)
    hint: dict[str, Any] = gr.update(placeholder=as_typed(default, language))
    return hint


def may_translate(base_model: str | None) -> bool:
    """Whether languages make sense; a model typed by hand may be of any kind."""
    card = MODELS.get(base_model or "")
    return card is None or card.task == "seq2seq_lm"


def param_default(key: str, task: str) -> Any:
    """What the input `<method>__<parameter>` shows by default for a model of `task`."""
    owner, param = key.split("__", 1)
    return _as_input(METHODS[owner].defaults(task)[param])


def _column(name: str | None) -> Any:
    return gr.Dropdown(choices=[name] if name else [], value=name)


def _placeholder(setting: Setting, spec: MethodSpec, language: Language) -> str | None:
    return as_typed(spec.learning_rate, language) if setting.name == "learning_rate" else None


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


def _as_input(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list | tuple) else value


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    kept = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None and value != [] and value != {}}

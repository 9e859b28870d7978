"""The languages of a translation run: a row of the Train form that follows the chosen model and data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.catalog.datasets import DATASETS
from playground.catalog.languages import language_name, match
from playground.catalog.models import MODELS
from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.texts import t
from playground.ui.train import fields
from playground.ui.train.hub_row import is_undecided

FIRST_DATASET = {"causal_lm": fields.DEFAULT_DATASET, "seq2seq_lm": "everyday-phrases"}
FIRST_PAIR = {"causal_lm": (None, None), "seq2seq_lm": ("en", "pt")}
# Sentences are short and steps quick on a translation model: more and larger ones than the general defaults.
FIRST_NUMBERS: dict[str, dict[str, Any]] = {
    "causal_lm": {},
    "seq2seq_lm": {"max_steps": 240, "batch_size": 16, "eval_every": 60},
}


@dataclass(frozen=True)
class LanguageRow:
    row: gr.Row
    source: gr.Dropdown
    target: gr.Dropdown
    both: gr.Checkbox
    note: gr.HTML


def build(language: Language) -> LanguageRow:
    with gr.Row(visible=False) as row:
        source, target = (
            gr.Dropdown(
                choices_for(("en", "pt", "es", "fr"), language),
                value=None,
                allow_custom_value=True,
                label=t(f"{side}_language_label", language),
                info=t("language_help", language),
                min_width=140,
                elem_id=f"pp-{side}-language",
            )
            for side in ("source", "target")
        )
        both = gr.Checkbox(
            False, label=t("both_directions_label", language), info=t("both_directions_help", language), min_width=140
        )
    note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="pp-pairs", padding=False)
    return LanguageRow(row, source, target, both, note)


def choices_for(codes: Sequence[str], ui: Language) -> list[tuple[str, str]]:
    """By name, in the page's language."""
    return sorted((language_name(code, ui), code) for code in codes)


def suggested(key: str, task: str) -> Any:
    """What an untouched input of the form shows for a model of `task`: a number, or a method's parameter."""
    if "__" in key:
        return fields.param_default(key, task)
    defaults = {setting.name: fields.default_of(setting) for setting in fields.SETTINGS}
    return FIRST_NUMBERS[task].get(key, defaults[key])


def follow_model(form: fields.TrainForm, values: dict[str, Any]) -> dict[Block, Any]:
    """What changes when the visitor has chosen the model in `values`: what does not fit its task gives way.

    An input is left alone once it shows anything but the suggestion for the other task.
    """
    base_model, dataset = values["base_model"] or "", values["dataset"]
    card = MODELS.get(base_model)
    if card is None:  # typed by hand: nobody knows yet what it is
        return {form.dataset: gr.Dropdown(choices=fields.choices_with(dataset, base_model, form.language))}
    task, other = card.task, "causal_lm" if card.task == "seq2seq_lm" else "seq2seq_lm"
    shown: dict[Block, Any] = {}
    inputs = {name: form.numbers[name] for name in FIRST_NUMBERS["seq2seq_lm"]} | form.params
    for key, component in inputs.items():
        if values[key] == suggested(key, other) != suggested(key, task):
            shown[component] = suggested(key, task)
    source, target = values["source_language"], values["target_language"]
    if dataset in DATASETS and DATASETS[dataset].task != task:
        dataset = FIRST_DATASET[task]
        source, target = FIRST_PAIR[task]
    if task == "causal_lm":  # a hidden input must not decide anything
        source = target = None
        shown |= {form.both_directions: False, form.numbers["label_smoothing"]: 0}
    choices = fields.choices_with(dataset, base_model, form.language)
    shown |= {form.source_language: source, form.target_language: target}
    return shown | {form.dataset: gr.Dropdown(choices=choices, value=dataset)}


def kept_pair(codes: Sequence[str], source: str | None, target: str | None) -> tuple[str | None, str | None]:
    """The chosen languages where the data set has them, else others that it has: never one twice."""
    source, target = (code if code and match(code, codes) else None for code in (source, target))
    source = source or next((code for code in codes if code != target), None)
    target = target or next((code for code in codes if code != source), None)
    return source, target


def wire(
    languages: LanguageRow, columns: gr.Row, form: fields.TrainForm, playground: Playground, ui: Language
) -> Dependency:
    """Returns the event after which everything fits the model that was chosen."""
    translation_numbers = [form.numbers[setting.name] for setting in fields.SETTINGS if setting.for_translation]

    def follow(**values: Any) -> dict[Block, Any]:
        return follow_model(form, values)

    def show(base_model: str, method: str, source: str | None) -> list[Any]:
        visible = fields.may_translate(base_model)
        hint = fields.learning_rate_hint(method, fields.task_of_form(base_model, source), form.language)
        return [gr.Row(visible=visible), hint, *(gr.Number(visible=visible) for _ in translation_numbers)]

    def offer(
        dataset: str, subset: str | None, split: str | None, base_model: str, source: str | None, target: str | None
    ) -> Any:
        if is_undecided(dataset, subset, split):
            return gr.skip()
        try:
            codes = playground.languages_of_data(fields.data_config(dataset, subset, split))
        except PlaygroundError:  # said where the data set itself is shown
            codes = ()
        pick_columns = gr.Row(visible=dataset not in DATASETS and not codes)
        if not codes:
            return pick_columns, gr.skip(), gr.skip()
        if fields.task_of_form(base_model, source) == "seq2seq_lm":
            source, target = kept_pair(codes, source, target)
        choices = choices_for(codes, ui)
        return pick_columns, gr.Dropdown(choices=choices, value=source), gr.Dropdown(choices=choices, value=target)

    watched = [form.base_model, form.method, form.source_language]
    shown = [languages.row, form.numbers["learning_rate"], *translation_numbers]
    gr.on([form.base_model.change, form.source_language.change], show, watched, shown, **PAST_QUEUE)
    pair = [form.source_language, form.target_language]
    asked = [form.dataset, form.subset, form.split, form.base_model, *pair]
    gr.on([form.dataset.change, form.subset.change, form.split.change], offer, asked, [columns, *pair], **PAST_QUEUE)
    changed = [form.dataset, *pair, form.both_directions, form.numbers["label_smoothing"]]
    numbers = [form.numbers[name] for name in FIRST_NUMBERS["seq2seq_lm"]]
    followed: Dependency = form.base_model.input(
        follow, None, [*changed, *numbers, *form.params.values()], inputs_kwargs=form.inputs_kwargs(), **PAST_QUEUE
    )
    return followed

"""The languages of a translation run: a row of the Train form that follows the chosen model and data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from playground.catalog.datasets import DATASETS
from playground.catalog.languages import language_name
from playground.catalog.models import MODELS
from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui import fields
from playground.ui.strings import t

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
FIRST_DATASET = {"causal_lm": fields.DEFAULT_DATASET, "seq2seq_lm": "everyday-phrases"}
FIRST_PAIR = {"causal_lm": (None, None), "seq2seq_lm": ("en", "pt")}
# Sentences are short and steps quick on a translation model: more and larger ones than the general defaults.
FIRST_NUMBERS = {"max_steps": 240, "batch_size": 16, "eval_every": 60}


@dataclass(frozen=True)
class LanguageRow:
    row: gr.Row
    source: gr.Dropdown
    target: gr.Dropdown
    both: gr.Checkbox


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
    return LanguageRow(row, source, target, both)


def choices_for(codes: tuple[str, ...], ui: Language) -> list[tuple[str, str]]:
    """By name, in the page's language."""
    return sorted((language_name(code, ui), code) for code in codes)


def wire(languages: LanguageRow, form: fields.TrainForm, playground: Playground, ui: Language) -> None:
    def follow_model(base_model: str, dataset: str, method: str) -> dict[Block, Any]:
        """The visitor chose a model: what does not fit its task gives way to what does."""
        card = MODELS.get(base_model)
        if card is None:
            return {languages.row: gr.Row(visible=True)}
        shown: dict[Block, Any] = {
            languages.row: gr.Row(visible=card.task == "seq2seq_lm"),
            form.numbers["learning_rate"]: fields.learning_rate_hint(method, card.task),
            **fields.method_defaults(form, card.task),
        }
        if dataset in DATASETS and DATASETS[dataset].task != card.task:
            source, target = FIRST_PAIR[card.task]
            shown |= {form.dataset: FIRST_DATASET[card.task], languages.source: source, languages.target: target}
            defaults = {setting.name: fields.default_of(setting) for setting in fields.SETTINGS}
            for name, number in FIRST_NUMBERS.items():
                shown[form.numbers[name]] = number if card.task == "seq2seq_lm" else defaults[name]
        return shown

    def show(base_model: str, dataset: str, source: str | None) -> Any:
        card = DATASETS.get(dataset)
        is_translation = fields.task_of_form(base_model, source) == "seq2seq_lm"
        return gr.Row(visible=is_translation or (card is not None and card.task == "seq2seq_lm"))

    def offer(dataset: str) -> Any:
        try:
            codes = playground.languages_of_data(dataset)
        except PlaygroundError:  # said where the data set itself is shown
            return gr.skip(), gr.skip()
        if not codes:
            return gr.skip(), gr.skip()
        choices = gr.Dropdown(choices=choices_for(codes, ui))
        return choices, choices

    changed = [languages.row, form.dataset, languages.source, languages.target, form.numbers["learning_rate"]]
    numbers = [form.numbers[name] for name in FIRST_NUMBERS]
    form.base_model.input(
        follow_model,
        [form.base_model, form.dataset, form.method],
        [*changed, *numbers, *form.params.values()],
        **QUIET,
    )
    watched = [form.base_model, form.dataset, languages.source]
    gr.on([form.base_model.change, form.dataset.change], show, watched, languages.row, **QUIET)
    form.dataset.change(offer, form.dataset, [languages.source, languages.target], **QUIET)

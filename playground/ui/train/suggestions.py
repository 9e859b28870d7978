"""What the form fills in of itself, by the names of its inputs: for a chosen model, for an uploaded file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from playground.catalog.codes import primary
from playground.catalog.datasets import DATASETS
from playground.catalog.languages import match
from playground.catalog.models import MODELS, ModelCard
from playground.texts import Language
from playground.ui.parts.pickers import offer
from playground.ui.train.choices import DEFAULT_DATASET, dataset_choices, language_choices, may_translate
from playground.ui.train.values import PAIR, SETTINGS, default_of, defaults_of_params

FIRST_DATASET = {"causal_lm": DEFAULT_DATASET, "seq2seq_lm": "everyday-phrases"}
FIRST_PAIR = {"causal_lm": (None, None), "seq2seq_lm": ("en", "pt")}
# Sentences are short and steps quick on a translation model: more and larger ones than the general defaults.
FIRST_NUMBERS: dict[str, dict[str, Any]] = {
    "causal_lm": {},
    "seq2seq_lm": {"max_steps": 240, "batch_size": 16, "eval_every": 60},
}


def suggested(task: str) -> dict[str, Any]:
    """What the untouched inputs that depend on the task show: some numbers, and the methods' parameters."""
    defaults = {setting.name: default_of(setting) for setting in SETTINGS}
    numbers = {name: FIRST_NUMBERS[task].get(name, defaults[name]) for name in FIRST_NUMBERS["seq2seq_lm"]}
    return numbers | defaults_of_params(task)


# All that `for_model` fills.
FOLLOWING = ("dataset", *PAIR, "both_directions", "label_smoothing", *suggested("causal_lm"))


def for_model(values: dict[str, Any], language: Language) -> dict[str, Any]:
    """What changes when the visitor has chosen the model in `values`: what does not fit its task gives way.

    An input is left alone once it shows anything but the suggestion for the other task.
    """
    base_model, dataset = values["base_model"] or "", values["dataset"]
    card = MODELS.get(base_model)
    if card is None:  # typed by hand: nobody knows yet what it is
        return {"dataset": gr.Dropdown(choices=dataset_choices(dataset, base_model, language))}
    task, other = card.task, "causal_lm" if card.task == "seq2seq_lm" else "seq2seq_lm"
    before = suggested(other)
    right = {name: value for name, value in suggested(task).items() if values[name] == before[name]}
    if dataset in DATASETS and DATASETS[dataset].task != task:
        dataset = FIRST_DATASET[task]
        right |= dict(zip(PAIR, FIRST_PAIR[task], strict=True))
    if task == "causal_lm":  # a hidden input must not decide anything
        right |= {**dict.fromkeys(PAIR), "both_directions": False, "label_smoothing": 0}
    changed = {name: value for name, value in right.items() if value != values[name]}
    return changed | {"dataset": offer(dataset_choices(dataset, base_model, language), values["dataset"], dataset)}


def for_upload(dataset: str, codes: Sequence[str], values: dict[str, Any], language: Language) -> dict[str, Any]:
    """What the form shows for an uploaded data set; of pairs both languages, and a model that translates."""
    base_model, shown = values["base_model"], {}
    if len(codes) > 1:
        if not may_translate(base_model):
            base_model = included_translator().name
            shown = {**for_model({**values, "base_model": base_model, "dataset": dataset}, language)}
            shown["base_model"] = base_model
        choices = language_choices(codes, language)
        pair = zip(PAIR, first_direction(codes), strict=True)
        shown |= {name: offer(choices, values[name], code) for name, code in pair}
    return shown | {"dataset": gr.Dropdown(choices=dataset_choices(dataset, base_model, language), value=dataset)}


def first_direction(codes: Sequence[str]) -> tuple[str, str]:
    """Out of the language that a file names first; into its other one, of several into Portuguese or English."""
    source = codes[0]
    others = [code for code in codes[1:] if primary(code) != primary(source)] or list(codes[1:])
    wanted = (match(code, others) for code in ("pt", "en"))
    return source, next(filter(None, wanted), others[0])


def kept_pair(codes: Sequence[str], source: str | None, target: str | None) -> tuple[str | None, str | None]:
    """The chosen languages where the data set has them, else others that it has: never one twice."""
    source, target = (code if code and match(code, codes) else None for code in (source, target))
    source = source or next((code for code in codes if code != target), None)
    target = target or next((code for code in codes if code != source), None)
    return source, target


def included_translator() -> ModelCard:
    return next(card for card in MODELS.values() if card.task == "seq2seq_lm" and card.included)

"""Sentence pairs that a visitor uploads: the model and the languages for them, and what so many can show."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.codes import primary
from playground.catalog.datasets import UPLOAD_PREFIX
from playground.catalog.languages import language_name, match
from playground.catalog.models import MODELS, ModelCard
from playground.config import DataConfig
from playground.errors import PlaygroundError
from playground.numbers import decimal
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.texts import t
from playground.ui.train import fields, language_row


def first_direction(codes: tuple[str, ...]) -> tuple[str, str]:
    """Out of the language that a file names first; into its other one, of several into Portuguese or English."""
    source = codes[0]
    others = [code for code in codes[1:] if primary(code) != primary(source)] or list(codes[1:])
    wanted = (match(code, others) for code in ("pt", "en"))
    return source, next(filter(None, wanted), others[0])


def offer(
    form: fields.TrainForm, playground: Playground, dataset: str, values: dict[str, Any], ui: Language
) -> dict[Block, Any]:
    """What the form shows for an uploaded data set; of pairs both languages, and a model that translates."""
    try:
        codes = playground.languages_of_data(DataConfig(dataset=dataset))
    except PlaygroundError:  # said where the data set itself is shown
        codes = ()
    base_model, shown = values["base_model"], {}
    if len(codes) > 1:
        if not fields.may_translate(base_model):
            card = _included_translator()
            base_model = card.name
            shown = language_row.follow_model(form, {**values, "base_model": base_model, "dataset": dataset})
            shown[form.base_model] = base_model
            gr.Info(t("pairs_switched", ui, model=card.label))
        choices = language_row.choices_for(codes, ui)
        pair = zip((form.source_language, form.target_language), first_direction(codes), strict=True)
        shown |= {box: gr.Dropdown(choices=choices, value=code) for box, code in pair}
    return {**shown, form.dataset: gr.Dropdown(choices=fields.choices_with(dataset, base_model, ui), value=dataset)}


def offered(form: fields.TrainForm) -> list[Block]:
    """Every component that `offer` may fill."""
    numbers = [form.numbers[name] for name in (*language_row.FIRST_NUMBERS["seq2seq_lm"], "label_smoothing")]
    pair = [form.source_language, form.target_language, form.both_directions]
    return [form.dataset, form.base_model, *pair, *numbers, *form.params.values()]


def note_html(playground: Playground, dataset: str, source: str, target: str, ui: Language) -> str:
    """How many pairs train and how many are held out, and what those can show; empty of what is no upload of pairs."""
    if not dataset.startswith(UPLOAD_PREFIX):
        return ""
    try:
        found = playground.training_pairs(dataset, source, target)
    except PlaygroundError:  # said where the data set itself is shown, and by pre-flight
        return ""
    if found is None:
        return ""
    names = {"source": language_name(source, ui), "target": language_name(target, ui)}
    counts = {"count": found.train + found.held_out, "held_out": found.held_out}
    return str(escape(t("pairs_note", ui, **names, **counts, detectable=decimal(found.detectable, 1, ui))))


def wire(note: gr.HTML, form: fields.TrainForm, playground: Playground, ui: Language) -> None:
    def about_pairs(dataset: str | None, base_model: str | None, source: str | None, target: str | None) -> gr.HTML:
        is_known = dataset and source and target and fields.may_translate(base_model)
        text = note_html(playground, str(dataset), str(source), str(target), ui) if is_known else ""
        return gr.HTML(text, visible=bool(text))

    watched = [form.dataset, form.base_model, form.source_language, form.target_language]
    changes = [form.dataset.change, form.base_model.change, form.source_language.input, form.target_language.input]
    gr.on(changes, about_pairs, watched, note, trigger_mode="always_last", **PAST_QUEUE)


def _included_translator() -> ModelCard:
    return next(card for card in MODELS.values() if card.task == "seq2seq_lm" and card.included)

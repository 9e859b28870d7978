"""The languages of a translation run: a row of the Train form that follows the chosen model and data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import escape

from playground.catalog.datasets import DATASETS, UPLOAD_PREFIX
from playground.catalog.languages import language_name
from playground.errors import PlaygroundError
from playground.numbers import decimal
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import offer
from playground.ui.parts.relay import latest
from playground.ui.texts import t
from playground.ui.train.choices import language_choices, may_translate, task_of_form, words
from playground.ui.train.hub_row import is_undecided
from playground.ui.train.suggestions import kept_pair
from playground.ui.train.values import data_config

if TYPE_CHECKING:
    from playground.ui.train.form import TrainForm


class LanguageRow:
    """`note` says what so many sentence pairs of the visitor's own can show."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Row(visible=False) as self.row:
            self.source_language, self.target_language = self._box("source"), self._box("target")
            self.both_directions = gr.Checkbox(False, min_width=140, **words("both_directions", language))
        self.note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="pp-pairs", padding=False)

    def _box(self, side: str) -> gr.Dropdown:
        label, info = t(f"{side}_language_label", self.language), t("language_help", self.language)
        return language_box(label, self.language, info=info, min_width=140, elem_id=f"pp-{side}-language")

    def connect(self, form: TrainForm) -> None:
        self.columns = form.columns
        boxes = {"source": self.source_language, "target": self.target_language}
        asked: dict[str, Any] = {"base_model": form.base_model, **boxes}
        latest(
            [form.dataset.change, form.hub.subset.change, form.hub.split.change], self.offer_pair, None,
            [form.columns, *boxes.values()],
            inputs_kwargs=form.part | asked, **PAST_QUEUE,
        )  # fmt: skip
        changes = [form.dataset.change, form.base_model.change, *(box.input for box in boxes.values())]
        latest(
            changes, self.about_pairs, None, self.note,
            inputs_kwargs={"dataset": form.dataset, **asked}, **PAST_QUEUE,
        )  # fmt: skip

    def offer_pair(
        self, *, dataset: str | None, subset: str | None, split: str | None, base_model: str | None,
        source: str | None, target: str | None,
    ) -> Any:  # fmt: skip
        """The languages of the data set, or, where it has none, the columns to choose from."""
        if is_undecided(dataset, subset, split):
            return gr.skip()
        try:
            codes = self.playground.languages_of_data(data_config(dataset, subset, split))
        except PlaygroundError:  # said where the data set itself is shown
            codes = ()
        columns: Shown = {self.columns: gr.Row(visible=dataset not in DATASETS and not codes)}
        if not codes:
            return columns
        right = source, target
        if task_of_form(base_model, source) == "seq2seq_lm":
            right = kept_pair(codes, source, target)
        choices = language_choices(codes, self.language)
        boxes = zip((self.source_language, self.target_language), (source, target), right, strict=True)
        return columns | {box: offer(choices, shown, code) for box, shown, code in boxes}

    def about_pairs(
        self, *, dataset: str | None, base_model: str | None, source: str | None, target: str | None
    ) -> gr.HTML:
        is_known = dataset and source and target and may_translate(base_model)
        text = self.note_html(str(dataset), str(source), str(target)) if is_known else ""
        return gr.HTML(text, visible=bool(text))

    def note_html(self, dataset: str, source: str, target: str) -> str:
        """How many pairs train and are held out, and what those can show; empty of what is no upload of pairs."""
        if not dataset.startswith(UPLOAD_PREFIX):
            return ""
        try:
            found = self.playground.training_pairs(dataset, source, target)
        except PlaygroundError:  # said where the data set itself is shown, and by pre-flight
            return ""
        if found is None:
            return ""
        ui = self.language
        names = {"source": language_name(source, ui), "target": language_name(target, ui)}
        counts = {"count": found.train + found.held_out, "held_out": found.held_out}
        return str(escape(t("pairs_note", ui, **names, **counts, detectable=decimal(found.detectable, 1, ui))))


def language_box(label: str, language: Language, **place: Any) -> gr.Dropdown:
    """Empty; any language can be typed."""
    choices = language_choices(("en", "pt", "es", "fr"), language)
    return gr.Dropdown(choices, value=None, allow_custom_value=True, label=label, **place)

"""The form of the Train tab: its inputs, and what follows in it from each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components.base import FormComponent
from gradio.events import Dependency

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.config import DataConfig
from playground.errors import PlaygroundError
from playground.numbers import as_typed
from playground.service import Playground
from playground.service.uploads import MAX_UPLOAD_MB
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, error_html, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.parts.relay import SETTLED_JS, latest, relay
from playground.ui.preflight.rate_panel import RatePanel
from playground.ui.texts import t
from playground.ui.train import suggestions
from playground.ui.train.choices import (
    DEFAULT_DATASET,
    DEFAULT_METHOD,
    SCHEDULES,
    dataset_choices,
    may_translate,
    model_choices,
    task_of_form,
    tracker_choices,
    words,
)
from playground.ui.train.html import about_dataset, hub_html, included_html
from playground.ui.train.hub_row import HubRow
from playground.ui.train.language_row import LanguageRow
from playground.ui.train.method_picker import MethodPicker
from playground.ui.train.values import SETTINGS, Setting, default_of, inputs_for

FIRST_MODEL = next(iter(MODELS))
FOR_TRANSLATION = [setting.name for setting in SETTINGS if setting.for_translation]
# What the page itself may change after an edit, without `filled_at`.
FOLLOWERS = ("dataset", "subset", "split", "source_language", "target_language", "method", "learning_rate")


class TrainForm:
    """Every input that decides a run, by the name of its setting in `inputs`; `<method>__<parameter>` of a method.

    `filled_at` changes whenever the page has filled in the form; `part` is what names the data to read.
    """

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.filled_from = gr.HTML(visible=False, elem_id="pp-filled-from", padding=False)  # whose settings it shows
        # No State: of that, gradio's page also tells a change when an event has left it as it was.
        self.filled_at = gr.Number(0.0, visible="hidden")
        with self._section("model"):
            self._lay_out_model()
        with self._section("data"):
            self._lay_out_data()
        with self._section("method"):
            self.methods = MethodPicker(language)
        with self._section("training"):
            self._lay_out_training()
            self.rates = RatePanel(playground, language)
        parts = (self, self.hub, self.languages, self.methods)
        named = {name: item for part in parts for name, item in vars(part).items() if isinstance(item, FormComponent)}
        del named["filled_at"]
        self.inputs: dict[str, Any] = named | self.numbers | self.methods.params
        self.part: dict[str, Any] = {name: self.inputs[name] for name in ("dataset", "subset", "split")}

    @contextmanager
    def _section(self, name: str) -> Iterator[None]:
        with gr.Column(elem_classes="pp-section"):
            gr.HTML(f'<h3 class="pp-heading">{t(f"section_{name}", self.language)}</h3>', padding=False)
            yield

    def _lay_out_model(self) -> None:
        language = self.language
        self.base_model = gr.Dropdown(
            model_choices(), value=FIRST_MODEL, allow_custom_value=True, **words("base_model", language)
        )
        self.model_about = gr.HTML(
            included_html(FIRST_MODEL, language), elem_id="pp-model-about", elem_classes="pp-about", padding=False
        )

    def _lay_out_data(self) -> None:
        language = self.language
        self.dataset = gr.Dropdown(
            dataset_choices(DEFAULT_DATASET, FIRST_MODEL, language), value=DEFAULT_DATASET, allow_custom_value=True,
            elem_id="pp-dataset", **words("dataset", language),
        )  # fmt: skip
        self.dataset_about = gr.HTML(about_dataset(DEFAULT_DATASET, language), elem_classes="pp-about", padding=False)
        self.upload = gr.UploadButton(
            t("upload_button", language), file_count="multiple", size="sm", elem_id="pp-upload"
        )  # fmt: skip
        gr.HTML(t("upload_help", language, limit=MAX_UPLOAD_MB), elem_classes="pp-about", padding=False)
        self.hub = HubRow(self.playground, language)
        with gr.Row(visible=False) as self.columns:
            self.prompt_column, self.completion_column = (
                gr.Dropdown([], label=t(f"{name}_label", language), info=t("column_help", language), min_width=140)
                for name in ("prompt_column", "completion_column")
            )
        self.languages = LanguageRow(self.playground, language)

    def _lay_out_training(self) -> None:
        language = self.language
        self.numbers: dict[str, gr.Number | gr.Textbox] = {}
        with gr.Row():
            self._lay_out_numbers(advanced=False)
        with gr.Accordion(t("training_more", language), open=False):
            with gr.Row():
                schedules = [(t(f"schedule_{name}", language), name) for name in SCHEDULES]
                self.lr_schedule = gr.Dropdown(
                    schedules, value=SCHEDULES[0], min_width=150, **words("lr_schedule", language)
                )
                self._lay_out_numbers(advanced=True)
            self.shuffled_answers = gr.Checkbox(False, **words("shuffled_answers", language))
            self.gradient_checkpointing = gr.Checkbox(False, **words("gradient_checkpointing", language))
            self.monitoring = gr.CheckboxGroup(tracker_choices(language), **words("monitoring", language))
        self.name = gr.Textbox(
            label=t("name_label", language), placeholder=t("name_placeholder", language), max_length=120, max_lines=1
        )

    def _lay_out_numbers(self, *, advanced: bool) -> None:
        for setting in SETTINGS:
            if setting.advanced == advanced:
                self.numbers[setting.name] = number_input(setting, self.language)

    def initial_values(self) -> dict[str, Any]:
        """What an untouched form sends."""
        return {name: component.value for name, component in self.inputs.items()}

    def connect(self, page: gr.Blocks) -> list[Dependency]:
        """Returns the events after which there may be other data to read. `edited` is the step after every edit."""
        self.edited = relay(self.edits, SETTLED_JS)
        latest([self.base_model.change], self.about_model, self.base_model, self.model_about, **PAST_QUEUE)
        latest([self.dataset.change], self.about_dataset, self.dataset, self.dataset_about, **PAST_QUEUE)
        following = [self.inputs[name] for name in suggestions.FOLLOWING]
        self.base_model.input(
            self.follow, None, [self.filled_at, *following], inputs_kwargs=self.inputs,
            trigger_mode="always_last", **QUIET,
        )  # fmt: skip
        fitted = {name: self.inputs[name] for name in ("base_model", "method", "source_language")}
        translation = [self.numbers[name] for name in FOR_TRANSLATION]
        latest(
            [item.change for item in fitted.values()], self.fit, None,
            [self.languages.row, self.numbers["learning_rate"], *translation],
            inputs_kwargs=fitted, **PAST_QUEUE,
        )  # fmt: skip
        kept = self.upload.upload(
            shows_errors(self.language)(self.keep), None, [self.filled_at, self.base_model, *following],
            inputs_kwargs={"sent": self.upload, **self.inputs}, show_progress_on=self.upload, api_visibility="private",
        )  # fmt: skip
        looked = self.hub.connect(self)
        self.languages.connect(self)
        self.methods.connect(self)
        self.rates.connect(page, self.inputs)
        return [looked, kept]

    @property
    def edits(self) -> list[Any]:
        """What happens when the form says something else; a chosen model counts only after what follows from it."""
        typed = [item.input for name, item in self.inputs.items() if name != "base_model"]
        return [*typed, *(self.inputs[name].change for name in FOLLOWERS), self.filled_at.change]

    @property
    def filling(self) -> list[Block]:
        """What `fill` fills."""
        return [self.filled_at, *self.inputs.values()]

    def fill(self, values: Mapping[str, Any], current_dataset: str | None) -> Shown:
        """The form with the settings `values`; the current data set stays on its list."""
        return self.show(inputs_for(values, self.language, current_dataset))

    def show(self, named: Mapping[str, Any]) -> Shown:
        """Values by the names of their inputs, as the page's own filling."""
        return {self.filled_at: time.monotonic()} | {self.inputs[name]: value for name, value in named.items()}

    # --- what follows from an edit ---------------------------------------------------------------

    def follow(self, **values: Any) -> Shown:
        return self.show(suggestions.for_model(values, self.language))

    def keep(self, *, sent: list[str] | None, **values: Any) -> Any:
        """What the form shows for files that were sent."""
        if not sent:
            return gr.skip()
        kept = self.playground.keep_upload([Path(path) for path in sent])
        try:
            codes = self.playground.languages_of_data(DataConfig(dataset=kept))
        except PlaygroundError:  # said where the data set itself is shown
            codes = ()
        shown = suggestions.for_upload(kept, codes, values, self.language)
        if "base_model" in shown:
            gr.Info(t("pairs_switched", self.language, model=MODELS[shown["base_model"]].label))
        return self.show(shown)

    def fit(self, *, base_model: str | None, method: str, source_language: str | None) -> Shown:
        """Shows what makes sense for the model, and the method's own default where the learning rate is empty."""
        visible = may_translate(base_model)
        default = METHODS[method].default_learning_rate(task_of_form(base_model, source_language))
        return {
            self.languages.row: gr.Row(visible=visible),
            self.numbers["learning_rate"]: gr.Textbox(placeholder=as_typed(default, self.language)),
            **{self.numbers[name]: gr.Number(visible=visible) for name in FOR_TRANSLATION},
        }

    def about_dataset(self, dataset: str | None) -> str:
        return about_dataset(dataset, self.language)

    def about_model(self, name: str | None) -> str:
        """What a model brings, before anything is downloaded: its size, its licence, and whose weights they are."""
        name = (name or "").strip()
        card, included = MODELS.get(name), included_html(name, self.language)
        if not name or (card is not None and card.included):
            return included
        try:
            found = hub_html(name, self.playground.to_download(name), self.language)
        except PlaygroundError as error:
            return f'<span class="pp-warning">{error_html(error, self.language)}</span>'
        return found if card is None else f"{included}<br>{found}"


def number_input(setting: Setting, language: Language) -> gr.Number | gr.Textbox:
    """Bounds are left to the settings' own check, which explains them in the page's language."""
    value = default_of(setting)
    if value is None:  # a Number cannot be empty: it shows 0
        rate = as_typed(METHODS[DEFAULT_METHOD].learning_rate, language)
        hint = rate if setting.name == "learning_rate" else None
        return gr.Textbox(placeholder=hint, max_lines=1, min_width=150, **words(setting.name, language))
    return gr.Number(value, min_width=150, visible=not setting.for_translation, **words(setting.name, language))

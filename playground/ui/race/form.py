"""The form of a new race: its inputs, what follows from a chosen model, and its values as those of a race file."""

from __future__ import annotations

import re
from typing import Any

import gradio as gr
from gradio.components import Component

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.resolve import why_not
from playground.numbers import separators, typed
from playground.race.config import MAX_ENTRANTS, MAX_SEEDS
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import offer
from playground.ui.texts import t
from playground.ui.train import suggestions
from playground.ui.train.choices import DEFAULT_DATASET, dataset_choices, may_translate, model_choices, task_of_form
from playground.ui.train.language_row import language_box
from playground.ui.train.values import PAIR

FIRST_METHODS = ("lora", "prefix_tuning", "prompt_tuning")
FIRST_NUMBERS = {"max_steps": 20, "batch_size": 4, "eval_every": 5}
FOLLOWING = ("dataset", *PAIR, *FIRST_NUMBERS, "methods")  # all that `follow_model` fills


class RaceForm:
    """Every component is an input that decides a new race; `values_from` reads them under these names."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._lay_out_data()
        self._lay_out_entrants()
        self._lay_out_numbers()
        self.name = gr.Textbox(
            "", label=t("race_name", language), placeholder=t("race_default_name", language), max_length=120,
            max_lines=1,
        )  # fmt: skip

    def _lay_out_data(self) -> None:
        language, first_model = self.language, next(iter(MODELS))
        with gr.Row():
            self.base_model = gr.Dropdown(
                model_choices(), value=first_model, allow_custom_value=True,
                label=t("race_base", language), elem_id="race-base",
            )  # fmt: skip
            self.dataset = gr.Dropdown(
                dataset_choices(DEFAULT_DATASET, first_model, language), value=DEFAULT_DATASET,
                label=t("race_dataset", language), elem_id="race-dataset",
            )  # fmt: skip
            with gr.Row(visible=False) as self.languages:
                self.source_language, self.target_language = (
                    language_box(t(f"race_{side}", language), language, min_width=120, elem_id=f"race-{side}")
                    for side in ("source", "target")
                )

    def _lay_out_entrants(self) -> None:
        language, choices = self.language, method_choices(next(iter(MODELS)))
        self.methods = gr.Dropdown(
            choices, value=list(FIRST_METHODS), multiselect=True, max_choices=MAX_ENTRANTS,
            label=t("race_methods", language), info=t("race_methods_help", language), elem_id="race-methods",
        )  # fmt: skip
        with gr.Accordion(t("race_vary", language), open=False), gr.Row():
            self.vary_method = gr.Dropdown(
                choices, value="lora", label=t("race_vary_method", language), elem_id="race-vary-method"
            )
            self.vary_param = gr.Dropdown(
                param_choices("lora", language), value="r",
                label=t("race_vary_param", language), elem_id="race-vary-param",
            )  # fmt: skip
            self.vary_values = gr.Textbox(
                "", label=t("race_vary_values", language), info=t("race_vary_help", language), max_lines=1,
                elem_id="race-vary-values",
            )  # fmt: skip

    def _lay_out_numbers(self) -> None:
        """The budget, how often to look, and the seeds."""
        language = self.language
        with gr.Row():
            self.max_steps, self.batch_size, self.eval_every = (
                gr.Number(value, precision=0, label=t(f"race_{name}", language), min_width=120, elem_id=f"race-{name}")
                for name, value in zip(("steps", "batch", "eval_every"), FIRST_NUMBERS.values(), strict=True)
            )
            self.max_seconds = gr.Textbox(
                "", label=t("race_seconds", language), info=t("race_seconds_help", language), max_lines=1,
                min_width=160, elem_id="race-seconds",
            )  # fmt: skip
            self.seeds = gr.Slider(
                1, MAX_SEEDS, value=1, step=1, label=t("race_seeds", language), info=t("race_seeds_help", language),
                min_width=160, elem_id="race-seeds",
            )  # fmt: skip
            self.seed = gr.Number(42, precision=0, minimum=0, label=t("seed_label", language), min_width=120)

    def inputs_kwargs(self) -> dict[str, Any]:
        return {name: item for name, item in vars(self).items() if isinstance(item, Component)}

    def connect(self) -> None:
        self.vary_method.input(self.follow_method, self.vary_method, self.vary_param, **PAST_QUEUE)
        following = {name: getattr(self, name) for name in FOLLOWING}
        self.base_model.input(
            self.follow_model, None, [self.languages, *following.values()],
            inputs_kwargs={"base_model": self.base_model, **following}, trigger_mode="always_last", **PAST_QUEUE,
        )  # fmt: skip

    def follow_method(self, method: str) -> gr.Dropdown:
        choices = param_choices(method, self.language)
        return gr.Dropdown(choices=choices, value=choices[0][1])

    def follow_model(self, *, base_model: str, **shown: Any) -> Shown:
        """Data, languages, numbers and methods that fit the model, where the form shows others."""
        task = task_of_form(base_model, None)
        choices, dataset = method_choices(base_model), suggestions.FIRST_DATASET[task]
        known = {name for _, name in choices}
        pair = dict(zip(PAIR, suggestions.FIRST_PAIR[task], strict=True))
        right = FIRST_NUMBERS | suggestions.FIRST_NUMBERS[task] | pair
        fitting = [name for name in shown["methods"] if name in known]
        return {getattr(self, name): value for name, value in right.items() if value != shown[name]} | {
            self.languages: gr.Row(visible=may_translate(base_model)),
            self.dataset: offer(dataset_choices(dataset, base_model, self.language), shown["dataset"], dataset),
            self.methods: offer(choices, shown["methods"], fitting, multiselect=True),
        }


def method_choices(base_model: str) -> list[tuple[str, str]]:
    """The methods that train this model, as far as is known, by their label."""
    card = MODELS.get(base_model)
    return [(spec.label, name) for name, spec in METHODS.items() if card is None or not why_not(spec, card)]


def param_choices(method: str, language: Language) -> list[tuple[str, str]]:
    """What can be varied: the method's parameters under their label and name, and the learning rate."""
    own = [(f"{param.label.to(language)} ({param.name})", param.name) for param in METHODS[method].params]
    return [*own, (t("learning_rate_label", language), "learning_rate")]


def values_from(language: Language, **given: Any) -> dict[str, Any]:
    """The form as the values of a race file; what is wrong with them is for `RaceConfig` to say."""
    training = {name: given[name] for name in ("max_steps", "batch_size", "eval_every")}
    if str(given["max_seconds"] or "").strip():
        training["max_seconds"] = _typed(str(given["max_seconds"]), language)
    data = {"dataset": given["dataset"] or ""}
    for side in PAIR:
        if given[side] and may_translate(given["base_model"]):
            data[side] = given[side]
    return {
        "name": (given["name"] or "").strip() or t("race_default_name", language),
        "base_model": (given["base_model"] or "").strip(),
        "data": data,
        "training": training,
        "seed": given["seed"],
        "race": {"seeds": int(given["seeds"]), "entrants": [*given["methods"], *_variations(given, language)]},
    }


def _variations(given: dict[str, Any], language: Language) -> list[dict[str, Any]]:
    text, param = given["vary_values"] or "", given["vary_param"]
    # Module names have commas of their own, and so have decimals in some languages: a comma with a digit behind it.
    comma = r",(?!\d)" if separators(language).startswith(",") else ","
    parts = text.split(";") if ";" in text else re.split(comma, text)
    values = [_typed(part, language) for part in parts if part.strip()]
    if param == "learning_rate":
        return [{"method": given["vary_method"], "learning_rate": value} for value in values]
    return [{"method": given["vary_method"], "params": {param: value}} for value in values]


def _typed(text: str, language: Language) -> Any:
    """A number or a truth where the text is one; anything else is left to be refused with its name."""
    cleaned = text.strip()
    if cleaned.lower() in ("true", "false"):
        return cleaned.lower() == "true"
    number = typed(cleaned, language)
    return cleaned if number is None else number

"""The Race tab: a form for a new race on top, the race that is shown below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.resolve import why_not
from playground.numbers import separators, typed
from playground.race.charts import AXES
from playground.race.config import MAX_ENTRANTS, MAX_SEEDS
from playground.texts import Language
from playground.ui.race import html as race_html
from playground.ui.texts import t
from playground.ui.train import fields, language_row

SCORES = ("eval_loss", "chrf")
COSTS = ("trainable_parameters", "seconds", "peak_memory_bytes", "adapter_bytes")
FIRST_METHODS = ("lora", "prefix_tuning", "prompt_tuning")
FIRST_NUMBERS = {"max_steps": 20, "batch_size": 4, "eval_every": 5}
SECONDS_BETWEEN_LOOKS = 3.0


@dataclass(frozen=True)
class RaceForm:
    """Every input that decides a new race; `values_from` reads them under these names."""

    name: gr.Textbox
    base_model: gr.Dropdown
    dataset: gr.Dropdown
    source_language: gr.Dropdown
    target_language: gr.Dropdown
    methods: gr.Dropdown
    vary_method: gr.Dropdown
    vary_param: gr.Dropdown
    vary_values: gr.Textbox
    max_steps: gr.Number
    max_seconds: gr.Textbox
    batch_size: gr.Number
    eval_every: gr.Number
    seeds: gr.Slider
    seed: gr.Number

    def inputs_kwargs(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class RaceTab:
    """The tab's components. `current` holds a race's id or None, `latest` what is shown of it."""

    form: RaceForm
    languages: gr.Row
    start: gr.Button
    current: gr.State
    latest: gr.State
    timer: gr.Timer
    earlier: gr.Dropdown
    body: gr.Column
    status: gr.HTML
    stop: gr.Button
    resume: gr.Button
    to_runs: gr.Button
    delete: gr.Button
    pending: gr.State
    confirm: gr.Column
    confirm_text: gr.HTML
    confirm_yes: gr.Button
    confirm_no: gr.Button
    failures: gr.HTML
    table: gr.Dataframe
    axis: gr.Radio
    curves: gr.Plot
    score: gr.Radio
    cost: gr.Radio
    pareto: gr.Plot
    clicked: gr.Number

    @property
    def shown(self) -> list[Any]:
        """What `race_events.draw` fills, in its order."""
        return [
            self.latest, self.timer, self.body, self.status, self.stop, self.resume, self.failures, self.table,
            self.score, self.curves, self.pareto,
        ]  # fmt: skip

    @property
    def choices(self) -> list[Any]:
        """What decides how the charts look."""
        return [self.axis, self.score, self.cost]


def build(language: Language) -> RaceTab:
    gr.HTML(f"<p>{t('race_intro', language)}</p>", padding=True)
    with gr.Accordion(t("race_new", language), open=True):
        form, languages = _build_form(language)
        start = gr.Button(t("race_start", language), variant="primary", elem_id="race-start")
    earlier = gr.Dropdown(
        [], value=None, label=t("race_earlier", language), info=t("race_empty", language), elem_id="race-earlier"
    )
    return RaceTab(
        form=form, languages=languages, start=start, current=gr.State(None), latest=gr.State(None),
        timer=gr.Timer(SECONDS_BETWEEN_LOOKS, active=False), earlier=earlier, **_build_results(language),
    )  # fmt: skip


def _build_form(language: Language) -> tuple[RaceForm, gr.Row]:
    first_model = next(iter(MODELS))
    with gr.Row():
        base_model = gr.Dropdown(
            fields.model_choices(), value=first_model, allow_custom_value=True,
            label=t("race_base", language), elem_id="race-base",
        )  # fmt: skip
        dataset = gr.Dropdown(
            fields.choices_with(fields.DEFAULT_DATASET, first_model, language), value=fields.DEFAULT_DATASET,
            label=t("race_dataset", language), elem_id="race-dataset",
        )  # fmt: skip
        with gr.Row(visible=False) as languages:
            source, target = (
                gr.Dropdown(
                    language_row.choices_for(("en", "pt", "es", "fr"), language), value=None, allow_custom_value=True,
                    label=t(f"race_{side}", language), min_width=120, elem_id=f"race-{side}",
                )
                for side in ("source", "target")
            )  # fmt: skip
    methods = gr.Dropdown(
        method_choices(first_model), value=list(FIRST_METHODS), multiselect=True,
        max_choices=MAX_ENTRANTS, label=t("race_methods", language), info=t("race_methods_help", language),
        elem_id="race-methods",
    )  # fmt: skip
    with gr.Accordion(t("race_vary", language), open=False), gr.Row():
        vary_method = gr.Dropdown(
            method_choices(first_model), value="lora",
            label=t("race_vary_method", language), elem_id="race-vary-method",
        )  # fmt: skip
        vary_param = gr.Dropdown(
            param_choices("lora", language), value="r", label=t("race_vary_param", language), elem_id="race-vary-param"
        )
        vary_values = gr.Textbox(
            "", label=t("race_vary_values", language), info=t("race_vary_help", language), max_lines=1,
            elem_id="race-vary-values",
        )  # fmt: skip
    numbers = _build_numbers(language)
    name = gr.Textbox(
        "", label=t("race_name", language), placeholder=t("race_default_name", language), max_length=120, max_lines=1
    )
    form = RaceForm(
        name=name, base_model=base_model, dataset=dataset, source_language=source, target_language=target,
        methods=methods, vary_method=vary_method, vary_param=vary_param, vary_values=vary_values, **numbers,
    )  # fmt: skip
    return form, languages


def _build_numbers(language: Language) -> dict[str, Any]:
    """The budget, how often to look, and the seeds."""
    numbers: dict[str, Any] = {}
    with gr.Row():
        for key, label in (("max_steps", "steps"), ("batch_size", "batch"), ("eval_every", "eval_every")):
            numbers[key] = gr.Number(
                FIRST_NUMBERS[key], precision=0, label=t(f"race_{label}", language), min_width=120,
                elem_id=f"race-{label}",
            )  # fmt: skip
        numbers["max_seconds"] = gr.Textbox(
            "", label=t("race_seconds", language), info=t("race_seconds_help", language), max_lines=1, min_width=160,
            elem_id="race-seconds",
        )  # fmt: skip
        numbers["seeds"] = gr.Slider(
            1, MAX_SEEDS, value=1, step=1, label=t("race_seeds", language), info=t("race_seeds_help", language),
            min_width=160, elem_id="race-seeds",
        )  # fmt: skip
        numbers["seed"] = gr.Number(42, precision=0, minimum=0, label=t("seed_label", language), min_width=120)
    return numbers


def _build_results(language: Language) -> dict[str, Any]:
    with gr.Column(visible=False, elem_id="race-body") as body:
        with gr.Row(equal_height=True):
            status = gr.HTML(padding=True, elem_id="race-status")
            stop = gr.Button(t("race_stop", language), variant="stop", scale=0, min_width=110, elem_id="race-stop")
            resume = gr.Button(t("race_continue", language), scale=0, min_width=110, elem_id="race-continue")
            to_runs = gr.Button(t("race_to_runs", language), scale=0, min_width=220, elem_id="race-to-runs")
            delete = gr.Button(
                t("runs_delete", language), variant="stop", scale=0, min_width=110, elem_id="race-delete"
            )
        with gr.Column(visible=False) as confirm:
            confirm_text = gr.HTML(padding=True)
            with gr.Row():
                confirm_yes = gr.Button(t("runs_delete_yes", language), variant="stop", elem_id="race-delete-yes")
                confirm_no = gr.Button(t("runs_delete_no", language), elem_id="race-delete-no")
        failures = gr.HTML(visible=False, padding=True, elem_id="race-failures")
        table = gr.Dataframe(
            headers=[t(f"race_column_{name}", language) for name in race_html.COLUMNS],
            datatype="str", label=t("race_table", language), interactive=False, type="array", elem_id="race-table",
        )  # fmt: skip
        axis = gr.Radio(
            [(t("axis_step", language), "step"), (t("axis_time", language), "time")], value="step",
            label=t("race_axis", language), elem_id="race-axis",
        )  # fmt: skip
        curves = gr.Plot(show_label=False, elem_id="race-curves")
        gr.HTML(f"<p>{t('race_pareto_help', language)}</p>", padding=True)
        with gr.Row():
            score, cost = (
                gr.Radio(
                    [(AXES[name][0].to(language), name) for name in names], value=names[0],
                    label=t(f"race_{key}", language), visible=key == "cost", elem_id=f"race-{key}",
                )
                for key, names in (("score", SCORES), ("cost", COSTS))
            )  # fmt: skip
        pareto = gr.Plot(show_label=False, elem_id="race-pareto")
        clicked = gr.Number(0, precision=0, show_label=False, elem_id="race-clicked", elem_classes="pp-unseen")
    return {
        "body": body, "status": status, "stop": stop, "resume": resume, "to_runs": to_runs, "failures": failures,
        "delete": delete, "pending": gr.State(None), "confirm": confirm, "confirm_text": confirm_text,
        "confirm_yes": confirm_yes, "confirm_no": confirm_no,
        "table": table, "axis": axis, "curves": curves, "score": score, "cost": cost, "pareto": pareto,
        "clicked": clicked,
    }  # fmt: skip


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
    for side in ("source_language", "target_language"):
        if given[side] and fields.may_translate(given["base_model"]):
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

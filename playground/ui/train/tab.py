"""The Train tab: the form on the left; the live run, the examples and the settings as a file on the right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from playground.catalog.models import MODELS
from playground.runs.trackers import LABELS, is_installed
from playground.service import Playground
from playground.service.uploads import MAX_UPLOAD_MB
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.preflight import panel as preflight_panel
from playground.ui.preflight import rate_panel
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train import fields, hub_row, language_row, live_view, method_picker, model_about, pairs_offer
from playground.ui.train import html as train_html
from playground.ui.train.language_row import LanguageRow
from playground.ui.train.live_view import LiveView
from playground.ui.train.method_picker import MethodPicker
from playground.yaml_text import write_yaml_text

PREVIEW_ROWS = 20


@dataclass(frozen=True)
class TrainTab:
    """`filled_from` says whose settings the form was filled with; `fillings` counts how often that happened."""

    form: fields.TrainForm
    filled_from: gr.HTML
    fillings: gr.State
    upload: gr.UploadButton
    dataset_about: gr.HTML
    model_about: gr.HTML
    parts: hub_row.HubRow
    columns: gr.Row
    languages: LanguageRow
    methods: MethodPicker
    lr: rate_panel.LrPanel
    start: gr.Button
    views: gr.Tabs
    data_view: gr.Tab
    live: LiveView
    rows: gr.Dataframe
    tokens: gr.HighlightedText
    position: gr.HTML
    index: gr.State
    previous: gr.Button
    next: gr.Button
    yaml: gr.Code
    preflight: preflight_panel.PreflightPanel


def build(playground: Playground, language: Language) -> TrainTab:
    with gr.Row(elem_id="pp-train-columns"):
        with gr.Column(scale=5, min_width=340, elem_classes="pp-form"):
            left = _build_form(language)
        with gr.Column(scale=7, min_width=340, elem_id="pp-views"):
            strip, start = _build_bar(language)
            right = _build_views(playground, language, left["form"], strip)
    return TrainTab(**left, start=start, **right)


def _build_bar(language: Language) -> tuple[gr.HTML, gr.Button]:
    """What the run would cost and the button that starts it: after the form for who tabs or scrolls through it."""
    with gr.Row(elem_id="pp-train-bar"):
        strip = preflight_panel.build_strip()
        start = gr.Button(t("train_button", language), variant="primary", size="lg", scale=0, elem_id="pp-train")
    return strip, start


def _build_form(language: Language) -> dict[str, Any]:
    filled_from = gr.HTML(visible=False, elem_id="pp-filled-from", padding=False)
    base_model, about_model = _build_model(language)
    data = _build_data(language)
    with gr.Column(elem_classes="pp-section"):
        train_html.heading("section_method", language)
        methods = method_picker.build(language)
    with gr.Column(elem_classes="pp-section"):
        train_html.heading("section_training", language)
        numbers, lr_schedule, monitoring, name = _build_training(language)
        lr = rate_panel.build(language)
    form = fields.TrainForm(
        typed_in=gr.State(language),
        name=name,
        base_model=base_model,
        dataset=data.pop("dataset"),
        subset=data["parts"].subset,
        split=data["parts"].split,
        prompt_column=data.pop("prompt_column"),
        completion_column=data.pop("completion_column"),
        source_language=data["languages"].source,
        target_language=data["languages"].target,
        both_directions=data["languages"].both,
        method_group=methods.group,
        method=methods.method,
        numbers=numbers,
        lr_schedule=lr_schedule,
        monitoring=monitoring,
        params=methods.params,
        peft_settings=methods.peft_settings,
        language=language,
    )
    panels = {"lr": lr, "methods": methods, "model_about": about_model}
    return {**data, **panels, "form": form, "filled_from": filled_from, "fillings": gr.State(0)}


def _build_model(language: Language) -> tuple[gr.Dropdown, gr.HTML]:
    with gr.Column(elem_classes="pp-section"):
        train_html.heading("section_model", language)
        base_model = gr.Dropdown(
            fields.model_choices(),
            value=next(iter(MODELS)),
            allow_custom_value=True,
            label=t("base_model_label", language),
            info=t("base_model_help", language),
        )
        return base_model, model_about.build(language)


def _build_data(language: Language) -> dict[str, Any]:
    with gr.Column(elem_classes="pp-section"):
        train_html.heading("section_data", language)
        dataset = gr.Dropdown(
            fields.choices_with(fields.DEFAULT_DATASET, next(iter(MODELS)), language),
            value=fields.DEFAULT_DATASET,
            allow_custom_value=True,
            label=t("dataset_label", language),
            info=t("dataset_help", language),
            elem_id="pp-dataset",
        )
        about = gr.HTML(
            train_html.about_dataset(fields.DEFAULT_DATASET, language), elem_classes="pp-about", padding=False
        )
        upload = gr.UploadButton(t("upload_button", language), file_count="multiple", size="sm", elem_id="pp-upload")
        gr.HTML(t("upload_help", language, limit=MAX_UPLOAD_MB), elem_classes="pp-about", padding=False)
        parts = hub_row.build(language)
        with gr.Row(visible=False) as columns:
            prompt_column, completion_column = (
                gr.Dropdown([], label=t(f"{name}_label", language), info=t("column_help", language), min_width=140)
                for name in ("prompt_column", "completion_column")
            )
        languages = language_row.build(language)
    return {
        "dataset": dataset,
        "prompt_column": prompt_column,
        "completion_column": completion_column,
        "upload": upload,
        "dataset_about": about,
        "parts": parts,
        "columns": columns,
        "languages": languages,
    }


def _build_training(
    language: Language,
) -> tuple[dict[str, gr.Number | gr.Textbox], gr.Dropdown, gr.CheckboxGroup, gr.Textbox]:
    numbers = {}
    with gr.Row():
        for setting in (setting for setting in fields.SETTINGS if not setting.advanced):
            numbers[setting.name] = fields.number_input(setting, language)
    with gr.Accordion(t("training_more", language), open=False):
        with gr.Row():
            lr_schedule = gr.Dropdown(
                [(t(f"schedule_{name}", language), name) for name in fields.SCHEDULES],
                value=fields.SCHEDULES[0],
                label=t("lr_schedule_label", language),
                info=t("lr_schedule_help", language),
                min_width=150,
            )
            for setting in (setting for setting in fields.SETTINGS if setting.advanced):
                numbers[setting.name] = fields.number_input(setting, language)
        monitoring = gr.CheckboxGroup(
            [(tracker_label(name, language), name) for name in LABELS],
            label=t("monitoring_label", language),
            info=t("monitoring_help", language),
        )
    name = gr.Textbox(
        label=t("name_label", language), placeholder=t("name_placeholder", language), max_length=120, max_lines=1
    )
    return numbers, lr_schedule, monitoring, name


def tracker_label(name: str, language: Language) -> str:
    return LABELS[name] if is_installed(name) else t("monitoring_not_installed", language, name=LABELS[name])


def _build_views(playground: Playground, language: Language, form: fields.TrainForm, strip: gr.HTML) -> dict[str, Any]:
    with gr.Tabs(selected="live", overflow_behavior="wrap") as views:
        with gr.Tab(t("view_live", language), id="live"):
            live = live_view.build(playground, language)
        preflight = preflight_panel.build_view(language, strip)
        with gr.Tab(t("view_data", language), id="data") as data_view:
            tokens = gr.HighlightedText(
                label=t("preview_tokens", language),
                color_map={t("preview_learned", language): "#009E73"},
                show_legend=True,
                elem_classes="pp-tokens",
                interactive=False,
            )
            with gr.Row(equal_height=True):
                previous = gr.Button(t("preview_previous", language), size="sm", min_width=100)
                position = gr.HTML(elem_classes="pp-position")
                following = gr.Button(t("preview_next", language), size="sm", min_width=100)
            gr.HTML(f'<p class="pp-about">{t("preview_tokens_help", language)}</p>')
            rows = gr.Dataframe(
                label=t("preview_rows", language), interactive=False, wrap=True, max_height=420, elem_id="train-rows"
            )
        with gr.Tab(t("view_yaml", language), id="yaml"):
            gr.Markdown(t("yaml_help", language))
            code = gr.Code(
                value=as_yaml(**form.initial_values()),
                language="yaml",
                interactive=False,
                show_label=False,
                elem_id="pp-yaml",
            )
    return {
        "views": views,
        "data_view": data_view,
        "live": live,
        "preflight": preflight,
        "rows": rows,
        "tokens": tokens,
        "position": position,
        "index": gr.State(0),
        "previous": previous,
        "next": following,
        "yaml": code,
    }


def as_yaml(**values: Any) -> str:
    """The form as the file that `python -m playground train` takes."""
    return write_yaml_text(fields.values_from(**values))


def wire(tab: TrainTab, playground: Playground, language: Language, shell: Shell) -> None:
    live_view.wire(tab.live, playground, language, shell)
    followed = language_row.wire(tab.languages, tab.columns, tab.form, playground, language)
    pairs_offer.wire(tab.languages.note, tab.form, playground, language)
    method_picker.wire(tab.methods, tab.form, language)
    model_about.wire(tab.model_about, tab.form.base_model, playground, language)
    _wire_form(tab, playground, language, followed)
    _wire_data(tab, playground, language)
    inputs = tab.form.inputs_kwargs()

    @shows_errors(language)
    def start(**values: Any) -> tuple[Any, ...]:
        run_id = playground.start_run(playground.check(fields.values_from(**values)))
        return run_id, gr.Tabs(selected="live")

    started = tab.start.click(
        start, None, [shell.watched, tab.views], inputs_kwargs=inputs, trigger_mode="once", api_visibility="private"
    )
    started.success(None, js=live_view.SHOW_LIVE, api_visibility="private")


def _wire_form(tab: TrainTab, playground: Playground, language: Language, followed: Dependency) -> None:
    form = tab.form
    # The model's own edit counts only after what follows from it.
    edits = [component.input for component in form.components() if component is not form.base_model]  # type: ignore[attr-defined]
    # A preset changes many inputs at once: the last of these calls sees them all.
    changes = [form.method.change, form.dataset.change, form.name.change, form.numbers["max_steps"].change]
    changes += [form.subset.change, form.split.change, tab.fillings.change]
    gr.on(
        [*edits, *changes],
        as_yaml,
        None,
        tab.yaml,
        inputs_kwargs=form.inputs_kwargs(),
        trigger_mode="always_last",
        **PAST_QUEUE,
    )
    followed.then(as_yaml, None, tab.yaml, inputs_kwargs=form.inputs_kwargs(), **PAST_QUEUE)
    preflight_panel.wire(tab.preflight, form, [*edits, *changes], followed, playground, language)


def _wire_data(tab: TrainTab, playground: Playground, language: Language) -> None:
    form = tab.form

    @shows_errors(language)
    def keep(sent: list[str] | None, **values: Any) -> Any:
        if not sent:
            return gr.skip()
        kept = playground.keep_upload([Path(path) for path in sent])
        return pairs_offer.offer(form, playground, kept, values, language)

    def about(dataset: str | None) -> str:
        return train_html.about_dataset(dataset, language)

    @shows_errors(language)
    def columns(dataset: str, subset: str | None, split: str | None) -> Any:
        if hub_row.is_undecided(dataset, subset, split):
            return gr.skip()
        table = playground.preview_table(fields.data_config(dataset, subset, split), limit=PREVIEW_ROWS)
        pick = gr.Dropdown(choices=["", *table.columns], value="")
        return pick, pick, train_html.rows(table), 0

    @shows_errors(language)
    def first_rows(dataset: str, subset: str | None, split: str | None) -> dict[str, Any]:
        table = playground.preview_table(fields.data_config(dataset, subset, split), limit=PREVIEW_ROWS)
        return train_html.rows(table)

    def tokens_at(step: int) -> Any:
        @shows_errors(language)
        def show(index: int, **values: Any) -> tuple[Any, ...]:
            preview = playground.preview_tokens(fields.values_from(**values), index + step)
            return train_html.marked(preview, language), train_html.position(preview, language), preview.index

        return show

    picks = [form.prompt_column, form.completion_column, tab.rows, tab.index]
    form.dataset.change(about, form.dataset, tab.dataset_about, **PAST_QUEUE)
    part = [form.dataset, form.subset, form.split]
    decided = hub_row.wire(tab.parts, form, playground, language)
    decided.success(columns, part, picks, **QUIET)
    kept = tab.upload.upload(
        keep,
        tab.upload,
        pairs_offer.offered(form),
        inputs_kwargs=form.inputs_kwargs(),
        api_visibility="private",
    )
    kept.success(columns, part, picks, **QUIET)
    tab.data_view.select(first_rows, part, tab.rows, **QUIET)
    for event, step in ((tab.data_view.select, 0), (tab.previous.click, -1), (tab.next.click, 1)):
        event(
            tokens_at(step),
            tab.index,
            [tab.tokens, tab.position, tab.index],
            inputs_kwargs=form.inputs_kwargs(),
            api_visibility="private",
        )

"""The method section of the form: which methods are shown, the chosen one, and its own settings."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from playground.catalog.methods import METHODS, Group
from playground.catalog.models import MODELS
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.texts import t
from playground.ui.train import fields
from playground.ui.train import html as train_html


@dataclass(frozen=True)
class MethodPicker:
    """`params` is keyed `<method>__<parameter>`; of `columns`, one a method, only the chosen one is visible."""

    group: gr.Radio
    method: gr.Radio
    left_out: gr.HTML
    about: gr.HTML
    columns: dict[str, gr.Column]
    params: dict[str, Component]
    peft_settings: gr.Textbox


def build(language: Language) -> MethodPicker:
    first_model = next(iter(MODELS))
    group = gr.Radio(
        fields.group_choices(language),
        value="start_here",
        show_label=False,
        label=t("method_group_label", language),
        elem_classes="pp-groups",
        elem_id="pp-method-group",
    )
    method = gr.Radio(
        fields.method_choices(language, "start_here", first_model, fields.DEFAULT_METHOD),
        value=fields.DEFAULT_METHOD,
        show_label=False,
        label=t("method_label", language),
        elem_classes="pp-methods",
    )
    left_out = gr.HTML(_left_out(first_model, "start_here", language), elem_classes="pp-about", padding=False)
    about = gr.HTML(train_html.about_method(fields.DEFAULT_METHOD, language), elem_classes="pp-about", padding=False)
    columns, params = _build_params(language)
    with gr.Accordion(t("peft_settings_heading", language), open=False):
        peft_settings = gr.Textbox(
            label=t("peft_settings_label", language),
            info=t("peft_settings_help", language),
            placeholder="rank_pattern: {q_proj: 4}",
            lines=2,
        )
    return MethodPicker(group, method, left_out, about, columns, params, peft_settings)


def _build_params(language: Language) -> tuple[dict[str, gr.Column], dict[str, Component]]:
    columns, params = {}, {}
    for spec in METHODS.values():
        plain = [param for param in spec.params if not param.advanced]
        advanced = [param for param in spec.params if param.advanced]
        with gr.Column(visible=spec.name == fields.DEFAULT_METHOD) as columns[spec.name]:
            with gr.Row():
                for param in plain:
                    params[f"{spec.name}__{param.name}"] = fields.param_input(param, language)
            if advanced:
                with gr.Accordion(t("method_more", language, method=spec.label), open=False), gr.Row():
                    for param in advanced:
                        params[f"{spec.name}__{param.name}"] = fields.param_input(param, language)
    return columns, params


def wire(picker: MethodPicker, form: fields.TrainForm, language: Language) -> None:
    def choose(method: str, base_model: str, source: str | None) -> list[Any]:
        shown = [gr.Column(visible=name == method) for name in picker.columns]
        hint = fields.learning_rate_hint(method, fields.task_of_form(base_model, source), form.language)
        return [train_html.about_method(method, language), hint, *shown]

    def offer(group: Group, base_model: str, method: str) -> tuple[Any, str]:
        if method in {spec.name for spec, _ in fields.methods_left_out(base_model)}:
            method = fields.DEFAULT_METHOD
        choices = fields.method_choices(language, group, base_model, method)
        return gr.Radio(choices=choices, value=method), _left_out(base_model, group, language)

    outputs = [picker.about, form.numbers["learning_rate"], *picker.columns.values()]
    picker.method.change(choose, [picker.method, form.base_model, form.source_language], outputs, **PAST_QUEUE)
    asked = [picker.group, form.base_model, picker.method]
    gr.on([picker.group.input, form.base_model.change], offer, asked, [picker.method, picker.left_out], **PAST_QUEUE)


def _left_out(base_model: str, group: Group, language: Language) -> str:
    """The methods of the groups shown that cannot train this model, and what PEFT says of each."""
    groups = {spec.group for spec in METHODS.values() if fields.wider(group, spec.name) == group}
    found = [(spec, reason) for spec, reason in fields.methods_left_out(base_model) if spec.group in groups]
    if not found:
        return ""
    rows = "".join(f"<li><b>{html.escape(spec.label)}</b>: {html.escape(reason)}</li>" for spec, reason in found)
    return f"<details><summary>{html.escape(t('methods_left_out', language))}</summary><ul>{rows}</ul></details>"

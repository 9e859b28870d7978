"""The method section of the form: which methods are shown, the chosen one, and its own settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from playground.catalog.methods import METHODS, Group
from playground.catalog.models import MODELS
from playground.catalog.params import ParamSpec
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE
from playground.ui.parts.job import Shown
from playground.ui.parts.relay import latest
from playground.ui.texts import t
from playground.ui.train.choices import DEFAULT_METHOD, group_choices, method_choices, methods_left_out, words
from playground.ui.train.html import about_method, left_out_html

if TYPE_CHECKING:
    from playground.ui.train.form import TrainForm


class MethodPicker:
    """`params` is keyed `<method>__<parameter>`; of `columns`, one a method, only the chosen one is visible."""

    def __init__(self, language: Language) -> None:
        self.language = language
        first_model = next(iter(MODELS))
        self.method_group = gr.Radio(
            group_choices(language), value="start_here", show_label=False,
            label=t("method_group_label", language), elem_classes="pp-groups", elem_id="pp-method-group",
        )  # fmt: skip
        self.method = gr.Radio(
            method_choices(language, "start_here", first_model, DEFAULT_METHOD), value=DEFAULT_METHOD,
            show_label=False, label=t("method_label", language), elem_classes="pp-methods",
        )  # fmt: skip
        left_out = left_out_html(first_model, "start_here", language)
        self.left_out = gr.HTML(left_out, elem_classes="pp-about", padding=False)
        self.about = gr.HTML(about_method(DEFAULT_METHOD, language), elem_classes="pp-about", padding=False)
        self.columns: dict[str, gr.Column] = {}
        self.params: dict[str, Component] = {}
        for method in METHODS:
            self._lay_out_params(method)
        with gr.Accordion(t("peft_settings_heading", language), open=False):
            hint = "rank_pattern: {q_proj: 4}"
            self.peft_settings = gr.Textbox(placeholder=hint, lines=2, **words("peft_settings", language))

    def _lay_out_params(self, method: str) -> None:
        spec = METHODS[method]
        advanced = [param for param in spec.params if param.advanced]
        with gr.Column(visible=method == DEFAULT_METHOD) as self.columns[method]:
            self._lay_out_row(method, (param for param in spec.params if not param.advanced))
            if advanced:
                with gr.Accordion(t("method_more", self.language, method=spec.label), open=False):
                    self._lay_out_row(method, advanced)

    def _lay_out_row(self, method: str, params: Iterable[ParamSpec]) -> None:
        with gr.Row():
            for param in params:
                self.params[f"{method}__{param.name}"] = param_input(param, self.language)

    def connect(self, form: TrainForm) -> None:
        asked = {"group": self.method_group, "base_model": form.base_model, "method": self.method}
        latest(
            [self.method_group.input, form.base_model.change], self.offer, None, [self.method, self.left_out],
            inputs_kwargs=asked, **PAST_QUEUE,
        )  # fmt: skip
        latest([self.method.change], self.show, self.method, [self.about, *self.columns.values()], **PAST_QUEUE)

    def offer(self, *, group: Group, base_model: str | None, method: str) -> Shown:
        """The methods to choose from; the chosen one stays if it can train the model."""
        cannot_train = any(spec.name == method for spec, _ in methods_left_out(base_model))
        changes: dict[str, Any] = {"value": DEFAULT_METHOD} if cannot_train else {}
        choices = method_choices(self.language, group, base_model, changes.get("value", method))
        left_out = left_out_html(base_model, group, self.language)
        return {self.method: gr.Radio(choices=choices, **changes), self.left_out: left_out}

    def show(self, method: str) -> Shown:
        """What the chosen method is, and its settings."""
        columns: Shown = {column: gr.Column(visible=name == method) for name, column in self.columns.items()}
        return columns | {self.about: about_method(method, self.language)}


def param_input(param: ParamSpec, language: Language) -> Component:
    """The input that fits a method's parameter."""
    shown: dict[str, Any] = {"value": param.default, "min_width": 150}
    shown |= {"label": param.label.to(language), "info": param.help.to(language)}
    if param.kind == "bool":
        return gr.Checkbox(**shown)
    if param.kind == "choice":
        return gr.Dropdown(list(param.choices), **shown)
    return gr.Textbox(max_lines=1, **shown) if param.kind == "modules" else gr.Number(**shown)

"""The Train tab: the form on the left; the live run, the examples and the settings as a file on the right."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.preflight.panel import PreflightPanel, cost_strip
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.code_panel import CodePanel
from playground.ui.train.data_view import DataView
from playground.ui.train.form import TrainForm
from playground.ui.train.live.view import SHOW_LIVE, LiveView
from playground.ui.train.run_settings import RunSettings
from playground.ui.train.values import values_from, yaml_from


class TrainTab:
    """`views` are what stands beside the form: the run that is watched, what a run would cost, its data, its file.

    Below the file stands the code of what the form would run.
    """

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Row(elem_id="pp-train-columns"):
            with gr.Column(scale=5, min_width=340, elem_classes="pp-form"):
                self.form = TrainForm(playground, language)
            with gr.Column(scale=7, min_width=340, elem_id="pp-views"):
                # After the form for who tabs or scrolls through it.
                with gr.Row(elem_id="pp-train-bar"):
                    strip = cost_strip()
                    self.start = gr.Button(
                        t("train_button", language), variant="primary", size="lg", scale=0, elem_id="pp-train"
                    )
                with gr.Tabs(selected="live", overflow_behavior="wrap") as self.views:
                    with gr.Tab(t("view_live", language), id="live"):
                        self.live = LiveView(playground, language)
                    self.preflight = PreflightPanel(playground, language, strip)
                    self.data = DataView(playground, language)
                    with gr.Tab(t("view_yaml", language), id="yaml"):
                        gr.Markdown(t("yaml_help", language))
                        self.yaml = gr.Code(
                            self.as_yaml(**self.form.initial_values()), language="yaml",
                            interactive=False, show_label=False, elem_id="pp-yaml",
                        )  # fmt: skip
                        self.code = CodePanel(playground, language)
        self.settings = RunSettings(self.form)

    def connect(self, page: gr.Blocks, _: gr.Tab) -> None:
        self.page, form = page, self.form
        decided = form.connect(page)
        self.data.connect(form, decided)
        # Many inputs may change at once: the last of these calls sees them all.
        form.edited.then(
            self.write, None, [self.yaml, *self.code.shown],
            inputs_kwargs={"code_is_open": self.code.is_open, **form.inputs}, trigger_mode="always_last", **PAST_QUEUE,
        )  # fmt: skip
        self.code.connect(form)
        self.preflight.connect(form)  # asked last: it may load the libraries, and the others would wait for them

    def lead(self, shell: Shell) -> None:
        """A run that starts is the one that is watched."""
        self.shell = shell
        self.live.connect(self.page, shell)
        started = self.start.click(
            shows_errors(self.language)(self.train), None, [shell.watched, self.views],
            inputs_kwargs=self.form.inputs, trigger_mode="once", api_visibility="private",
        )  # fmt: skip
        started.success(None, js=SHOW_LIVE, api_visibility="private")

    def write(self, *, code_is_open: bool, **fields: Any) -> Shown:
        """The settings of the form as a file, and as the code that does the same."""
        code = self.code.write(**fields) if code_is_open else {}
        return {self.yaml: self.as_yaml(**fields), **code}

    def as_yaml(self, **fields: Any) -> str:
        return yaml_from(self.language, **fields)

    def train(self, **fields: Any) -> Shown:
        run_id = self.playground.start_run(self.playground.check(values_from(self.language, **fields)))
        return {self.shell.watched: run_id, self.views: gr.Tabs(selected="live")}

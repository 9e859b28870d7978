"""The code of what the form would run, beside it: closed until somebody opens it, then always of the form as it is."""

from __future__ import annotations

from typing import Any

import gradio as gr

from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, error_html
from playground.ui.parts.job import Shown
from playground.ui.texts import t
from playground.ui.train.form import TrainForm
from playground.ui.train.values import values_from


class CodePanel:
    """`is_open` follows the accordion: nothing is computed for who does not look."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Accordion(t("code_title", language), open=False, elem_id="pp-code") as self.accordion:
            self.is_open = gr.State(False)
            self.note = gr.HTML(f'<p class="pp-about">{t("code_help", language)}</p>', padding=False)
            with gr.Tabs():
                self.train, self.answer = (self._code(name, f"code_{name}") for name in ("train", "answer"))

    def _code(self, name: str, key: str) -> gr.Code:
        with gr.Tab(t(key, self.language)):
            # As high as its text, long lines wrapped: what scrolls but takes no keyboard shuts readers out.
            return gr.Code(
                "", language="python", interactive=False, show_label=False, wrap_lines=True, elem_id=f"pp-code-{name}"
            )

    def connect(self, form: TrainForm) -> None:
        """Written anew after every edit while it is open, and when it is opened; of many edits the last counts."""
        shown = [self.note, self.train, self.answer]
        self.accordion.expand(lambda: True, None, self.is_open, **PAST_QUEUE)
        self.accordion.collapse(lambda: False, None, self.is_open, **PAST_QUEUE)
        self.accordion.expand(self.write, None, shown, inputs_kwargs=form.inputs, **PAST_QUEUE)
        gr.on(
            form.edits, self.follow, None, shown,
            inputs_kwargs={"is_open": self.is_open, **form.inputs}, trigger_mode="always_last", **PAST_QUEUE,
        )  # fmt: skip

    def follow(self, *, is_open: bool, **fields: Any) -> Any:
        return self.write(**fields) if is_open else gr.skip()

    def write(self, **fields: Any) -> Shown:
        """The two programs, or why there are none: half-typed settings are no reason for a message in the way."""
        try:
            program = self.playground.program_of(values_from(self.language, **fields))
        except PlaygroundError as error:
            return self._shown(error_html(error, self.language), "", "")
        return self._shown(t("code_help", self.language), program.train, program.answer)

    def _shown(self, note: str, train: str, answer: str) -> Shown:
        return {self.note: f'<p class="pp-about">{note}</p>', self.train: train, self.answer: answer}

"""The code of what the form would run, beside it: closed until somebody opens it, then always of the form as it is."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component

from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, error_html
from playground.ui.parts.job import Shown
from playground.ui.texts import t
from playground.ui.train.form import TrainForm
from playground.ui.train.values import values_from


class CodePanel:
    """Nothing is computed for who does not look: `is_open` follows the accordion. `write` fills `shown`."""

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

    @property
    def shown(self) -> list[Component]:
        return [self.note, self.train, self.answer]

    def connect(self, form: TrainForm) -> None:
        self.accordion.expand(lambda: True, None, self.is_open, **PAST_QUEUE)
        self.accordion.collapse(lambda: False, None, self.is_open, **PAST_QUEUE)
        self.accordion.expand(self.write, None, self.shown, inputs_kwargs=form.inputs, **PAST_QUEUE)

    def write(self, **fields: Any) -> Shown:
        """The two programs, or why there are none: half-typed settings are no reason for a message in the way."""
        try:
            program = self.playground.program_of(values_from(self.language, **fields))
        except PlaygroundError as error:
            return self._filled(error_html(error, self.language), "", "")
        return self._filled(t("code_help", self.language), program.train, program.answer)

    def _filled(self, note: str, train: str, answer: str) -> Shown:
        return {self.note: f'<p class="pp-about">{note}</p>', self.train: train, self.answer: answer}

"""A deletion with a question before it; what is deleted is what the question named, whatever is chosen by now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.texts import t


class Deletion:
    """The question, hidden until it is asked, and its answers. `pending` holds what it is about, or None."""

    def __init__(self, room: str, language: Language) -> None:
        self.language = language
        self.pending = gr.State(None)
        with gr.Column(visible=False) as self.question:
            self.text = gr.HTML(padding=True)
            with gr.Row():
                self.yes = gr.Button(t("runs_delete_yes", language), variant="stop", elem_id=f"{room}-delete-yes")
                self.no = gr.Button(t("runs_delete_no", language), elem_id=f"{room}-delete-no")
        self.answered = [self.pending, self.question]

    def connect(
        self,
        button: gr.Button,
        chosen: Block,
        outputs: Sequence[Block],
        *,
        question: Callable[[Any], str],
        delete: Callable[..., Shown],
        inputs_kwargs: dict[str, Any],
    ) -> Dependency:
        """`button` asks about what is `chosen`, if anything is; the answer yes, returned, hands it to `delete`."""

        def ask(chosen: Any) -> Any:
            if not chosen:
                return gr.skip()
            return {self.pending: chosen, self.text: question(chosen), self.question: gr.Column(visible=True)}

        def confirm(pending: Any, **inputs: Any) -> Shown:
            return self.withdraw() | (delete(pending, **inputs) if pending else {})

        errors = shows_errors(self.language)
        button.click(errors(ask), chosen, [*self.answered, self.text], **QUIET)
        self.no.click(self.withdraw, None, self.answered, **PAST_QUEUE)
        confirmed: Dependency = self.yes.click(
            errors(confirm), self.pending, [*self.answered, *outputs], inputs_kwargs=inputs_kwargs, **QUIET
        )
        return confirmed

    def withdraw(self) -> Shown:
        return {self.pending: None, self.question: gr.Column(visible=False)}

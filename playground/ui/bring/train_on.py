"""Training goes on from the adapter of the one ticked run, as a run of its own."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.runs.chosen import only
from playground.ui.runs.table_view import LOOK_AGAIN
from playground.ui.texts import STRINGS, t

DEFAULT_STEPS = 60


class TrainOn:
    """Steps, a learning rate, and the button that queues the run."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Accordion(t("train_on_heading", language), open=False, elem_id="train-on"):
            gr.HTML(f"<p>{t('train_on_intro', language)}</p>", padding=True)
            with gr.Row():
                self.steps = gr.Number(
                    DEFAULT_STEPS, precision=0, minimum=1, min_width=140, elem_id="train-on-steps",
                    label=t("train_on_steps", language),
                )  # fmt: skip
                self.rate = gr.Number(
                    None, min_width=200, elem_id="train-on-rate",
                    label=t("train_on_rate", language), info=t("train_on_rate_help", language),
                )  # fmt: skip
            self.start = gr.Button(t("train_on_start", language), size="md", elem_id="train-on-start")

    def connect(self, chosen: Block) -> None:
        asked = {"chosen": chosen, "steps": self.steps, "rate": self.rate}
        started = self.start.click(
            shows_errors(self.language)(self.train_on), None, None, inputs_kwargs=asked, trigger_mode="once",
            api_visibility="private",
        )  # fmt: skip
        started.success(None, js=LOOK_AGAIN, api_visibility="private")

    def train_on(self, *, chosen: Any, steps: float | None, rate: float | None) -> None:
        """Queue it like any run. Raises PlaygroundError."""
        if steps is None:
            raise RunError(STRINGS["train_on_needs_steps"])
        run_id = self.playground.train_on(only(chosen), int(steps), rate, self.language)
        gr.Info(escape(t("train_on_started", self.language, name=self.playground.run_info(run_id).name)))

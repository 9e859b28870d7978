"""A lesson beside its charts: the guess and a caption while it trains, the reveal and what comes next once it ended."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.blocks import Block

from playground.service.lessons.calls import LessonTaken
from playground.texts import Language
from playground.ui.lessons.html import panel_html
from playground.ui.parts.job import Shown

JS_FILE = Path(__file__).with_name("panel.js")


class LessonPanel:
    """`again` starts the lesson's changed run; whoever lays the panel out joins it to what that starts."""

    def __init__(self, language: Language, place: str) -> None:
        self.language = language
        self.words = gr.HTML(
            "", js_on_load=JS_FILE.read_text(encoding="utf-8"), visible=False, elem_id=f"{place}-lesson",
        )  # fmt: skip
        self.again = gr.Button(visible=False, size="md", min_width=150, elem_id=f"{place}-lesson-again")
        self.shown: list[Block] = [self.words, self.again]

    def show(self, taken: LessonTaken | None) -> Shown:
        """What is known of a lesson; nothing for what was started from none."""
        step = next((step for step in taken.preset.lesson.next if step.set), None) if taken else None
        label = step.text.to(self.language) if step and step.text else ""
        return {
            self.words: gr.HTML(panel_html(taken, self.language) if taken else "", visible=taken is not None),
            self.again: gr.Button(label, visible=bool(taken and taken.has_ended and step)),
        }

"""The button that lets all runs go on that were waiting when the app ended; there only when there are such runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.events import Dependency

from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.texts import t


def build() -> gr.Button:
    return gr.Button(visible=False, size="md", elem_id="runs-resume-waiting")


def wire(button: gr.Button, playground: Playground, language: Language) -> Dependency:
    """The click; what follows it should read the runs again."""

    @shows_errors(language)
    def resume_waiting() -> gr.Button:
        resumed = playground.resume_waiting()
        gr.Info(t("runs_waiting_resumed", language, count=len(resumed)))
        return shown(playground, language)

    return button.click(resume_waiting, None, button, trigger_mode="once", api_visibility="private")


def refresh_on(
    triggers: Sequence[Callable[..., Any]], button: gr.Button, playground: Playground, language: Language
) -> None:
    """Look again whether runs wait whenever one of `triggers` fires."""

    def look() -> gr.Button:
        return shown(playground, language)

    gr.on(list(triggers), look, None, button, show_progress="hidden", api_visibility="private")


def shown(playground: Playground, language: Language) -> gr.Button:
    count = len(playground.waiting_runs())
    return gr.Button(t("runs_resume_waiting", language, count=count), visible=count > 0)

"""The views below the knobs: one for each question about a finished run."""

from __future__ import annotations

import gradio as gr

from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, tells_errors
from playground.ui.inside.answers_view import AnswersView
from playground.ui.inside.layers_view import LayersView
from playground.ui.inside.prompt_view import PromptView
from playground.ui.inside.views import View, kept_with_control
from playground.ui.inside.weights_view import WeightsView
from playground.ui.parts.job import Shown
from playground.ui.parts.relay import latest


class Views:
    """All of them look at the run that the tab has chosen, each when it is asked to."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.weights, self.answers = WeightsView(playground, language), AnswersView(playground, language)
        self.prompt, self.layers = PromptView(playground, language), LayersView(playground, language)

    @property
    def all(self) -> list[View]:
        return [self.weights, self.answers, self.prompt, self.layers]

    def connect(self, page: gr.Blocks, run: gr.Dropdown, at_once: tuple[str, int]) -> None:
        for view in self.all:
            view.connect(page, run, at_once)
        shown = [component for view in self.all for component in view.components]
        latest(
            [run.change], tells_errors(self.language)(self.show_views), None, shown,
            inputs_kwargs={"run": run}, **QUIET,
        )  # fmt: skip

    def show_views(self, *, run: str | None) -> Shown:
        """What was found of a run and of its control earlier."""
        own, of_control = kept_with_control(self.playground, run)
        shown: Shown = {}
        for view in self.all:
            shown |= view.kept(getattr(own, view.name), getattr(of_control, view.name))
        return shown

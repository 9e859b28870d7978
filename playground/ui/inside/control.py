"""The control of the chosen run, trained on shuffled answers: a button, how far it is, and what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from playground.errors import RunError
from playground.numbers import decimal, duration
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.inside.view_html import paragraphs
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.relay import latest
from playground.ui.texts import STRINGS, t

if TYPE_CHECKING:
    from playground.inside.sweep import Sweep


class ControlRun:
    """`compared` is filled with the chart that the control is drawn into."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        gr.HTML(f"<p>{t('inside_control_intro', language)}</p>", padding=True)
        self.start = gr.Button(t("inside_control_start", language), size="md", elem_id="inside-control-start")
        self.said = gr.HTML(padding=True, elem_id="inside-control")
        self.compared = gr.HTML(padding=True, elem_id="inside-control-compared")

    def connect(self, run: gr.Dropdown) -> None:
        errors = shows_errors(self.language)
        latest([run.change], errors(self.show_control), None, self.said, inputs_kwargs={"run": run}, **QUIET)
        self.start.click(
            errors(self.train_control), None, self.said, inputs_kwargs={"run": run}, trigger_mode="once", **QUIET
        )

    def show_control(self, *, run: str | None) -> str:
        """How long one would take, or how far the run's own is; a run that is itself one has none."""
        if not run:
            return ""
        control = self.playground.control_of(run)
        if self.playground.config_of(run).data.shuffled_answers:
            return progress_html(t("inside_control_itself", self.language))
        if control is None:
            seconds = self.playground.run_info(run).seconds
            return progress_html(t("inside_control_took", self.language, time=duration(seconds, self.language)))
        info = self.playground.run_info(control)
        state = t(f"status_{info.status}", self.language)
        key = "inside_control_ended" if info.status == "finished" else "inside_control_there"
        return progress_html(t(key, self.language, name=info.name, state=state))

    def train_control(self, *, run: str | None) -> str:
        """Queue it like any run. Raises RunError."""
        if not run:
            raise RunError(STRINGS["inside_needs_run"])
        self.playground.train_control(run)
        return self.show_control(run=run)


def compared_html(sweep: Sweep, control: Sweep | None, language: Language) -> str:
    """What run and control gained and how far they moved; and where the control did as much, that."""
    if control is None:
        return ""
    gains = [found.base.task_loss - found.adapter.task_loss for found in (sweep, control)]
    moved = [found.adapter.kl for found in (sweep, control)]
    own, other = (decimal(gain, 4, language) for gain in gains)
    own_kl, other_kl = (decimal(kl, 4, language) for kl in moved)
    lines = [t("inside_control_compared", language, own=own, control=other, own_kl=own_kl, control_kl=other_kl)]
    if gains[1] >= gains[0]:
        lines.append(t("inside_control_matches", language))
    if moved[1] >= moved[0]:
        lines.append(t("inside_control_moves", language))
    return paragraphs(lines)

"""The control of the chosen run, trained on shuffled answers: a button, how far it is, and what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr
from gradio.blocks import Block

from playground.errors import RunError
from playground.numbers import decimal, duration
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors, tells_errors
from playground.ui.inside.view_html import paragraphs
from playground.ui.parts.job import Shown
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

    def connect(self, run: gr.Dropdown, opened: gr.Tab) -> None:
        """A control trains on while nobody looks: how far it is, is told anew whenever the tab is opened."""
        errors = shows_errors(self.language)
        chosen: dict[str, Block] = {"run": run}
        show, shown = tells_errors(self.language)(self.show_control), [self.start, self.said]
        latest([run.change, opened.select], show, None, shown, inputs_kwargs=chosen, **QUIET)
        pressed = self.start.click(
            errors(self.train_control), None, None, inputs_kwargs=chosen, trigger_mode="once", **QUIET
        )
        for ended in (pressed.success, pressed.failure):  # gradio's page leaves a `then` out where there was an error
            ended(show, None, shown, inputs_kwargs=chosen, **QUIET)

    def show_control(self, *, run: str | None) -> Shown:
        """What is known of the run's control, and the button only where one can be trained."""
        return {
            self.start: gr.Button(visible=not run or self.can_train(run)),
            self.said: self.about(run) if run else "",
        }

    def can_train(self, run: str) -> bool:
        """Whether the run has a training to repeat, is no control itself and has none yet."""
        is_own = self.playground.was_trained(run) and not self.playground.config_of(run).data.shuffled_answers
        return is_own and self.playground.control_of(run) is None

    def about(self, run: str) -> str:
        """How long a control would take, or how far the run's own is; a run that is itself one has none."""
        if not self.playground.was_trained(run):
            return progress_html(t("inside_control_none", self.language))
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

    def train_control(self, *, run: str | None) -> None:
        """Queue it like any run. Raises RunError."""
        if not run:
            raise RunError(STRINGS["inside_needs_run"])
        self.playground.train_control(run, self.language)


def compared_html(sweep: Sweep, control: Sweep | None, language: Language) -> str:
    """What run and control gained and how far they moved; and where chance or the control did as much, that."""
    lines = []
    gain, moved = sweep.base.task_loss - sweep.adapter.task_loss, sweep.adapter.kl
    random = next((point for point in sweep.along("control") if point.value == 1), None)
    if random is not None:
        gained = sweep.base.task_loss - random.task_loss
        lines += _matches("inside_random", gained >= gain, random.kl >= moved, language)
    if control is not None:
        gained = control.base.task_loss - control.adapter.task_loss
        own, other = (decimal(value, 4, language) for value in (gain, gained))
        own_kl, other_kl = (decimal(kl, 4, language) for kl in (moved, control.adapter.kl))
        lines.append(t("inside_control_compared", language, own=own, control=other, own_kl=own_kl, control_kl=other_kl))
        lines += _matches("inside_control", gained >= gain, control.adapter.kl >= moved, language)
    return paragraphs(lines)


def _matches(who: str, gains: bool, moves: bool, language: Language) -> list[str]:
    said = {"matches": gains, "moves": moves}
    return [t(f"{who}_{name}", language) for name, is_so in said.items() if is_so]

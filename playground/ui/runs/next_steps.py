"""What comes after a run, as buttons: its adapter asked, used to translate, judged, looked into; where it makes sense.

Each opens its tab with the run and all that follows from it chosen there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from playground.errors import RunError
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.tab import CompareTab
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.inside.tab import ENDED, InsideTab
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import MAX_ADAPTERS, is_translation
from playground.ui.runs.chosen import chosen_ids
from playground.ui.shell import Shell
from playground.ui.texts import STRINGS, t
from playground.ui.translate.tab import TranslateTab
from playground.ui.verdict.tab import VerdictTab

ASK, TRANSLATE, JUDGE, INSIDE = STEPS = ("ask", "translate", "judge", "inside")
# The tab that was left may have been scrolled down further than the next one is long.
SHOW_TOP = "() => window.scrollTo(0, 0)"


class NextSteps:
    """`buttons` of a row, in the order of STEPS; each can be pressed only once a run makes it possible."""

    def __init__(self, language: Language, place: str, *, visible: bool) -> None:
        self.language = language
        self._lay_out(place, visible)

    def _lay_out(self, place: str, visible: bool) -> None:
        self.buttons = [
            gr.Button(
                t(f"next_{step}", self.language), interactive=False, visible=visible, min_width=150, size="md",
                elem_id=f"{place}-{step}",
            )
            for step in STEPS
        ]  # fmt: skip

    def connect(self, chosen: Component, shell: Shell, playground: Playground) -> None:
        """`chosen` holds a run's id, or a list of them."""
        self.shell, self.playground = shell, playground
        self.compare, self.translate = shell.room(CompareTab), shell.room(TranslateTab)
        self.verdict, self.inside = shell.room(VerdictTab), shell.room(InsideTab)
        errors, compare = shows_errors(self.language), self.compare
        opens = (
            (self.ask_both, compare.opening),
            (self.translate_with, self.translate.opening),
            (self.ask_for_verdict, self.verdict.opening),
            (self.look_inside, self.inside.opening),
        )
        asked, *others = (
            button.click(errors(open_tab), chosen, [*opening, shell.tabs], **QUIET)
            for button, (open_tab, opening) in zip(self.buttons, opens, strict=True)
        )
        taken: dict[str, Any] = {"chosen": compare.runs, "count": compare.count}
        prompts = [compare.prompts, compare.known, compare.metrics]
        asked.success(errors(compare.take_prompts), None, prompts, inputs_kwargs=taken, **QUIET)
        for opened in (asked, *others):
            opened.success(None, js=SHOW_TOP, api_visibility="private")

    def ask_both(self, chosen: str | list[str] | None) -> Shown:
        opened = self.compare.opened_with(with_adapter(self.playground, chosen))
        return opened | {self.shell.tabs: gr.Tabs(selected="compare")}

    def translate_with(self, chosen: str | list[str] | None) -> Shown:
        opened = self.translate.opened_with(with_adapter(self.playground, chosen))
        return opened | {self.shell.tabs: gr.Tabs(selected="translate")}

    def ask_for_verdict(self, chosen: str | list[str] | None) -> Shown:
        opened = self.verdict.opened_with(with_adapter(self.playground, chosen))
        return opened | {self.shell.tabs: gr.Tabs(selected="verdict")}

    def look_inside(self, chosen: str | list[str] | None) -> Shown:
        opened = self.inside.opened_with(with_adapter(self.playground, chosen)[0])
        return opened | {self.shell.tabs: gr.Tabs(selected="inside")}

    def enabled(self, steps: Collection[str]) -> Shown:
        """All of the buttons, those that are possible to be pressed."""
        pairs = zip(STEPS, self.buttons, strict=True)
        return {button: gr.Button(interactive=step in steps) for step, button in pairs}

    def offered(self, steps: Collection[str]) -> Shown:
        """Those of the buttons that are possible, and no others."""
        pairs = zip(STEPS, self.buttons, strict=True)
        return {button: gr.Button(interactive=step in steps, visible=step in steps) for step, button in pairs}


def possible(playground: Playground, infos: Sequence[RunInfo]) -> frozenset[str]:
    """What can be done with the adapters of these runs: they have to be few, and of one base."""
    trained = [info for info in infos if info.has_adapter]
    if not 1 <= len(trained) <= MAX_ADAPTERS or len({(info.base_model, info.task) for info in trained}) > 1:
        return frozenset()
    inside = {INSIDE} if len(trained) == 1 and trained[0].status in ENDED else set()
    if trained[0].task != "seq2seq_lm":
        return frozenset({ASK, *inside})
    can_be_judged = all(is_translation(playground.config_of(info.run_id)) for info in trained)
    return frozenset({TRANSLATE, JUDGE, *inside} if can_be_judged else {TRANSLATE, *inside})


def with_adapter(playground: Playground, chosen: str | list[str] | None) -> list[str]:
    """Those of the chosen runs that have an adapter. Raises RunError for none, and for a run of somebody else."""
    found = [info.run_id for info in map(playground.my_run_info, chosen_ids(chosen)) if info.has_adapter]
    if not found:
        raise RunError(STRINGS["next_no_adapter"])
    return found

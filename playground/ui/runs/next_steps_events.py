"""From a run to the tab that comes next, with the run and all that follows from it chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.tab import CompareTab
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.runs.next_steps import NextSteps
from playground.ui.shell import Shell
from playground.ui.texts import STRINGS
from playground.ui.translate.tab import TranslateTab
from playground.ui.verdict.tab import VerdictTab

# The tab that was left may have been scrolled down further than the next one is long.
SHOW_TOP = "() => window.scrollTo(0, 0)"


@dataclass(frozen=True)
class Destinations:
    compare: CompareTab
    translate: TranslateTab
    verdict: VerdictTab


def wire(
    steps: NextSteps,
    chosen: Component,
    to: Destinations,
    shell: Shell,
    playground: Playground,
    language: Language,
) -> None:
    """`chosen` holds a run's id, or a list of them."""

    @shows_errors(language)
    def ask_both(chosen: str | list[str] | None) -> dict[Any, Any]:
        return {
            **to.compare.opened_with(with_adapter(playground, chosen)),
            shell.tabs: gr.Tabs(selected="compare"),
        }

    @shows_errors(language)
    def translate_with(chosen: str | list[str] | None) -> dict[Any, Any]:
        return {
            **to.translate.opened_with(with_adapter(playground, chosen)),
            shell.tabs: gr.Tabs(selected="translate"),
        }

    @shows_errors(language)
    def ask_for_verdict(chosen: str | list[str] | None) -> dict[Any, Any]:
        return {
            **to.verdict.opened_with(with_adapter(playground, chosen)),
            shell.tabs: gr.Tabs(selected="verdict"),
        }

    compare, translate, verdict = to.compare, to.translate, to.verdict
    asked = steps.ask.click(ask_both, chosen, [*compare.opening, shell.tabs], **QUIET)
    asked.success(
        shows_errors(language)(compare.take_prompts),
        None,
        [compare.prompts, compare.known, compare.metrics],
        inputs_kwargs={"chosen": compare.runs, "count": compare.count},
        **QUIET,
    )
    translating = steps.translate.click(translate_with, chosen, [*translate.opening, shell.tabs], **QUIET)
    judging = steps.judge.click(ask_for_verdict, chosen, [*verdict.opening, shell.tabs], **QUIET)
    for opened in (asked, translating, judging):
        opened.success(None, js=SHOW_TOP, api_visibility="private")


def with_adapter(playground: Playground, chosen: str | list[str] | None) -> list[str]:
    """Those of the chosen runs that have an adapter. Raises RunError for none, and for a run of somebody else."""
    run_ids = [chosen] if isinstance(chosen, str) else chosen or []
    found = [info.run_id for info in map(playground.my_run_info, run_ids) if info.has_adapter]
    if not found:
        raise RunError(STRINGS["next_no_adapter"])
    return found

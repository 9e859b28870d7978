"""The languages of a test file of one's own, on the Verdict tab: asked for where the file leaves them open."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import escape

from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import language_name
from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, error_html
from playground.ui.texts import t
from playground.ui.train.language_row import choices_for
from playground.ui.verdict.tab import OWN_FILE, VerdictTab


def wire(tab: VerdictTab, playground: Playground, language: Language) -> None:
    def follow_test_file(test: str, files: list[str] | None, runs: list[str]) -> tuple[Any, ...]:
        return languages_asked(playground, test, files, runs, language)

    asked = [tab.languages, tab.source, tab.target, tab.file_note]
    triggers = [tab.file.change, tab.test.change, tab.runs.input]
    gr.on(triggers, follow_test_file, [tab.test, tab.file, tab.runs], asked, **QUIET)


def languages_asked(
    playground: Playground, test: str, files: list[str] | None, runs: list[str], language: Language
) -> tuple[Any, ...]:
    """The row of both languages, each of them, and a note; nothing is asked where file and run say the same two."""
    nothing = gr.Row(visible=False), gr.Dropdown(value=None), gr.Dropdown(value=None)
    if test != OWN_FILE or not files:
        return *nothing, gr.HTML(visible=False)
    try:
        found = playground.languages_to_judge(files, runs[0] if runs else None)
    except PlaygroundError as error:
        return *nothing, gr.HTML(f'<p role="alert">✗ {error_html(error, language)}</p>', visible=True)
    if found.is_clear:
        return *nothing, gr.HTML(visible=False)
    choices = choices_for(found.codes or M2M100_CODES, language)
    names = ", ".join(language_name(code, language) for code in found.codes)
    note = t("verdict_file_languages" if found.codes else "verdict_file_silent", language, names=names)
    source, target = found.chosen or (None, None)
    return (
        gr.Row(visible=True),
        gr.Dropdown(choices=choices, value=source, allow_custom_value=not found.codes),
        gr.Dropdown(choices=choices, value=target, allow_custom_value=not found.codes),
        gr.HTML(str(escape(note)), visible=True),
    )

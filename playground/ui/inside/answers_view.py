"""The adapter's own answers, each token coloured by how unlikely it was to the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.ui.inside.view_html import TOKEN_CSS, answers_html
from playground.ui.inside.views import View
from playground.ui.parts.downloads import download_button
from playground.ui.parts.job import Shown
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.inside.where.answers import Answers


JS_FILE = Path(__file__).with_name("tokens.js")


class AnswersView(View):
    name = "answers"

    def lay_out(self) -> None:
        self.said = gr.HTML(
            css_template=TOKEN_CSS, js_on_load=JS_FILE.read_text(encoding="utf-8"), padding=True,
            elem_id="inside-answers-said",
        )  # fmt: skip
        self.csv = gr.DownloadButton(
            t("inside_view_csv", self.language), size="md", visible=False, elem_id="inside-answers-csv"
        )  # fmt: skip

    def look(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Answers | BusyError]:
        return self.playground.changed_answers(run, should_stop)

    def done(self, found: Answers) -> float:
        return (len(found.shifts) + len(found.controls)) / (2 * found.total)

    def show(self, found: Answers, of_control: Answers | None) -> Shown:
        load_libraries()
        from playground.inside.where.files import answers_table

        shown: Shown = {self.said: answers_html(found, of_control, self.language)}
        if found.is_whole:
            return shown | {self.csv: download_button("answers.csv", answers_table(found, of_control))}
        return shown | {self.csv: gr.DownloadButton(visible=False)}

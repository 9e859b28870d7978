"""What was translated: a table sentence by sentence, and what can be downloaded of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from playground.errors import PlaygroundError
from playground.model.libraries import load_libraries
from playground.texts import Language
from playground.translate.document import said_left
from playground.ui.compare.html import Marks, column_label, marks_picker
from playground.ui.feedback import QUIET
from playground.ui.parts.downloads import download_button
from playground.ui.parts.job import Shown
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.texts import t
from playground.ui.translate.html import TRANSLATION_CSS, translation_html

if TYPE_CHECKING:
    from playground.translate.document import Filled
    from playground.translate.text import TranslateUpdate


class Results:
    """`latest` holds the translations that are shown, or None."""

    def __init__(self, language: Language) -> None:
        self.language, self.latest = language, gr.State(None)
        with gr.Row(equal_height=True):
            self.marks = marks_picker("translate", language)
            self.only_suspicious = gr.Checkbox(
                False, label=t("translate_only_suspicious", language), visible=False, elem_id="translate-suspicious"
            )
        self.table = gr.HTML(css_template=TABLE_CSS + TRANSLATION_CSS, elem_id="translate-result")
        names = {"filled": "filled_file", "tsv": "tsv", "tmx": "tmx"}
        with gr.Row(equal_height=True):
            self.filled, self.tsv, self.tmx = (
                gr.DownloadButton(
                    t(f"translate_{text}", language), visible=False, size="md", elem_id=f"translate-{name}"
                )
                for name, text in names.items()
            )
        self.column = gr.Radio(
            [], label=t("translate_tmx_column", language), visible=False, elem_id="translate-tmx-column"
        )  # fmt: skip

    @property
    def components(self) -> list[Block]:
        return [item for item in vars(self).values() if isinstance(item, Block)]

    def connect(self, file: gr.File) -> None:
        """`file` is the one that is translated, if it is one."""
        latest: dict[str, Block] = {"latest": self.latest}
        gr.on(
            [self.marks.input, self.only_suspicious.input], self.redraw, None, self.table,
            inputs_kwargs={**latest, "marks": self.marks, "only": self.only_suspicious}, **QUIET,
        )  # fmt: skip
        self.column.input(
            self.choose_column, None, [self.filled, self.tmx],
            inputs_kwargs={**latest, "column": self.column, "file": file}, **QUIET,
        )  # fmt: skip

    def redraw(self, *, latest: TranslateUpdate | None, marks: Marks, only: bool) -> Any:
        return translation_html(latest, marks, only, self.language) if latest else gr.skip()

    def choose_column(self, *, latest: TranslateUpdate | None, column: int | None, file: str | None) -> Any:
        """The file filled in and the memory, with the translations of one column."""
        if latest is None or column is None:
            return gr.skip()
        return self._files_of(column, filled_file(latest, column, file), latest, file)

    def emptied(self) -> Shown:
        hidden = gr.DownloadButton(visible=False)
        return {
            self.latest: None, self.table: "", self.marks: gr.Radio(visible=False),
            self.only_suspicious: gr.Checkbox(visible=False), self.filled: hidden, self.tsv: hidden, self.tmx: hidden,
            self.column: gr.Radio(visible=False),
        }  # fmt: skip

    def show(self, update: TranslateUpdate, marks: Marks, only: bool) -> Shown:
        """What is there so far, and how it can be looked at differently once there is something of the kind."""
        return {
            self.latest: update,
            self.table: translation_html(update, marks, only, self.language),
            self.marks: gr.Radio(visible=len(update.columns) > 1),
            self.only_suspicious: gr.Checkbox(visible=len(update.rows) > 1),
        }

    def finish(self, latest: TranslateUpdate, file: str | None) -> tuple[Shown, str]:
        """The downloads, with the last column at first, and a word on the file that was filled in."""
        if latest.done == 0:
            return {}, ""
        load_libraries()
        from playground.translate.result_files import to_tsv

        last = len(latest.columns) - 1
        choices = [(column_label(item, self.language), number) for number, item in enumerate(latest.columns)]
        filled = filled_file(latest, last, file)
        note = t("translate_filled", self.language, count=filled.filled) if filled else ""
        shown: Shown = {
            self.tsv: download_button(_name(file, latest, ".tsv"), to_tsv(latest)),
            self.column: gr.Radio(choices=choices, value=last, visible=len(choices) > 1),
        }
        shown |= self._files_of(last, filled, latest, file)
        return shown, f"{note} {said_left(filled.left.items()).to(self.language)}".strip() if filled else note

    def _files_of(self, column: int, filled: Filled | None, latest: TranslateUpdate, file: str | None) -> Shown:
        load_libraries()
        from playground.translate.result_files import to_tmx

        hidden = gr.DownloadButton(value=None, visible=False)
        return {
            self.filled: download_button(_name(file, latest, None), filled.content) if filled else hidden,
            self.tmx: download_button(_name(file, latest, ".tmx"), to_tmx(latest, column)),
        }


def filled_file(latest: TranslateUpdate, column: int, file: str | None) -> Filled | None:
    """None without a file, or where it is no longer the one that was translated."""
    if not file:
        return None
    from playground.translate.files import fill_document, open_document

    try:
        return fill_document(open_document(Path(file), latest.languages.source), latest, column)
    except PlaygroundError:
        return None


def _name(file: str | None, latest: TranslateUpdate, suffix: str | None) -> str:
    from playground.translate.files import name_for

    return name_for(Path(file).name, latest.languages.target, suffix) if file else f"translation{suffix}"

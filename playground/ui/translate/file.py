"""A file of texts on the Translate tab: what is said of it when it is chosen, and what is left out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.languages import language_name, match
from playground.data.lines import MAX_LINES
from playground.errors import PlaygroundError
from playground.texts import Language
from playground.translate.document import said_left
from playground.translate.files import TRANSLATED_SUFFIXES
from playground.ui.feedback import QUIET, error_html
from playground.ui.parts.job import Shown
from playground.ui.texts import t
from playground.ui.translate.choices import Offered
from playground.ui.translate.direction import Direction

if TYPE_CHECKING:
    from playground.translate.document import Document


class FilePanel:
    """A file in the place of the text, whose own languages are chosen where the model has them."""

    def __init__(self, direction: Direction) -> None:
        self.direction, self.language = direction, direction.language
        with gr.Accordion(t("translate_file_heading", self.language), open=False):
            self.file = gr.File(
                label=t("translate_file", self.language, limit=MAX_LINES), file_types=list(TRANSLATED_SUFFIXES),
                type="filepath", height=120, elem_id="translate-file",
            )  # fmt: skip
            self.note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="translate-file-note")

    def connect(self) -> None:
        pair: dict[str, Block] = {"source": self.direction.source, "target": self.direction.target}
        chosen: dict[str, Block] = {"file": self.file, "offered": self.direction.offered, **pair}
        self.file.change(self.follow_file, None, [self.note, *pair.values()], inputs_kwargs=chosen, **QUIET)

    def follow_file(
        self, *, file: str | None, offered: Offered | None, source: str | None, target: str | None
    ) -> Shown:
        """What is said of a file, and both languages."""
        if not file:
            return {self.note: gr.HTML(visible=False)}
        from playground.translate.files import open_document

        try:
            document = open_document(Path(file))
        except PlaygroundError as error:
            return {self.note: gr.HTML(f'<p role="alert">✗ {error_html(error, self.language)}</p>', visible=True)}
        said = (document.source_language or document.usual_source, document.target_language)
        found, pair = _in_model(said, offered), (source, target)
        lines = [t("translate_file_chosen", self.language), _counts(document, self.language)]
        if any(said):
            named: tuple[str | None, str | None] = said
            key = "translate_file_says" if offered is None else "translate_file_lacks"
            if offered is not None and None not in found:
                named = (found[0] or source, found[1] or target)
                key = "translate_file_says" if named == pair else "translate_file_changes"
                pair = named
            lines.append(t(key, self.language, pair=_named(named, self.language)))
        note = gr.HTML("".join(f"<p>{escape(line)}</p>" for line in lines), visible=True)
        return {self.note: note, self.direction.source: pair[0], self.direction.target: pair[1]}


def _in_model(said: tuple[str, str], offered: Offered | None) -> tuple[str | None, str | None]:
    """The model's codes of what a file says: "" for what is not said or known, None for what the model lacks."""
    if offered is None:
        return "", ""
    sides = zip(said, (offered.sources, offered.targets), strict=True)
    found = [match(code, codes) if code else "" for code, codes in sides]
    return found[0], found[1]


def _named(pair: tuple[str | None, str | None], language: Language) -> str:
    return " → ".join(language_name(code, language) if code else "?" for code in pair)


def _counts(document: Document, language: Language) -> str:
    count = t("translate_file_texts", language, count=len(document.sources))
    return f"{count} {said_left(document.left.items()).to(language)}".strip()

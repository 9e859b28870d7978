"""A file on the Translate tab: what is said of it when it is chosen, and what can be downloaded of a translation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import escape

from playground.catalog.languages import language_name, match
from playground.errors import PlaygroundError
from playground.model.libraries import load_libraries
from playground.texts import Language
from playground.ui.compare.html import column_label
from playground.ui.feedback import QUIET, error_html
from playground.ui.parts.downloads import written
from playground.ui.texts import t
from playground.ui.translate.choices import Offered
from playground.ui.translate.tab import TranslateTab

if TYPE_CHECKING:
    from playground.translate.document import Document, Filled, Reason
    from playground.translate.text import TranslateUpdate


def wire(tab: TranslateTab, language: Language) -> None:
    def follow_file(
        file: str | None, offered: Offered | None, source: str | None, target: str | None
    ) -> tuple[Any, Any, Any]:
        return chosen_file(file, offered, source, target, language)

    pair = [tab.source, tab.target]
    tab.file.change(follow_file, [tab.file, tab.offered, *pair], [tab.file_note, *pair], **QUIET)


def chosen_file(
    file: str | None, offered: Offered | None, source: str | None, target: str | None, language: Language
) -> tuple[Any, Any, Any]:
    """What is said of a file, and both languages: the file's own where the model has them."""
    if not file:
        return gr.HTML(visible=False), gr.skip(), gr.skip()
    from playground.translate.files import open_document

    try:
        document = open_document(Path(file))
    except PlaygroundError as error:
        note = f'<p role="alert">✗ {error_html(error, language)}</p>'
        return gr.HTML(note, visible=True), gr.skip(), gr.skip()
    lines = [t("translate_file_chosen", language), _counts(document, language)]
    said = (document.source_language or document.usual_source, document.target_language)
    found = _in_model(said, offered)
    if offered is None and any(said):
        lines.append(t("translate_file_says", language, pair=_named(said, language)))
    elif any(said) and None in found:
        lines.append(t("translate_file_lacks", language, pair=_named(said, language)))
    elif any(said):
        changed = (found[0] or source, found[1] or target)
        key = "translate_file_says" if changed == (source, target) else "translate_file_changes"
        lines.append(t(key, language, pair=_named(changed, language)))
        source, target = changed
    return gr.HTML("".join(f"<p>{escape(line)}</p>" for line in lines if line), visible=True), source, target


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
    return f"{count} {_left(document.left, language)}".strip()


def _left(left: Mapping[Reason, int], language: Language) -> str:
    """How many units stay as they are, and why; empty where none does."""
    from playground.translate.document import REASONS

    reasons = [REASONS[reason].to(language, count=count) for reason, count in left.items() if count]
    return t("translate_file_left", language, reasons=", ".join(reasons)) if reasons else ""


def finished(
    latest: TranslateUpdate | None, file: str | None, language: Language
) -> tuple[gr.DownloadButton, gr.DownloadButton, gr.DownloadButton, gr.Radio, str]:
    """The file filled in, table, memory, the choice of their column (the last one at first), and a word on the file."""
    if latest is None or latest.done == 0:
        hidden = gr.DownloadButton(visible=False)
        return hidden, hidden, hidden, gr.Radio(visible=False), ""
    load_libraries()
    from playground.translate.result_files import to_tsv

    last = len(latest.columns) - 1
    choices = [(column_label(item, language), number) for number, item in enumerate(latest.columns)]
    filled = filled_file(latest, last, file)
    note = t("translate_filled", language, count=filled.filled) if filled else ""
    if filled and (left := _left(filled.left, language)):
        note = f"{note} {left}"
    return (
        _filled_button(filled, latest, file),
        gr.DownloadButton(value=written(_name(file, latest, ".tsv"), to_tsv(latest)), visible=True),
        _memory_button(latest, last, file),
        gr.Radio(choices=choices, value=last, visible=len(choices) > 1),
        note,
    )


def of_column(latest: TranslateUpdate, column: int, file: str | None) -> tuple[gr.DownloadButton, gr.DownloadButton]:
    """The file filled in and the memory, with the translations of one column."""
    filled = filled_file(latest, column, file)
    return _filled_button(filled, latest, file), _memory_button(latest, column, file)


def filled_file(latest: TranslateUpdate, column: int, file: str | None) -> Filled | None:
    """None without a file, or where it is no longer the one that was translated."""
    if not file:
        return None
    from playground.translate.files import fill_document, open_document

    try:
        return fill_document(open_document(Path(file), latest.languages.source), latest, column)
    except PlaygroundError:
        return None


def _filled_button(filled: Filled | None, latest: TranslateUpdate, file: str | None) -> gr.DownloadButton:
    path = written(_name(file, latest, None), filled.content) if filled else None
    return gr.DownloadButton(value=path, visible=path is not None)


def _memory_button(latest: TranslateUpdate, column: int, file: str | None) -> gr.DownloadButton:
    load_libraries()
    from playground.translate.result_files import to_tmx

    return gr.DownloadButton(value=written(_name(file, latest, ".tmx"), to_tmx(latest, column)), visible=True)


def _name(file: str | None, latest: TranslateUpdate, suffix: str | None) -> str:
    from playground.translate.files import name_for

    return name_for(Path(file).name, latest.languages.target, suffix) if file else f"translation{suffix}"

"""Both sides of a translation as translators know them: the text on the left, a pane a model on the right of it.

On a narrow screen the panes fall under each other. Their button copies a pane's whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from playground.service import Playground
from playground.texts import Language
from playground.ui.compare.html import column_label
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.translate.text import TranslateUpdate
    from playground.ui.translate.tab import TranslateTab

WHILE_IT_GROWS = 20_000  # characters of an unfinished text that are shown
SHAPE: dict[str, Any] = {"lines": 8, "max_lines": 24, "min_width": 280}


def build_text(text: str, language: Language) -> gr.Textbox:
    return gr.Textbox(text, label=t("translate_text", language), elem_id="translate-text", **SHAPE)


def build_panes(count: int, language: Language) -> tuple[gr.Textbox, ...]:
    """The base's pane, and those of the adapters beside it, which appear with them."""
    return tuple(
        gr.Textbox(
            label=t("compare_base_column", language), placeholder=t("translate_pane_empty", language),
            interactive=False, buttons=["copy"], autoscroll=False, visible=place == 0,
            elem_id=f"translate-pane-{place}", **SHAPE,
        )
        for place in range(count)
    )  # fmt: skip


def wire(tab: TranslateTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def follow_runs(chosen: list[str], latest: TranslateUpdate | None) -> dict[Block, Any]:
        """A pane for each adapter that is chosen, with what it has written, if it has."""
        columns = zip(latest.columns, latest.texts, strict=True) if latest else ()
        written = {column.run_id: text for column, text in columns}
        names = [t("compare_base_column", language), *(playground.run_info(run_id).name for run_id in chosen)]
        return shown(tab, names, [written.get(run_id, "") for run_id in (None, *chosen)])

    tab.runs.change(follow_runs, [tab.runs, tab.latest], list(tab.panes), **QUIET)


def of_update(
    tab: TranslateTab, update: TranslateUpdate | None, language: Language, *, goes_on: bool
) -> dict[Block, Any]:
    """What each model has written so far: the beginning of a long text while it grows."""
    if update is None:
        return {}
    texts = [text[:WHILE_IT_GROWS] for text in update.texts] if goes_on else update.texts
    return shown(tab, [column_label(column, language) for column in update.columns], texts)


def shown(tab: TranslateTab, names: Sequence[str], texts: Sequence[str]) -> dict[Block, Any]:
    """A pane for each name; the others are empty and hidden."""
    panes = [gr.Textbox(text, label=name, visible=True) for name, text in zip(names, texts, strict=True)]
    hidden = [gr.Textbox("", visible=False)] * (len(tab.panes) - len(panes))
    return dict(zip(tab.panes, [*panes, *hidden], strict=True))

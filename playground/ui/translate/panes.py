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
from playground.ui.feedback import PAST_QUEUE, QUIET, tells_errors
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import MAX_ADAPTERS
from playground.ui.texts import t
from playground.ui.translate.choices import DEFAULT_PAIR, EXAMPLES
from playground.ui.translate.direction import Direction

if TYPE_CHECKING:
    from playground.translate.text import TranslateUpdate

WHILE_IT_GROWS = 20_000  # characters of an unfinished text that are shown
SHAPE: dict[str, Any] = {"lines": 8, "max_lines": 24, "min_width": 280}


class Panes:
    """The text, the base's pane, and those of the adapters beside it, which appear with them."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Row(equal_height=False, elem_id="translate-panes"):
            self.text = gr.Textbox(
                EXAMPLES[DEFAULT_PAIR[0]], label=t("translate_text", language), elem_id="translate-text", **SHAPE
            )
            self.panes = tuple(
                gr.Textbox(
                    label=t("compare_base_column", language), placeholder=t("translate_pane_empty", language),
                    interactive=False, buttons=["copy"], autoscroll=False, visible=place == 0,
                    elem_id=f"translate-pane-{place}", **SHAPE,
                )
                for place in range(1 + MAX_ADAPTERS)
            )  # fmt: skip

    def connect(self, direction: Direction, latest: gr.State) -> None:
        source, runs = direction.source, direction.runs
        followed: dict[str, Block] = {"source": source, "text": self.text}
        source.change(self.follow_source, None, self.text, inputs_kwargs=followed, **PAST_QUEUE)
        chosen: dict[str, Block] = {"runs": runs, "latest": latest}
        errors = tells_errors(self.language)
        runs.change(errors(self.follow_adapters), None, list(self.panes), inputs_kwargs=chosen, **QUIET)

    def follow_source(self, *, source: str | None, text: str) -> Any:
        """The example follows the language; what the visitor wrote stays."""
        return EXAMPLES.get(source or "", gr.skip()) if text in EXAMPLES.values() else gr.skip()

    def follow_adapters(self, *, runs: list[str], latest: TranslateUpdate | None) -> Shown:
        """A pane for each adapter that is chosen, with what it has written, if it has."""
        columns = zip(latest.columns, latest.texts, strict=True) if latest else ()
        written = {column.run_id: text for column, text in columns}
        base = t("compare_base_column", self.language)
        names = [base, *(self.playground.run_info(run_id).name for run_id in runs)]
        return self._filled(names, [written.get(run_id, "") for run_id in (None, *runs)])

    def emptied(self) -> Shown:
        return dict.fromkeys(self.panes, "")

    def show(self, update: TranslateUpdate, *, goes_on: bool) -> Shown:
        """What each model has written so far: the beginning of a long text while it grows."""
        texts = [text[:WHILE_IT_GROWS] for text in update.texts] if goes_on else update.texts
        return self._filled([column_label(column, self.language) for column in update.columns], texts)

    def _filled(self, names: Sequence[str], texts: Sequence[str]) -> Shown:
        """A pane for each name; the others are empty and hidden."""
        panes = [gr.Textbox(text, label=name, visible=True) for name, text in zip(names, texts, strict=True)]
        hidden = [gr.Textbox("", visible=False)] * (len(self.panes) - len(panes))
        return dict(zip(self.panes, [*panes, *hidden], strict=True))

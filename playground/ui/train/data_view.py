"""The examples of the chosen data set: rows as they are read, and one as the model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr
from gradio.events import Dependency

from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import offer
from playground.ui.texts import t
from playground.ui.train import html
from playground.ui.train.form import TrainForm
from playground.ui.train.hub_row import is_undecided
from playground.ui.train.values import data_config, values_from

PREVIEW_ROWS = 20


class DataView:
    """`index` is the number of the example whose tokens are shown."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Tab(t("view_data", language), id="data") as self.view:
            self.index = gr.State(0)
            self.tokens = gr.HighlightedText(
                label=t("preview_tokens", language), color_map={t("preview_learned", language): "#009E73"},
                show_legend=True, elem_classes="pp-tokens", interactive=False,
            )  # fmt: skip
            with gr.Row(equal_height=True):
                self.previous = gr.Button(t("preview_previous", language), size="sm", min_width=100)
                self.position = gr.HTML(elem_classes="pp-position")
                self.next = gr.Button(t("preview_next", language), size="sm", min_width=100)
            gr.HTML(f'<p class="pp-about">{t("preview_tokens_help", language)}</p>')
            self.rows = gr.Dataframe(
                label=t("preview_rows", language), interactive=False, wrap=True, max_height=420, elem_id="train-rows"
            )

    def connect(self, form: TrainForm, decided: Sequence[Dependency]) -> None:
        """The data are read anew after each of `decided`."""
        self.form, errors = form, shows_errors(self.language)
        columns = {"prompt_column": form.prompt_column, "completion_column": form.completion_column}
        for event in decided:
            event.success(
                errors(self.read), None, [*columns.values(), self.rows, self.index],
                inputs_kwargs={**form.part, **columns}, **QUIET,
            )  # fmt: skip
        self.view.select(errors(self.first_rows), None, self.rows, inputs_kwargs=form.part, **QUIET)
        for listen, step in ((self.view.select, 0), (self.previous.click, -1), (self.next.click, 1)):
            listen(
                errors(partial(self.show_example, step)), None, [self.tokens, self.position, self.index],
                inputs_kwargs={"index": self.index, **form.inputs}, api_visibility="private",
            )  # fmt: skip

    def read(self, *, prompt_column: str | None, completion_column: str | None, **part: str | None) -> Any:
        """The first rows, and the columns to choose from."""
        if is_undecided(**part):
            return gr.skip()
        table = self.playground.preview_table(data_config(**part), limit=PREVIEW_ROWS)
        names = ["", *table.columns]
        prompt, completion = (name if name in names else "" for name in (prompt_column, completion_column))
        return {
            self.form.prompt_column: offer(names, prompt_column, prompt),
            self.form.completion_column: offer(names, completion_column, completion),
            self.rows: html.rows(table),
            self.index: 0,
        }

    def first_rows(self, **part: str | None) -> dict[str, Any]:
        return html.rows(self.playground.preview_table(data_config(**part), limit=PREVIEW_ROWS))

    def show_example(self, step: int, *, index: int, **fields: Any) -> Shown:
        """The example that lies `step` after the one that was shown."""
        preview = self.playground.preview_tokens(values_from(self.language, **fields), index + step)
        return {
            self.tokens: html.marked(preview, self.language),
            self.position: html.position(preview, self.language),
            self.index: preview.index,
        }

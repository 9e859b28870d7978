"""Which part of a Hub data set is read: a row of the Train form that appears for such data sets alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import Dependency
from markupsafe import escape

from playground.catalog.resolve import is_hub_dataset
from playground.errors import PlaygroundError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, error_html, shown_error, tell, tells_errors
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import offer
from playground.ui.parts.relay import latest
from playground.ui.texts import t
from playground.ui.train.choices import words
from playground.ui.train.values import data_config

if TYPE_CHECKING:
    from playground.ui.train.form import TrainForm


class HubRow:
    """`note` says what the data set allows, and what is still to be chosen of it."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Row(visible=False) as self.row:
            self.subset, self.split = (
                gr.Dropdown([], value=None, min_width=140, elem_id=f"pp-{name}", **words(name, language))
                for name in ("subset", "split")
            )
        self.note = gr.HTML(visible=False, elem_classes="pp-about", padding=False)

    def connect(self, form: TrainForm) -> Dependency:
        """Returns the event after which subset and split are those to read."""
        outputs = [self.row, self.subset, self.split, self.note]
        latest([form.dataset.change], self.leave, None, outputs, inputs_kwargs=form.part, **PAST_QUEUE)
        # One event for all three: of two answers on their way at once, the older one would win.
        return latest(
            [form.dataset.input, self.subset.input, self.split.input], tells_errors(self.language)(self.look), None,
            outputs, inputs_kwargs=form.part, **QUIET,
        )  # fmt: skip

    def look(self, *, dataset: str | None, subset: str | None, split: str | None) -> Shown:
        """What is chosen stays where the data set has it: a click into a field and out again counts as an edit."""
        try:
            found = self.playground.parts_of_data(data_config(dataset, subset)) if dataset else None
        except PlaygroundError as error:
            tell(shown_error(error_html(error, self.language)))
            found = None
        if found is None:
            return self.hidden(subset, split)
        choose = t("subset_choose", self.language) if found.subset is None else ""
        licence = found.licence or t("licence_not_said", self.language)
        note = " · ".join(filter(None, [t("hub_licence", self.language, licence=licence), choose]))
        return {
            self.row: gr.Row(visible=True),
            self.subset: offer(found.subsets, subset, found.subset),
            self.split: offer(found.splits, split, split if split in found.splits else found.split),
            self.note: gr.HTML(escape(note), visible=True),
        }

    def leave(self, *, dataset: str | None, subset: str | None, split: str | None) -> Any:
        """A part that cannot be seen must not decide anything."""
        return gr.skip() if is_of_hub(dataset) else self.hidden(subset, split)

    def hidden(self, subset: str | None, split: str | None) -> Shown:
        return {
            self.row: gr.Row(visible=False),
            self.subset: offer([], subset, None),
            self.split: offer([], split, None),
            self.note: gr.HTML(visible=False),
        }


def is_of_hub(dataset: str | None) -> bool:
    return bool(dataset) and is_hub_dataset(str(dataset).strip())


def is_undecided(dataset: str | None, subset: str | None, split: str | None) -> bool:
    """Whether there is nothing to read yet: no data set, or one of the Hub whose part is still to be chosen."""
    return not dataset or (is_of_hub(dataset) and not (subset and split))

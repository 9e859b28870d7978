"""Which part of a Hub data set is read: a row of the Train form that appears for such data sets alone."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency

from playground.catalog.resolve import is_hub_dataset
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, QUIET, shows_errors
from playground.ui.parts.pickers import offer
from playground.ui.texts import t
from playground.ui.train import fields


@dataclass(frozen=True)
class HubRow:
    row: gr.Row
    subset: gr.Dropdown
    split: gr.Dropdown
    note: gr.HTML


def build(language: Language) -> HubRow:
    with gr.Row(visible=False) as row:
        subset, split = (
            gr.Dropdown(
                [],
                value=None,
                label=t(f"{name}_label", language),
                info=t(f"{name}_help", language),
                min_width=140,
                elem_id=f"pp-{name}",
            )
            for name in ("subset", "split")
        )
    return HubRow(row, subset, split, gr.HTML(visible=False, elem_classes="pp-about", padding=False))


def is_undecided(dataset: str | None, subset: str | None, split: str | None) -> bool:
    """Whether there is nothing to read yet: no data set, or one of the Hub whose part is still to be chosen."""
    return not dataset or (is_hub_dataset(dataset.strip()) and not (subset and split))


def wire(parts: HubRow, form: fields.TrainForm, playground: Playground, language: Language) -> Dependency:
    """Returns the event after which subset and split are those to read."""
    outputs = [parts.row, parts.subset, parts.split, parts.note]

    @shows_errors(language)
    def look(dataset: str | None, subset: str | None, split: str | None) -> list[Any]:
        """What is chosen stays where the data set has it: a click into a field and out again counts as an edit."""
        found = playground.parts_of_data(fields.data_config(dataset, subset)) if dataset else None
        if found is None:
            return hidden()
        choose = t("subset_choose", language) if found.subset is None else ""
        licence = t("hub_licence", language, licence=found.licence or t("licence_not_said", language))
        note = " · ".join(filter(None, [licence, choose]))
        return [
            gr.Row(visible=True),
            offer(found.subsets, subset, found.subset),
            offer(found.splits, split, split if split in found.splits else found.split),
            gr.HTML(html.escape(note), visible=True),
        ]

    def hidden() -> list[Any]:
        empty = gr.Dropdown(choices=[], value=None)
        return [gr.Row(visible=False), empty, empty, gr.HTML(visible=False)]

    def leave(dataset: str | None) -> Any:
        """A part that cannot be seen must not decide anything."""
        return gr.skip() if dataset and is_hub_dataset(dataset.strip()) else hidden()

    form.dataset.change(leave, form.dataset, outputs, **PAST_QUEUE)
    chosen = [form.dataset, form.subset, form.split]
    edits = [form.dataset.input, form.subset.input, form.split.input]
    # One event for all three: of two answers on their way at once, the older one would win.
    return gr.on(edits, look, chosen, outputs, trigger_mode="always_last", **QUIET)

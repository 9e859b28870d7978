"""The Train form filled with the settings of a run: a chosen one, or the one in the page's address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import Dependency

from playground.catalog.datasets import UPLOAD_PREFIX
from playground.config import DataConfig, RunConfig
from playground.errors import PlaygroundError, Problem
from playground.texts import Text
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.parts.job import Shown
from playground.ui.train.choices import DEFAULT_DATASET
from playground.ui.train.form import TrainForm
from playground.ui.train.html import filled_html
from playground.ui.train.hub_row import is_of_hub
from playground.ui.train.values import automatic_name

NO_FIELD = Text(
    "was {value}. This form has no field for it: it stays at its default.",
    "era {value}. Este formulário não tem campo para isso: fica no valor padrão.",
)


class RunSettings:
    """A run's settings, as far as `form` can take them."""

    def __init__(self, form: TrainForm) -> None:
        self.form, self.playground, self.language = form, form.playground, form.language

    def fill_on(self, event: Callable[..., Dependency], run_id: gr.State) -> Dependency:
        """Whenever `event` happens, fill the form from the run, if there is one; the page says why where it cannot."""
        errors, form = shows_errors(self.language), self.form
        # Its own event, because what an event that fails would have filled is marked as wrong by gradio's page.
        checked = event(errors(self.check_run), run_id, None, **QUIET)
        filled: Dependency = checked.success(
            errors(self.fill), None, [form.filled_from, form.hub.row, *form.filling],
            inputs_kwargs={"run_id": run_id, "dataset": form.dataset}, **QUIET,
        )  # fmt: skip
        return filled

    def check_run(self, run_id: str | None) -> None:
        if run_id:
            self.playground.settings_of(run_id)

    def fill(self, *, run_id: str | None, dataset: str | None) -> Any:
        return self.shown(run_id, dataset) if run_id else gr.skip()

    def shown(self, run_id: str, current_dataset: str | None) -> Shown:
        """What the form shows for a run, and what is said of those settings that it cannot take. Raises RunError."""
        settings = self.playground.settings_of(run_id)
        form, values = self.form, settings.values
        data = values["data"]
        dataset = data.get("dataset")
        shown = form.fill(values, current_dataset)
        if values["name"] == automatic_name(values["method"].get("method", ""), dataset):
            shown[form.name] = ""  # it follows what is changed in the form
        if columns := self._columns(dataset):
            for box, name in ((form.prompt_column, "prompt_column"), (form.completion_column, "completion_column")):
                shown[box] = gr.Dropdown(choices=["", *columns], value=data.get(name) or "")
        left_out = [*settings.left_out, *_without_field(data)]
        note = filled_html(self.playground.run_info(run_id).name, left_out, self.language)
        return shown | {
            form.filled_from: gr.HTML(note, visible=True),
            form.hub.row: gr.Row(visible=is_of_hub(dataset)),
        }

    def _columns(self, dataset: str | None) -> list[str]:
        """The columns of a visitor's own file, to choose from."""
        if not dataset or not dataset.startswith(UPLOAD_PREFIX):
            return []
        try:
            return list(self.playground.preview_table(DataConfig(dataset=dataset), limit=1).columns)
        except PlaygroundError:  # said where the data set itself is shown
            return []


def _without_field(data: dict[str, Any]) -> list[Problem]:
    """What a file of settings can say and the form cannot."""
    defaults = RunConfig.from_values({"data": {"dataset": DEFAULT_DATASET}}).to_values()["data"]
    return [
        Problem(f"data.{name}", NO_FIELD, {"value": data[name]})
        for name in ("eval_fraction", "target_file")
        if data.get(name, defaults[name]) != defaults[name]
    ]

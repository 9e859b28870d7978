"""The Train form filled with the settings of a run: a chosen one, or the one in the page's address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency
from markupsafe import Markup

from playground.catalog.datasets import UPLOAD_PREFIX
from playground.catalog.resolve import is_hub_dataset
from playground.config import DataConfig, RunConfig
from playground.errors import PlaygroundError, Problem
from playground.service import Playground
from playground.texts import Language, Text
from playground.ui.feedback import QUIET, for_visitor, shows_errors
from playground.ui.texts import t
from playground.ui.train import fields
from playground.ui.train.tab import TrainTab

NO_FIELD = Text(
    "was {value}. This form has no field for it: it stays at its default.",
    "era {value}. Este formulário não tem campo para isso: fica no valor padrão.",
)


def fill_on(
    event: Callable[..., Dependency],
    run_id: gr.State,
    train: TrainTab,
    playground: Playground,
    language: Language,
) -> Dependency:
    """Whenever `event` happens, fill the form from the run, if there is one; the page says why where it cannot."""

    # Its own event, because what an event that fails would have filled is marked as wrong by gradio's page.
    @shows_errors(language)
    def check_run(run_id: str | None) -> None:
        if run_id:
            playground.settings_of(run_id)

    @shows_errors(language)
    def fill(run_id: str | None, dataset: str | None, fillings: int) -> Any:
        if not run_id:
            return gr.skip()
        filled = filled_form(train, playground, run_id, dataset, language)
        return {**filled, train.fillings: fillings + 1}

    given = [run_id, train.form.dataset, train.fillings]
    checked = event(check_run, run_id, None, **QUIET)
    filled: Dependency = checked.success(fill, given, [*outputs_of(train), train.fillings], **QUIET)
    return filled


def outputs_of(train: TrainTab) -> list[Block]:
    """Every component that `filled_form` fills."""
    return [train.filled_from, train.parts.row, *train.form.components()]


def filled_form(
    train: TrainTab, playground: Playground, run_id: str, current_dataset: str | None, language: Language
) -> dict[Block, Any]:
    """What the form shows for a run's settings, and what is said of those that it cannot take. Raises RunError."""
    settings = playground.settings_of(run_id)
    form, values = train.form, settings.values
    dataset = values["data"].get("dataset")
    shown = fields.fill_form(form, values, current_dataset)
    if values["name"] == fields.automatic_name(values["method"].get("method", ""), dataset):
        shown[form.name] = ""  # it follows what is changed in the form
    if columns := _columns(playground, dataset):
        for box, name in ((form.prompt_column, "prompt_column"), (form.completion_column, "completion_column")):
            shown[box] = gr.Dropdown(choices=["", *columns], value=values["data"].get(name) or "")
    left_out = [*settings.left_out, *_without_field(values)]
    note = note_html(playground.run_info(run_id).name, left_out, language)
    is_hub = bool(dataset) and is_hub_dataset(str(dataset))
    return {**shown, train.filled_from: gr.HTML(note, visible=True), train.parts.row: gr.Row(visible=is_hub)}


def note_html(name: str, left_out: Sequence[Problem], language: Language) -> str:
    """Whose settings the form shows, and every one that it does not, with the reason."""
    begin = Markup('<p role="status">{}</p>').format(t("filled_from", language, name=name))
    if not left_out:
        return str(begin)
    rows = Markup("").join(Markup("<li>{}</li>").format(for_visitor(problem.to(language))) for problem in left_out)
    missing = Markup('<div role="alert"><p>⚠ {}</p><ul>{}</ul></div>').format(t("filled_without", language), rows)
    return str(begin + missing)


def _columns(playground: Playground, dataset: str | None) -> list[str]:
    """The columns of a visitor's own file, to choose from."""
    if not dataset or not dataset.startswith(UPLOAD_PREFIX):
        return []
    try:
        return list(playground.preview_table(DataConfig(dataset=dataset), limit=1).columns)
    except PlaygroundError:  # said where the data set itself is shown
        return []


def _without_field(values: dict[str, Any]) -> list[Problem]:
    """What a file of settings can say and the form cannot."""
    defaults = RunConfig.from_values({"data": {"dataset": fields.DEFAULT_DATASET}}).to_values()["data"]
    data = values["data"]
    return [
        Problem(f"data.{name}", NO_FIELD, {"value": data[name]})
        for name in ("eval_fraction", "target_file")
        if data.get(name, defaults[name]) != defaults[name]
    ]

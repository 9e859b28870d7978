"""The run as two programs of plain transformers and PEFT, with its adapter, its data and its prompts."""

from __future__ import annotations

import shutil
from pathlib import Path

from playground.config import RunConfig
from playground.export.code import refusals
from playground.export.code.check import check_program
from playground.export.code.page import PageSays, page_says, prompts_to_ask
from playground.export.code.program import write_program
from playground.export.code.recipe import Recipe
from playground.export.code.sections import BASE_FOLDER
from playground.export.kinds import Written
from playground.export.kinds.peft import copy_adapter
from playground.export.steps import Steps
from playground.export.taken import Taken
from playground.model.sources.files import locate
from playground.texts import Text


def refusal(config: RunConfig) -> Text | None:
    return refusals.refusal(config)


def write(taken: Taken, folder: Path) -> Steps[Written]:
    """Raises RunError where a program, run elsewhere, says something else than the page."""
    _, page = yield from write_with_data(taken, folder)
    facts = yield from check_program(folder, page, taken.should_stop, variables(taken))
    shutil.rmtree(folder / "retrained")
    return Written(facts=facts)


def write_with_data(taken: Taken, folder: Path) -> Steps[tuple[Recipe, PageSays]]:
    """The programs and all that they read; the base as the page loads it."""
    with taken.adapted(None) as (base, model):
        examples = prompts_to_ask(taken, base, model)
        page = yield from page_says(taken, base, model, examples)
    with taken.opened(None) as base:
        recipe = write_program(taken.config, base, taken.split, examples, folder)
    copy_adapter(taken, folder)
    return recipe, page


def variables(taken: Taken) -> dict[str, str]:
    """What tells a program where on this machine a base lies that has no place of its own."""
    source = taken.config.base_model
    return {BASE_FOLDER: str(Path(locate(source)).absolute())} if taken.base.where == "folder" else {}

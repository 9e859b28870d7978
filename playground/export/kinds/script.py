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
from playground.export.kinds import Written
from playground.export.kinds.peft import copy_adapter
from playground.export.taken import Taken
from playground.texts import Text


def refusal(config: RunConfig) -> Text | None:
    return refusals.refusal(config)


def write(taken: Taken, folder: Path) -> Written:
    """Raises RunError where a program, run elsewhere, says something else than the page."""
    _, page = write_with_data(taken, folder)
    facts = check_program(folder, page, taken.should_stop)
    shutil.rmtree(folder / "retrained")
    return Written(facts=facts)


def write_with_data(taken: Taken, folder: Path) -> tuple[Recipe, PageSays]:
    """The programs and all that they read; the base as the page loads it."""
    with taken.adapted(None) as (base, model):
        examples = prompts_to_ask(taken, base, model)
        page = page_says(taken, base, model, examples)
    with taken.opened(None) as base:
        recipe = write_program(taken.config, base, taken.split, examples, folder)
    copy_adapter(taken, folder)
    return recipe, page

"""The run as a notebook of plain transformers and PEFT, its cells run, with its adapter, its data and its prompts."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbformat import write as write_notebook

from playground.config import RunConfig
from playground.export.code import refusals
from playground.export.code.check import answers_in, compared
from playground.export.code.notebook import FILE, notebook_of, run_notebook
from playground.export.code.requirements import NOTEBOOK, requirements
from playground.export.kinds import Written
from playground.export.kinds.script import variables, write_with_data
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.texts import Text


def refusal(config: RunConfig) -> Text | None:
    return refusals.refusal(config)


def write(taken: Taken, folder: Path) -> Steps[Written]:
    """Raises RunError where a cell, run elsewhere, says something else than the page."""
    recipe, page = yield from write_with_data(taken, folder)
    for name in ("train.py", "answer.py"):
        (folder / name).unlink()
    (folder / "requirements.txt").write_text(requirements(recipe, NOTEBOOK), encoding="utf-8", newline="\n")
    notebook = notebook_of(recipe)
    yield Step("running")
    printed = run_notebook(notebook, folder, taken.should_stop, variables(taken))
    facts = compared(page, answers_in(printed[-1]), "".join(printed[:-1]))
    write_notebook(notebook, folder / FILE)
    shutil.rmtree(folder / "retrained")
    return Written(facts=facts)

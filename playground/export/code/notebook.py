"""The same program as a notebook: a cell a part, each with a word on what it does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playground.catalog.methods import METHODS
from playground.export.code.answer_program import ANSWER_IMPORTS, adapter_section, answers_section, rows_section
from playground.export.code.recipe import Recipe
from playground.export.code.sections import base_section
from playground.export.code.train_program import training_imports, training_sections
from playground.export.own_process import BETWEEN_LOOKS, ExecutionStopped, surroundings

FILE = "run.ipynb"
STEPS_RUN = 2  # of the training, before a notebook is called done
CELL_SECONDS = 1800  # the longest that one cell may take

ABOUT = """\
# {label}, trained and asked

A run of PEFT Playground in plain transformers and PEFT, without any code of the playground. {summary}
([{paper}]({paper_url}))

What it needs stands in `requirements.txt`; data, prompts and the trained adapter lie beside this file."""
SETTINGS = """\

HERE = Path.cwd()
steps = {steps}  # the run itself took {all_steps}
texts = []  # your own prompts, instead of those in prompts.json
adapter = HERE  # whose answers; those of the training above: HERE / "retrained"
device = "cuda" if torch.cuda.is_available() else "cpu"
"""
WORDS = (
    "## The base model\n\nFrozen: nothing of it is ever changed.",
    "## The data\n\nThe rows lie in the order in which the run took them. Only answers are learned.",
    "## The adapter\n\nAll that is trained.",
    "## The training",
)
ANSWERS = "## The answers\n\nOf the run's own adapter, on a fresh base: always the likeliest token."


def notebook_of(recipe: Recipe) -> Any:
    """The notebook, its cells not yet run."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    spec = METHODS[recipe.config.method.method]
    about = ABOUT.format(label=spec.label, summary=spec.summary.en, paper=spec.paper, paper_url=spec.paper_url)
    settings = SETTINGS.format(steps=STEPS_RUN, all_steps=recipe.config.training.max_steps)
    first = training_imports(recipe, set(), ANSWER_IMPORTS) + settings
    parts = [(words, text) for words, (_, text) in zip(WORDS, training_sections(recipe), strict=True)]
    parts += [
        (ANSWERS, base_section(recipe) + adapter_section(recipe)),
        ("", rows_section(recipe) + answers_section(recipe)),
    ]
    cells = [new_markdown_cell(about), new_code_cell(first.strip())]
    for words, text in parts:
        cells += [new_markdown_cell(words)] if words else []
        cells.append(new_code_cell(text.strip()))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # the same for the same run
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def run_notebook(
    notebook: Any,
    folder: Path,
    should_stop: Callable[[], bool] = lambda: False,
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """Run every cell in `folder`, in a process of its own that sees only public packages and `variables`.

    Returns what each code cell printed. Raises nbclient's CellExecutionError, and ExecutionStopped soon after a stop.
    The process has ended then, in any case.
    """
    import sys

    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    argv = [sys.executable, "-I", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(argv=argv, display_name=KERNEL["display_name"], language="python")

    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, km=manager, timeout=CELL_SECONDS, resources=resources, shutdown_kernel="immediate"
    )
    is_left = threading.Event()
    # In a thread of its own: in the main one it would take the handlers of signals, and not give them back.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="notebook") as thread:
        try:
            work = _executed(client, surroundings(variables), lambda: is_left.is_set() or should_stop())
            thread.submit(asyncio.run, work).result()
        finally:
            is_left.set()
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return ["".join(out.get("text", "") for out in cell.outputs if out.get("name") == "stdout") for cell in codes]


async def _executed(client: Any, variables: dict[str, str], should_stop: Callable[[], bool]) -> None:
    from nbclient.exceptions import DeadKernelError

    # A client ends only a process that its own manager started, unless it is told to.
    running = asyncio.ensure_future(client.async_execute(cleanup_kc=True, env=variables))
    while not running.done():
        await asyncio.wait([running], timeout=BETWEEN_LOOKS)
        if should_stop():
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, DeadKernelError):  # whichever is noticed first
                await running
            raise ExecutionStopped
    await running

"""Script and notebook as kinds of an export: executed before they are called done, and refused where they differ.

The programs run in this process: that they run in one of their own is what tests/export/test_programs.py shows.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from playground.errors import RunError
from playground.export.code import check
from playground.export.code.page import PageSays
from playground.export.proof import read_proof
from tests.export.conftest import Check, Take

SCRIPT_FILES = {"train.py", "answer.py", "requirements.txt", "train.jsonl", "held_out.jsonl", "prompts.json"}
NOTEBOOK_FILES = {"run.ipynb", "requirements.txt", "train.jsonl", "held_out.jsonl", "prompts.json"}


def printed_here(program: Path, *arguments: str, should_stop: object, variables: dict[str, str]) -> str:
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told):
        patch.setattr(sys, "argv", [str(program), *arguments])
        patch.setattr(os, "environ", {**os.environ, **variables})
        runpy.run_path(str(program), run_name="__main__")
    told.flush()
    return told.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


def run_here(notebook: Any, folder: Path, _should_stop: object, variables: dict[str, str]) -> list[str]:
    printed, names = [], {"__name__": "__main__"}
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", {**os.environ, **variables})
        for cell in notebook.cells:
            if cell.cell_type == "code":
                with contextlib.redirect_stdout(io.StringIO()) as told:
                    exec(cell.source, names)
                printed.append(told.getvalue())
    return printed


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_printed", printed_here)
    monkeypatch.setattr("playground.export.kinds.notebook.run_notebook", run_here)


@pytest.mark.parametrize(("kind", "files"), [("script", SCRIPT_FILES), ("notebook", NOTEBOOK_FILES)])
def test_an_export_holds_what_its_program_needs_and_says_what_it_printed(
    kind: str, files: set[str], take: Take, check: Check, tiny_values: dict[str, Any]
) -> None:
    folder = take(tiny_values, kind)
    assert files | {"adapter_config.json", "adapter_model.safetensors", "proof.json"} <= {
        path.name for path in folder.iterdir()
    }
    assert not (folder / "retrained").exists()
    facts = read_proof(folder).facts
    assert facts["answers"] == facts["equal_to_answers_together"] == 10
    assert check(folder).result == "identical"
    for path in folder.glob("*.[pi]*"):  # programs, the notebook
        assert str(Path(tiny_values["base_model"]).parent) not in path.read_text(encoding="utf-8")
    if kind == "notebook":
        nbformat.validate(nbformat.read(folder / "run.ipynb", as_version=4))


@pytest.mark.parametrize("method", ["full", "cartridge"])
def test_a_method_that_no_program_repeats_is_refused_before_anything_is_computed(
    method: str, take: Take, tiny_values: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="more code than plain PEFT"):
        take(tiny_values, "script", method)
    assert not (tmp_path / "taken").exists()


def test_a_program_that_says_something_else_is_not_kept(
    take: Take, tiny_values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = json.dumps({"prompt": "", "answer": "something else"})
    monkeypatch.setattr(check, "_printed", lambda *_, **__: f"{other}\n" * 10)
    with pytest.raises(RunError, match="prints 0 of the page's 10 answers"):
        take(tiny_values, "script")
    assert list((tmp_path / "taken").iterdir()) == []


@pytest.mark.parametrize(("printed", "kept"), [("step 1  loss 2.000100\n", True), ("step 1  loss 2.1\n", False),
                                               ("step 1  loss nan\n", False), ("", False)])  # fmt: skip
def test_a_first_loss_within_rounding_of_the_runs_is_required(printed: str, kept: bool) -> None:
    page = PageSays(answers=["a"], together=["b"], first_loss=2.0, dtype="float32")
    if kept:
        assert check.compared(page, ["a"], printed)["equal_to_answers_together"] == 0
    else:
        with pytest.raises(RunError, match="first loss"):
            check.compared(page, ["a"], printed)

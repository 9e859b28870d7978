"""Runs of tiny models as programs, and the programs run: many in one process, as each start of torch takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.read import load_split
from playground.export.code.page import answers_of
from playground.export.code.program import write_program
from playground.export.code.recipe import Recipe
from playground.model.adapt import attached, detach
from playground.model.in_memory import base_in_memory
from playground.model.sources.base_file import base_file
from playground.train.checkpoint import save_adapter
from playground.train.events import StepLogged
from playground.train.prepare import prepare_on
from tests.inside.conftest import draw

START_HERE = [name for name, spec in METHODS.items() if spec.group == "start_here"]
PROMPTS = 4
# Runs each program as if it were the only one: `argument`s are the program and what follows it on its command line.
RUNNER = """
import contextlib, io, json, runpy, sys
import torch
torch.set_num_threads(1)
for line in sys.stdin:
    sys.argv = json.loads(line)
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(told):
        runpy.run_path(sys.argv[0], run_name="__main__")
    told.flush()
    print(json.dumps(told.buffer.getvalue().decode("utf-8")), flush=True)
"""


@dataclass(frozen=True)
class Exported:
    """A run as programs in `folder`: what the page answers, and the losses of its first two steps."""

    folder: Path
    config: RunConfig
    recipe: Recipe
    answers: list[str]
    losses: list[float]


def run_programs(arguments: Sequence[Sequence[str]], cwd: Path) -> list[str]:
    """What each prints, run with nothing but public packages in sight."""
    cwd.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(list(map(str, line))) + "\n" for line in arguments)
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER], input=lines, capture_output=True, text=True, cwd=cwd, timeout=300,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(cwd.iterdir())
    return [json.loads(line) for line in done.stdout.splitlines()]


def exported(config: RunConfig, folder: Path) -> Exported:
    """A run of `config`, trained for two steps, and its program."""
    spec, double = METHODS[config.method.method], bool(config.method.params.get("double_quant", True))
    base = base_in_memory(config.base_model, spec.quantization, double)
    split = load_split(config.data, config.seed)
    prepared = prepare_on(base, config, split)
    try:
        losses = [event.loss for event in prepared.train() if isinstance(event, StepLogged)]
        draw(prepared.model)
        save_adapter(prepared.model, folder, base_file(config.base_model))
    finally:
        detach(prepared.model)
    examples = split.held_out[:PROMPTS]
    with attached(base, folder) as model:
        answers = answers_of(base, model, examples)
    recipe = write_program(config, base, split, examples, folder)
    (folder / recipe.source.name).symlink_to(config.base_model)  # as the program says: put yours beside this file
    return Exported(folder, config, recipe, answers, losses)

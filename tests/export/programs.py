"""Runs of tiny models as programs, and the programs run: many in one process, as each start of torch takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.example import Example
from playground.data.read import load_split
from playground.export.code.program import write_program
from playground.export.code.recipe import Recipe
from playground.model.adapt import detach
from playground.model.in_memory import base_in_memory
from playground.model.sources.base_file import base_file
from playground.train.checkpoint import save_adapter
from playground.train.events import StepLogged
from playground.train.prepare import prepare_on

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
    folder.mkdir(parents=True)
    spec, double = METHODS[config.method.method], bool(config.method.params.get("double_quant", True))
    base = base_in_memory(config.base_model, spec.quantization, double)
    split = load_split(config.data, config.seed)
    prepared = prepare_on(base, config, split)
    try:
        losses = [event.loss for event in prepared.train() if isinstance(event, StepLogged)]
        draw(prepared.model)
        save_adapter(prepared.model, folder / "adapter", base_file(config.base_model))
        examples = split.held_out[:PROMPTS]
        answers = page_answers(prepared.model, base, examples)
    finally:
        detach(prepared.model)
    recipe = write_program(config, base, split, examples, folder)
    return Exported(folder, config, recipe, answers, losses)


def page_answers(model: Any, base: Any, examples: Sequence[Example]) -> list[str]:
    """As the Compare and the Translate tab write them, all prompts at once."""
    from playground.data.encode import prompt_ids
    from playground.model.generate import DecodingConfig, generate
    from playground.train.scores import greedy

    if examples[0].languages:
        return greedy(model, base, [example.prompt for example in examples], examples[0].languages)
    prompts = [prompt_ids(example.opening, base.tokenizer) for example in examples]
    *_, answers = generate(model, base.tokenizer, prompts, DecodingConfig())
    return answers


@torch.no_grad()
def draw(model: torch.nn.Module) -> None:
    """What two steps have hardly moved, moved at random: an adapter that was left out would show."""
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))

"""Runs in children of one process that has everything loaded, and what an unbroken run comes to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.faults.broken_runs import Harness, Outcome, Unbroken


@pytest.fixture(scope="package")
def harness(tiny_model: str) -> Iterator[Harness]:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "tests.faults.harness", tiny_model, str(writing)]
    # One thread: a forked child has none of its parent's.
    env = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, text=True, pass_fds=[writing], env=env, cwd=Path(__file__).parents[2]
    )
    os.close(writing)
    with os.fdopen(reading) as answers:
        yield Harness(process, answers)
    process.stdin.close()
    process.wait(timeout=30)


@pytest.fixture(scope="package")
def fault_values(tiny_model: str, tiny_data: str) -> dict[str, Any]:
    """Four steps: by time a checkpoint after 1 and 3, with an evaluation after 2 and 4."""
    return {
        "name": "tiny",
        "base_model": tiny_model,
        "data": {"dataset": tiny_data, "eval_fraction": 0.2},
        "training": {"max_steps": 4, "batch_size": 2, "eval_every": 2, "eval_examples": 4},
    }


@pytest.fixture(scope="package")
def new_run(tmp_path_factory: pytest.TempPathFactory, fault_values: dict[str, Any]) -> Callable[..., RunFolder]:
    playground = Playground(runs_dir=tmp_path_factory.mktemp("faults") / "runs")

    def make(**changed: Any) -> RunFolder:
        return playground.store.create(playground.check(fault_values | changed), {})

    return make


@pytest.fixture(scope="package")
def unbroken(harness: Harness, new_run: Callable[..., RunFolder]) -> Unbroken:
    folder = new_run()
    answer = harness.train(folder)
    outcome = Outcome.of(folder)
    assert outcome.status == "finished"
    assert [step for kind, step, _ in outcome.losses if kind == "StepLogged"] == [1, 2, 3, 4]
    return Unbroken(outcome, answer["operations"])

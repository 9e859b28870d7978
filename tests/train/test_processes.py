"""Two processes on the CPU train like one, through the command line that users type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml


def train(command: list[str], file: Path, runs: Path) -> list[dict[str, Any]]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    done = subprocess.run(
        [sys.executable, "-m", *command, "-m", "playground", "train", str(file), "--runs-dir", str(runs), "--json"]
        if command
        else [sys.executable, "-m", "playground", "train", str(file), "--runs-dir", str(runs), "--json"],
        capture_output=True, text=True, env=environment, timeout=300, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_two_processes_give_the_losses_of_one_at_the_same_global_batch(tmp_path: Path, values: dict[str, Any]) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(values))
    launch = ["accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1",
              "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]  # fmt: skip
    one = train([], file, tmp_path / "one")
    two = train(launch, file, tmp_path / "two")
    losses = [[line["loss"] for line in lines if line.get("event") == "StepLogged"] for lines in (one, two)]
    assert len(losses[0]) == 4
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert one[-1]["eval_loss"] == pytest.approx(two[-1]["eval_loss"], rel=1e-4)
    assert [two[-1]["status"], two[-1]["steps"]] == ["finished", 4]
    assert len(list((tmp_path / "two").iterdir())) == 1, "one run folder, not one a process"

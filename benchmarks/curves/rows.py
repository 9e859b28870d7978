"""Rows of a data file: seconds from the command line to the first step, and the peak memory of the run.

The run is a process of its own, `python -m playground train`, on the included model: pre-flight, reading, encoding and
the held-out loss of the base come before its first step. The rows are invented, equally long for every size.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
TRAINING = {"max_steps": 2, "batch_size": 2, "eval_every": 2, "eval_examples": 4}
WORDS = [
    "river", "stone", "light", "garden", "window", "paper", "morning", "teacher", "bread", "quiet", "market", "letter",
]  # fmt: skip


def measure(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path, settings = Path(folder) / "rows.jsonl", Path(folder) / "run.yaml"
        _write(path, size)
        values = {"base_model": "smollm2-135m-instruct", "data": {"dataset": str(path)}, "training": TRAINING}
        settings.write_text(json.dumps(values), encoding="utf-8")  # which is YAML as well
        runs = str(Path(folder) / "runs")
        return _train([sys.executable, "-m", "playground", "train", str(settings), "--json", "--runs-dir", runs])


def _train(command: list[str]) -> dict[str, float]:
    started, found = time.perf_counter(), {}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "StepLogged" and event["step"] == 1:
                found["seconds_to_first_step"] = time.perf_counter() - started
            elif event["event"] == "Summary":
                found["peak_bytes"] = event["peak_memory_bytes"]
    if process.returncode != 0:
        raise RuntimeError(f"the run ended with {process.returncode}")
    return found


def _write(path: Path, rows: int) -> None:
    words = random.Random(1)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(rows):
            prompt = f"Say {number}: " + " ".join(words.choices(WORDS, k=words.randint(3, 30)))
            answer = " ".join(words.choices(WORDS, k=words.randint(3, 20)))
            stream.write(json.dumps({"prompt": prompt, "completion": answer}) + "\n")

"""Pre-flight's memory and time against real runs of the embedded models.

    python benchmarks/preflight_accuracy.py [--only NAME …] [--no-time] [--json]

Each run, each estimate and each probe is a process of its own, one after another, so that none of them finds memory
that another has left, and the estimate is what a person at a terminal is told.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTES, INTENTS, PHRASES = "notes-to-json", "home-assistant-intents/en", "everyday-phrases"
SMOL, M2M = "smollm2-135m-instruct", "m2m100-mini"
# name: base model, data set, method and its parameters, training
CONFIGURATIONS: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "smol-lora-8": (SMOL, NOTES, "lora", {}, {"batch_size": 8}),
    "smol-lora-2": (SMOL, NOTES, "lora", {}, {"batch_size": 2}),
    "smol-lora-24": (SMOL, NOTES, "lora", {"r": 64}, {"batch_size": 24, "max_steps": 4}),
    "smol-qlora-8": (SMOL, INTENTS, "qlora", {}, {"batch_size": 8}),
    "smol-adalora-8": (SMOL, NOTES, "adalora", {}, {"batch_size": 8}),
    "smol-prefix-8": (SMOL, INTENTS, "prefix_tuning", {}, {"batch_size": 8}),
    "smol-prompt-4x2": (SMOL, NOTES, "prompt_tuning", {}, {"batch_size": 4, "gradient_accumulation_steps": 2}),
    "m2m-lora-16": (M2M, PHRASES, "lora", {}, {"batch_size": 16, "max_steps": 20}),
    "m2m-lora-128": (M2M, PHRASES, "lora", {}, {"batch_size": 128, "max_steps": 8}),
    "smol-shira-8": (SMOL, NOTES, "shira", {}, {"batch_size": 8}),
    "smol-frod-8": (SMOL, NOTES, "frod", {}, {"batch_size": 8}),
    "m2m-frod-64": (M2M, PHRASES, "frod", {}, {"batch_size": 64, "max_steps": 12}),
    "m2m-shira-64": (M2M, PHRASES, "shira", {}, {"batch_size": 64, "max_steps": 12}),
    "m2m-prefix-64": (M2M, PHRASES, "prefix_tuning", {}, {"batch_size": 64, "max_steps": 12}),
}


def values_of(name: str) -> dict[str, Any]:
    base_model, dataset, method, params, training = CONFIGURATIONS[name]
    return {
        "name": name,
        "base_model": base_model,
        "data": {"dataset": dataset},
        "method": {"method": method, "params": params},
        "training": {"max_steps": 6, "eval_every": 3, "eval_examples": 16, **training},
    }


def command(words: list[str], runs_dir: Path) -> dict[str, Any]:
    """The last line of JSON that a command prints."""
    full = [sys.executable, "-m", "playground", *words, "--json", "--runs-dir", str(runs_dir)]
    done = subprocess.run(full, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str, *, with_time: bool, folder: Path) -> dict[str, Any]:
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(values_of(name)), encoding="utf-8")  # JSON is YAML
    told = command(["preflight", str(file), *(["--probe"] if with_time else [])], folder / "none")
    run = command(["train", str(file)], folder / "runs")
    memory = told["memory"]
    parts = ("weights", "activations", "gradients", "optimizer", "libraries")
    estimated, measured = sum(memory[part] for part in parts), run["peak_memory_bytes"]
    row = {
        "name": name,
        "estimated_bytes": estimated,
        "measured_bytes": measured,
        "memory_off": estimated / measured - 1,
    }
    row |= {"moment": memory["moment"], **{part: memory[part] for part in parts}}
    if with_time:
        seconds = told["time"]["total"]
        row |= {"estimated_seconds": seconds, "measured_seconds": run["seconds"]}
        row["time_off"] = seconds / run["seconds"] - 1
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CONFIGURATIONS, default=list(CONFIGURATIONS))
    parser.add_argument("--no-time", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.only:
            row = measure(name, with_time=not arguments.no_time, folder=Path(folder))
            if arguments.json:
                print(json.dumps(row), flush=True)
                continue
            line = f"{name:16} memory {row['estimated_bytes'] / 1e6:6.0f} MB, was {row['measured_bytes'] / 1e6:6.0f} MB"
            line += f" ({row['memory_off']:+.0%}, {row['moment']})"
            if "time_off" in row:
                line += f"; time {row['estimated_seconds']:5.1f} s, was {row['measured_seconds']:5.1f} s"
                line += f" ({row['time_off']:+.0%})"
            print(line, flush=True)


if __name__ == "__main__":
    main()

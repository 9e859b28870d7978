"""Steps of a run: seconds of a look, which is what an open page asks of a run that has taken one step since.

Every tenth step is evaluated. The first look of a page that has just been opened is drawn from all steps.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from playground.config import RunConfig
from playground.service import Playground
from playground.ui.train.live.news import server_function

SIZES = (100, 1_000, 10_000, 100_000)
EVAL_EVERY = 10
LOOKS = 40


def measure(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        playground = Playground(Path(folder) / "runs")
        config = RunConfig.from_values({"data": {"dataset": "notes-to-json"}, "training": {"max_steps": 100_000}})
        run = playground.store.create(config, {})
        (run.path / "events.jsonl").write_text("".join(map(lines_of_step, range(1, size))), encoding="utf-8")
        known = {"run_id": run.run_id, "part": 0, "axis": "step", "since": None}
        news = server_function(playground, "en")

        def look() -> float:
            began = time.perf_counter()
            known["since"] = json.loads(news(known).body)["since"]
            return time.perf_counter() - began

        first = look()
        found: dict[bool, list[float]] = {True: [], False: []}
        for step in range(size, size + LOOKS):
            for line in lines_of_step(step).splitlines():
                run.append(json.loads(line))
            found[is_evaluated(step)].append(look())
        return {
            "seconds_of_first_look": first,
            "seconds_of_a_look": statistics.median(found[False]),
            "seconds_of_a_look_with_evaluation": statistics.median(found[True]),
        }


def lines_of_step(step: int) -> str:
    return step_line(step) + (evaluation_line(step) if is_evaluated(step) else "")


def is_evaluated(step: int) -> bool:
    return step % EVAL_EVERY == 0


def step_line(step: int) -> str:
    """One event as training writes it."""
    event = {
        "event": "StepLogged", "step": step, "loss": 2.0 / (1 + step / 20), "learning_rate": 1e-3, "grad_norm": 1.0,
        "tokens_per_second": 400.0, "examples_per_second": 4.0, "memory_bytes": 10**9, "seconds": step * 0.7,
        "active_rank": None,
    }  # fmt: skip
    return json.dumps(event) + "\n"


def evaluation_line(step: int) -> str:
    event = {
        "event": "EvalLogged", "step": step, "loss": 2.0 / (1 + step / 40), "perplexity": 9.0, "seconds": step * 0.7,
    }  # fmt: skip
    return json.dumps(event) + "\n"

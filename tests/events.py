"""Whole events as a run writes them, from the few values that a test is about."""

from __future__ import annotations

from typing import Any

from playground.race.results import EntrantResult, Spread
from playground.train.events import ChangeLogged, EvalLogged, RunStarted, StepLogged, to_values


def started(**values: Any) -> dict[str, Any]:
    known = {
        "total_steps": 4, "trainable_parameters": 1000, "total_parameters": 100_000, "device": "cpu",
        "dtype": "float32", "dtype_reason": "cpu_fp32", "train_examples": 32, "eval_examples": 8, "dropped_examples": 0,
        "truncated_examples": 0,
    }  # fmt: skip
    return to_values(RunStarted(**(known | values)))


def stepped(step: int, **values: Any) -> dict[str, Any]:
    known = {
        "loss": 1.0, "learning_rate": 1e-3, "grad_norm": 1.0, "tokens_per_second": 100.0, "examples_per_second": 10.0,
        "memory_bytes": 10**8, "seconds": float(step),
    }  # fmt: skip
    return to_values(StepLogged(step=step, **(known | values)))


def evaluated(step: int, loss: float, **values: Any) -> dict[str, Any]:
    return to_values(EvalLogged(step=step, loss=loss, **({"perplexity": 7.4, "seconds": float(step)} | values)))


def changed(step: int, **values: Any) -> dict[str, Any]:
    """Two layers with two modules, one of which the second layer does not have."""
    known = {
        "kl": 0.5, "kl_tokens": 64, "layers": ["0", "1"], "modules": ["self_attn.q_proj", "mlp.up_proj"],
        "relative": [[0.01, 0.02], [0.03, None]], "ranks": None, "seconds": float(step),
    }  # fmt: skip
    return to_values(ChangeLogged(step=step, **(known | values)))


def finisher(name: str, **measures: float | tuple[float, float]) -> EntrantResult:
    """An entrant of a race that has finished, with means, or means and deviations."""
    spreads = {
        key: Spread(*value) if isinstance(value, tuple) else Spread(value, None) for key, value in measures.items()
    }
    return EntrantResult(name=name, method="lora", status="finished", learning_rate=1e-3, runs=(), measures=spreads)

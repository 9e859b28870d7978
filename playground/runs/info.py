"""What a list of runs says of each one, read from its folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.datasets import shown_dataset
from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.runs.folder import RunFolder
from playground.texts import Text

log = logging.getLogger(__name__)
DAMAGED = Text(
    "The run's files cannot be read, so it can only be deleted. {reason}",
    "Os arquivos da execução não podem ser lidos, e ela só pode ser apagada. {reason}",
)


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """One line of the Runs tab.

    `status`: queued, running, finished, stopped, failed, interrupted, damaged, or waiting (queued when its process
    ended).
    """

    run_id: str
    name: str
    status: str
    created_at: str  # ISO 8601, local time
    base_model: str = ""
    task: str = ""  # causal_lm or seq2seq_lm
    dataset: str = ""  # as `shown_dataset` has it
    method: str = ""
    steps: int = 0
    eval_loss_base: float | None = None
    eval_loss: float | None = None
    seconds: float = 0.0
    adapter_bytes: int = 0
    has_adapter: bool = False
    error: str = ""
    error_pt: str = ""


def run_info(folder: RunFolder, status: str) -> RunInfo:
    """The line of a run that is `status` now; of one whose settings cannot be read, what is known without them."""
    try:
        config = folder.config
        summary = folder.summary() or progress_so_far(folder.read_since(0)[0])
        task = task_of(config)
    except (PlaygroundError, ValueError, OSError) as error:
        log.warning("run %s cannot be read: %s", folder.run_id, error)
        return _damaged(folder, error)
    adapter = folder.adapter / "adapter_model.safetensors"
    reason = summary.get("error", "") if status == "failed" else ""  # tried again, it waits beside its old summary
    return RunInfo(
        run_id=folder.run_id,
        name=folder.name,
        status=status,
        created_at=_created_at(folder),
        base_model=config.base_model,
        task=task,
        dataset=shown_dataset(config.data.dataset),
        method=config.method.method,
        steps=summary.get("steps", 0),
        eval_loss_base=summary.get("eval_loss_base"),
        eval_loss=summary.get("eval_loss"),
        seconds=summary.get("seconds", 0.0),
        adapter_bytes=adapter.stat().st_size if adapter.exists() else 0,
        has_adapter=adapter.exists(),
        error=reason,
        error_pt=(reason and summary.get("error_pt")) or reason,
    )


def _damaged(folder: RunFolder, error: Exception) -> RunInfo:
    """A run to be looked into or deleted: nothing can be trained or compared from it."""
    cause = error.text if isinstance(error, PlaygroundError) else type(error).__name__
    reason = PlaygroundError(DAMAGED, reason=cause).text
    return RunInfo(
        run_id=folder.run_id,
        name=folder.name,
        status="damaged",
        created_at=_created_at(folder),
        error=reason.en,
        error_pt=reason.pt,
    )


def _created_at(folder: RunFolder) -> str:
    stamp = folder.run_id
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}"


def progress_so_far(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What the summary of a run will say, as far as its events tell: for runs that train or were interrupted."""
    steps = [event for event in events if event["event"] == "StepLogged"]
    evaluations = {event["step"]: event["loss"] for event in events if event["event"] == "EvalLogged"}
    after_base = [loss for step, loss in evaluations.items() if step > 0]
    return {
        "steps": steps[-1]["step"] if steps else 0,
        "seconds": steps[-1]["seconds"] if steps else 0.0,
        "eval_loss_base": evaluations.get(0),
        "eval_loss": min(after_base, default=None),
    }


def searchable(info: RunInfo) -> str:
    """The text in which a search looks for its words."""
    return " ".join((info.run_id, info.name, info.base_model, info.dataset, info.method, info.status)).casefold()


def differences(configs: Sequence[RunConfig]) -> list[tuple[str, list[Any]]]:
    """The settings in which runs differ: (dotted name, one value a run)."""
    flat = [dict(_flatten(config.to_values())) for config in configs]
    for values in flat:
        values["data.dataset"] = shown_dataset(values["data.dataset"])
    names = list(dict.fromkeys(name for values in flat for name in values))
    rows = [(name, [values.get(name, "–") for values in flat]) for name in names]
    return [(name, values) for name, values in rows if len(set(map(str, values))) > 1]


def _flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

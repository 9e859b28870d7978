"""What a list of runs says of each one, read from its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.datasets import shown_dataset
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.runs.folder import RunFolder
from playground.texts import Text

MAX_SEARCH = 200  # characters of a search that are looked for
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


def damaged(folder: RunFolder, error: Exception) -> RunInfo:
    """The line of a run whose settings cannot be read: nothing can be trained or compared from it."""
    cause = error.text if isinstance(error, PlaygroundError) else type(error).__name__
    reason = PlaygroundError(DAMAGED, reason=cause).text
    return RunInfo(
        run_id=folder.run_id,
        name=folder.name,
        status="damaged",
        created_at=created_at(folder.run_id),
        error=reason.en,
        error_pt=reason.pt,
    )


def created_at(run_id: str) -> str:
    return f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:{run_id[11:13]}:{run_id[13:15]}"


def matches(infos: Iterable[RunInfo], search: str) -> list[RunInfo]:
    """Those in which every word of `search` occurs: in name, model, data set, method, status or id."""
    words = search[:MAX_SEARCH].casefold().split()
    return [info for info in infos if all(word in _searchable(info) for word in words)] if words else list(infos)


def _searchable(info: RunInfo) -> str:
    return " ".join((info.run_id, info.name, info.base_model, info.dataset, info.method, info.status)).casefold()


def differences(configs: Sequence[RunConfig]) -> list[tuple[str, list[Any]]]:
    """The settings in which runs differ: (dotted name, one value a run)."""
    flat = [dict(flattened(config.to_values())) for config in configs]
    for values in flat:
        values["data.dataset"] = shown_dataset(values["data.dataset"])
    names = list(dict.fromkeys(name for values in flat for name in values))
    rows = [(name, [values.get(name, "–") for values in flat]) for name in names]
    return [(name, values) for name, values in rows if len(set(map(str, values))) > 1]


def flattened(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

"""One base in memory, and the adapters of up to three runs that take turns on it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from peft import PeftModel

from playground.catalog.methods import METHODS
from playground.errors import RunError
from playground.model.adapt import attached
from playground.model.in_memory import base_in_memory
from playground.model.load import BaseModel
from playground.model.sources.base_file import difference
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text

MAX_RUNS = 3

TOO_MANY_RUNS = Text(
    "{count} runs were chosen: compare at most {maximum} at once.",
    "{count} execuções foram escolhidas: compare no máximo {maximum} por vez.",
)
OTHER_BASE = Text(
    "The run {name} adapts {found}, not {base_model}. Choose runs of one base model.",
    "A execução {name} adapta {found}, e não {base_model}. Escolha execuções de um só modelo base.",
)
NO_ADAPTER = Text(
    "The run {name} has no adapter yet. Choose a run that has trained.",
    "A execução {name} ainda não tem adaptador. Escolha uma execução que já treinou.",
)


@dataclass(frozen=True)
class Column:
    """`run_id` is None for the base; `warning` says that the run's adapter was trained on other weights."""

    label: str
    run_id: str | None
    warning: Text | None = None


def check_count(run_ids: Sequence[str]) -> None:
    """Raises RunError for more than three."""
    if len(run_ids) > MAX_RUNS:
        raise RunError(TOO_MANY_RUNS, count=len(run_ids), maximum=MAX_RUNS)


def open_runs(store: RunStore, base_model: str, run_ids: Sequence[str]) -> list[RunFolder]:
    """The runs, before anything is loaded. Raises RunError when one has another base model or no adapter."""
    check_count(run_ids)
    runs = [store.open(run_id) for run_id in run_ids]
    for folder in runs:
        found = folder.config.base_model
        if found != base_model:
            raise RunError(OTHER_BASE, name=folder.name, found=found, base_model=base_model)
        if not folder.has_adapter:
            raise RunError(NO_ADAPTER, name=folder.name)
    return runs


def columns_of(base_model: str, runs: Sequence[RunFolder]) -> list[Column]:
    """The base first, then the runs."""
    return [Column(base_model, None), *(Column(run.name, run.run_id) for run in runs)]


def with_warnings(columns: Sequence[Column], base_model: str, runs: Sequence[RunFolder]) -> list[Column]:
    """The columns of a base that is here, each with what is to be said of its weights. Raises ModelError."""
    adapters = {run.run_id: run.adapter for run in runs}
    return [
        replace(column, warning=difference(column.label, adapters[column.run_id], base_model))
        if column.run_id
        else column
        for column in columns
    ]


def each_model(base_model: str, runs: Sequence[RunFolder]) -> Generator[tuple[BaseModel, Any], None, None]:
    """Column by column: the base, and the model to use, which is the base's own or an adapter around it.

    An adapter is taken off before the next one is put on, also when the caller stops early and closes this.
    """
    for folder in (None, *runs):
        base = base_in_memory(base_model, *_base_key(folder, runs))
        with attached(base, folder.adapter) if folder else nullcontext(base.model) as model:
            yield base, model


@contextmanager
def adapted(folder: RunFolder) -> Iterator[tuple[BaseModel, PeftModel]]:
    """One run's base, and its adapter around it, for the length of the block. Raises ModelError."""
    base = base_in_memory(folder.config.base_model, *_key_of(folder))
    with attached(base, folder.adapter) as model:
        yield base, model


def _base_key(folder: RunFolder | None, runs: Sequence[RunFolder]) -> tuple[str | None, bool]:
    """quantization and double_quant of the base as the run's adapter knew it: QLoRA learned on rounded weights.

    The base's own column uses the plain base, unless every run has the same rounded one.
    """
    keys = {_key_of(run) for run in ([folder] if folder else runs)}
    return keys.pop() if len(keys) == 1 else (None, True)


def _key_of(folder: RunFolder) -> tuple[str | None, bool]:
    method = folder.config.method
    return METHODS[method.method].quantization, bool(method.params.get("double_quant", True))

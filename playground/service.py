"""Every call that a front end may make; page, command line and HTTP API share it.

Nothing here imports torch at import time: the page is up before the libraries load.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.catalog.resolve import resolve
from playground.config import DataConfig, RunConfig
from playground.errors import PlaygroundError, RunError
from playground.racing import Races
from playground.run_info import RunInfo, run_info, searchable
from playground.runs import RunFolder, RunStore
from playground.texts import Text
from playground.worker import Worker

if TYPE_CHECKING:
    from playground.data.example import Prompts, Table
    from playground.measure.compare import CompareRequest, CompareUpdate
    from playground.measure.evaluate import EvaluateProgress, EvaluateRequest
    from playground.measure.preflight import Preflight
    from playground.measure.probe_steps import Probe
    from playground.measure.quantization import PrecisionComparison
    from playground.measure.race import RaceResults
    from playground.measure.translations import ModelLanguages, TranslateRequest, TranslateUpdate
    from playground.measure.verdict import Verdict
    from playground.train.lr_finder import RangeTest

log = logging.getLogger(__name__)
MAX_SEARCH = 200  # characters of a search that are looked for
ACTIVE = ("queued", "running")
STILL_ACTIVE = Text(
    "The run {name} is still active. Stop it first.", "A execução {name} ainda está ativa. Pare-a primeiro."
)
NO_ADAPTER = Text(
    "The run {name} has no adapter: it ended before its first step was saved.",
    "A execução {name} não tem adaptador: terminou antes de salvar o primeiro passo.",
)

UNKNOWN_VERDICT = Text(
    "The run has no verdict {name}. Choose one from the list, or judge the run.",
    "A execução não tem o veredito {name}. Escolha um da lista, ou julgue a execução.",
)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What happened in a run since `since`; `revision` is the next call's `since`."""

    run_id: str
    revision: int
    events: list[dict[str, Any]]
    status: str
    is_live: bool
    queue_position: int = 0  # 0: not waiting


@dataclass(frozen=True, kw_only=True)
class TokenPreview:
    """One example as the model sees it: each token's text, and whether it carries loss."""

    tokens: list[tuple[str, bool]]
    index: int
    examples: int


@dataclass
class Playground:
    """The whole product behind its front ends. One object per process."""

    runs_dir: Path
    worker: Worker = field(default_factory=Worker)

    @property
    def store(self) -> RunStore:
        return RunStore(self.runs_dir)

    @cached_property
    def races(self) -> Races:
        """Races of several methods; each of their runs is an ordinary run."""
        return Races(self.runs_dir, self.worker)

    # --- before a run -------------------------------------------------------------------------

    def check(self, values: Any) -> RunConfig:
        """A complete configuration, every default filled in. Raises ConfigError with every problem."""
        return resolve(RunConfig.from_values(values))

    def preview_table(self, data: DataConfig, limit: int = 20) -> Table:
        """The data set's first rows, as read from its file. Raises DataError."""
        from playground.data.example import Told
        from playground.data.read import read_rows

        return read_rows(data.dataset, limit, data.target_file, Told(data.source_language, data.target_language))

    def languages_of_data(self, dataset: str) -> tuple[str, ...]:
        """The languages between which a data set's pairs can be asked for; empty for other data. Raises DataError."""
        from playground.data.read import languages_of

        return languages_of(dataset)

    def preview_tokens(self, values: Any, index: int = 0) -> TokenPreview:
        """Training example number `index` (wraps around) as token texts."""
        from playground.train.prepare import preview

        config = self.check(values)
        tokens, count = preview(config, index)
        return TokenPreview(tokens=tokens, index=index % count, examples=count)

    def preflight(self, values: Any) -> Preflight:
        """What a run would cost and what is wrong with it; loads no weights. Raises ConfigError or ModelError."""
        from playground.measure.preflight import preflight

        return preflight(self.check(values), self.store)

    def probe_time(self, values: Any) -> Probe:
        """How long a run would take, from two of its steps on the real model. Raises BusyError while a run trains."""
        config = self.check(values)
        from playground.measure.probe_steps import probe

        with self.worker.model_lock():
            return probe(config)

    def find_learning_rate(
        self, config: RunConfig, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[RangeTest]:
        """A range test with a run's settings, point by point; no run is made. Raises BusyError while a run trains."""
        from playground.train.lr_finder import find_learning_rate

        with self.worker.model_lock():
            yield from find_learning_rate(config, should_stop)

    # --- runs ---------------------------------------------------------------------------------

    def start_run(self, config: RunConfig) -> str:
        """Queue a run; returns its id at once. Training goes on whether or not anybody watches."""
        from playground.environment import describe_environment

        folder = self.store.create(config, describe_environment())
        self.worker.submit(folder)
        return folder.run_id

    def resume_run(self, run_id: str) -> str:
        """Queue an interrupted or stopped run again; it goes on from its last checkpoint."""
        folder = self.store.open(run_id)
        if self._status(folder) in ACTIVE:
            raise RunError(STILL_ACTIVE, name=folder.name)
        (folder.path / "summary.json").unlink(missing_ok=True)
        self.worker.submit(folder)
        return run_id

    def stop_run(self, run_id: str) -> None:
        """Ask a run to stop after the step it is in; its adapter is kept. Stopping twice is harmless.

        A run that another process trains (a command line) is asked through its folder.
        """
        folder = self.store.open(run_id)
        if self.worker.status(run_id):
            self.worker.stop(folder)
        elif folder.is_claimed():
            folder.ask_to_stop()

    def active_run(self) -> str | None:
        """The run that is training, or the next in the queue."""
        return self.worker.active()

    def progress(self, run_id: str, since: int = 0) -> Progress:
        folder = self.store.open(run_id)
        # The status is read first: events that arrive in between are sent now, not lost.
        status = self._status(folder)
        events, revision = folder.read_since(since)
        return Progress(
            run_id=run_id,
            revision=revision,
            events=events,
            status=status,
            is_live=status in ACTIVE,
            queue_position=self.worker.queue_position(run_id) or 0,
        )

    def run_info(self, run_id: str) -> RunInfo:
        folder = self.store.open(run_id)
        return run_info(folder, self._status(folder))

    def list_runs(self, search: str = "") -> list[RunInfo]:
        """Newest first; `search` matches name, model, data set, method, status or id."""
        found = [info for folder in self.store if (info := self._readable_info(folder))]
        words = search[:MAX_SEARCH].casefold().split()
        return [info for info in found if all(word in searchable(info) for word in words)]

    def config_of(self, run_id: str) -> RunConfig:
        return self.store.open(run_id).config

    def differences(self, run_ids: list[str]) -> list[tuple[str, list[str]]]:
        """The settings in which the runs differ: (dotted name, one value a run)."""
        flat = [dict(_flatten(self.config_of(run_id).to_values())) for run_id in run_ids]
        names = list(dict.fromkeys(name for values in flat for name in values))
        rows = [(name, [str(values.get(name, "–")) for values in flat]) for name in names]
        return [(name, values) for name, values in rows if len(set(values)) > 1]

    def rename_run(self, run_id: str, name: str) -> None:
        self.store.open(run_id).rename(name)

    def delete_run(self, run_id: str) -> None:
        folder = self.store.open(run_id)
        if self._status(folder) in ACTIVE:
            raise RunError(STILL_ACTIVE, name=folder.name)
        self.store.delete(run_id)

    def export_adapter(self, run_id: str) -> Path:
        """A zip whose folder plain `PeftModel.from_pretrained` loads. Raises RunError without adapter."""
        folder = self.store.open(run_id)
        if not (folder.adapter / "adapter_config.json").exists():
            raise RunError(NO_ADAPTER, name=folder.name)
        target = Path(tempfile.mkdtemp(prefix="peft-playground-")) / f"{run_id}-adapter"
        return Path(shutil.make_archive(str(target), "zip", root_dir=folder.adapter))

    # --- races --------------------------------------------------------------------------------

    def race_results(self, race_id: str) -> RaceResults:
        """How the race stands. Raises RunError for an unknown id."""
        from playground.measure.race import results

        return results(self.races.store.open(race_id), self.store, self._status)

    def list_races(self) -> list[RaceResults]:
        """Newest first; one whose files were damaged is left out."""
        return [found for race in self.races.store if (found := self._readable_race(race.race_id))]

    # --- comparing ----------------------------------------------------------------------------

    def compare(self, request: CompareRequest) -> Iterator[CompareUpdate]:
        """Base and adapters on the same prompts, answers as they are made. Raises BusyError while a run trains."""
        from playground.measure.compare import compare

        with self.worker.model_lock():
            yield from compare(request, self.store)

    def held_out_prompts(self, run_id: str, count: int) -> tuple[Prompts, tuple[str, ...]]:
        """Up to `count` prompts that the run did not train on, and the metrics that fit them."""
        self.store.open(run_id)  # refused before the libraries load
        from playground.measure.compare import held_out

        return held_out(self.store, run_id, count)

    # --- translating --------------------------------------------------------------------------

    def translate(
        self, request: TranslateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[TranslateUpdate]:
        """Base and adapters on the same text, rows as they are made. Raises BusyError while a run trains."""
        from playground.measure.translations import translations

        with self.worker.model_lock():
            yield from translations(request, self.store, should_stop)

    def evaluate(
        self, request: EvaluateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[EvaluateProgress | Verdict]:
        """Translate test sentences with base and adapters, then judge. Raises BusyError while a run trains."""
        from playground.measure.evaluate import evaluate

        with self.worker.model_lock():
            yield from evaluate(request, self.store, should_stop)

    def verdict_names(self, run_id: str) -> list[str]:
        """Names of the verdicts kept with a run, newest first; each holds the time at which it was given."""
        return sorted((path.name for path in self.store.open(run_id).path.glob("verdict-*.json")), reverse=True)

    def saved_verdict(self, run_id: str, name: str) -> Verdict:
        """One of `verdict_names`. Raises RunError for any other name and for a damaged file."""
        if name not in self.verdict_names(run_id):
            raise RunError(UNKNOWN_VERDICT, name=repr(name[:80]))
        from playground.measure.verdict_files import from_json

        return from_json((self.store.open(run_id).path / name).read_text(encoding="utf-8"), name)

    def languages_of(self, base_model: str) -> ModelLanguages:
        """Loads the model, from the Hub if need be. Raises ModelError for what is no translation model."""
        from playground.measure.translations import languages_of

        with self.worker.model_lock():
            return languages_of(base_model)

    # --- measuring a base -----------------------------------------------------------------------

    def compare_precisions(
        self,
        base_model: str,
        *,
        train: bool = False,
        again: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[PrecisionComparison]:
        """The base in fp32, bf16, int8 and NF4, as it is measured. Raises BusyError while a run trains."""
        from playground.measure.quantization import compare_precisions

        with self.worker.model_lock():
            yield from compare_precisions(base_model, train=train, again=again, should_stop=should_stop)

    # --- helpers ------------------------------------------------------------------------------

    def _status(self, folder: RunFolder) -> str:
        live = self.worker.status(folder.run_id)
        if live:
            return live
        summary = folder.summary()
        if summary:
            return str(summary["status"])
        return "running" if folder.is_claimed() else "interrupted"

    def _readable_info(self, folder: RunFolder) -> RunInfo | None:
        """None for a folder whose files were damaged: one of them must not hide all other runs."""
        try:
            return run_info(folder, self._status(folder))
        except (PlaygroundError, ValueError, OSError) as error:
            log.warning("run %s cannot be read: %s", folder.run_id, error)
            return None

    def _readable_race(self, race_id: str) -> RaceResults | None:
        try:
            return self.race_results(race_id)
        except (PlaygroundError, ValueError, OSError) as error:
            log.warning("race %s cannot be read: %s", race_id, error)
            return None


def _flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

"""Every call that a front end may make; page, command line and HTTP API share it.

Nothing here imports torch at import time: the page is up before the libraries load.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from playground.catalog.datasets import shown_dataset
from playground.catalog.resolve import resolve
from playground.claims import PageLock
from playground.config import DataConfig, RunConfig
from playground.errors import PlaygroundError, RunError
from playground.libraries import load_libraries
from playground.naming import data_named_by, model_named_by, named_by
from playground.race import RaceConfig
from playground.race_folder import RaceFolder
from playground.racing import Races
from playground.run_info import RunInfo, run_info, searchable
from playground.run_queue import ACTIVE, RunQueue
from playground.runs import RunFolder, RunStore
from playground.texts import Text
from playground.trackers import check_trackers
from playground.uploads import Uploads
from playground.visitor import COMMAND_LINE, Visitor
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
NO_ADAPTER = Text(
    "The run {name} has no adapter: it ended before its first step was saved.",
    "A execução {name} não tem adaptador: terminou antes de salvar o primeiro passo.",
)

NOT_YOURS = Text(
    "{name} belongs to another visitor: you can look at it, but only the browser that started it can change it.",
    "{name} pertence a outro visitante: você pode olhar, mas só o navegador que iniciou pode mudar.",
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
    may_change: bool = True  # whether it is the caller's to stop


@dataclass(frozen=True, kw_only=True)
class TokenPreview:
    """One example as the model sees it: each token's text, and whether it carries loss."""

    tokens: list[tuple[str, bool]]
    index: int
    examples: int


@dataclass
class Playground:
    """The whole product behind its front ends. One object per process.

    Every call asks `visitor` who makes it: others' runs and races are not listed, can be read by whoever knows their
    id, and changed by nobody else. Everything is the owner's.
    """

    runs_dir: Path
    worker: Worker = field(default_factory=Worker)
    visitor: Callable[[], Visitor] = lambda: COMMAND_LINE

    @property
    def store(self) -> RunStore:
        """Everybody's runs."""
        return RunStore(self.runs_dir)

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.runs_dir)

    @cached_property
    def page(self) -> PageLock:
        """Whether this process may change runs: a page asks for it with `take`, the command line need not."""
        return PageLock(self.runs_dir)

    @cached_property
    def queue(self) -> RunQueue:
        return RunQueue(self.store, self.worker, self.page)

    @cached_property
    def races(self) -> Races:
        """Races of several methods; each of their runs is an ordinary run."""
        return Races(self.runs_dir, self.worker, self.page)

    # --- before a run -------------------------------------------------------------------------

    def check(self, values: Any) -> RunConfig:
        """A complete configuration, every default filled in. Raises ConfigError with every problem."""
        return resolve(self._named(RunConfig.from_values(values)))

    def preview_table(self, data: DataConfig, limit: int = 20) -> Table:
        """The data set's first rows, as read from its file. Raises ConfigError or DataError."""
        from playground.data.example import Told
        from playground.data.read import read_rows

        data = data_named_by(self.visitor(), data, self.uploads)
        return read_rows(data.dataset, limit, data.target_file, Told(data.source_language, data.target_language))

    def languages_of_data(self, dataset: str) -> tuple[str, ...]:
        """The languages between which a data set's pairs can be asked for; empty for other data. Raises as above."""
        from playground.data.read import languages_of

        return languages_of(data_named_by(self.visitor(), DataConfig(dataset=dataset), self.uploads).dataset)

    def keep_upload(self, sent: list[Path]) -> str:
        """Keep what the visitor sent; returns the name that a run's settings use for it. Raises DataError."""
        return self.uploads.keep(sent, self.visitor())

    def preview_tokens(self, values: Any, index: int = 0) -> TokenPreview:
        """Training example number `index` (wraps around) as token texts."""
        load_libraries()
        from playground.train.prepare import preview

        config = self.check(values)
        tokens, count = preview(config, index)
        return TokenPreview(tokens=tokens, index=index % count, examples=count)

    def preflight(self, values: Any) -> Preflight:
        """What a run would cost and what is wrong with it; loads no weights. Raises ConfigError or ModelError."""
        load_libraries()
        from playground.measure.preflight import preflight

        return preflight(self.check(values), filter(self._is_mine, self.store))

    def probe_time(self, values: Any) -> Probe:
        """How long a run would take, from two of its steps on the real model. Raises BusyError while a run trains."""
        config = self.check(values)
        load_libraries()
        from playground.measure.probe_steps import probe

        with self._model():
            return probe(config)

    def find_learning_rate(
        self, config: RunConfig, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[RangeTest]:
        """A range test with a run's settings, point by point; no run is made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.train.lr_finder import find_learning_rate

        with self._model():
            yield from find_learning_rate(config, should_stop)

    # --- runs ---------------------------------------------------------------------------------

    def start_run(self, config: RunConfig) -> str:
        """Queue a run; returns its id at once. Training goes on whether or not anybody watches.

        Raises ConfigError where it could not report to its trackers, and RunError as `RunQueue.start` does.
        """
        check_trackers(config.monitoring)
        return self.queue.start(config, self.visitor().name)

    def resume_run(self, run_id: str) -> str:
        """Queue an interrupted or stopped run again; it goes on from its last checkpoint."""
        self.queue.resume(self._my_run(run_id))
        return run_id

    def waiting_runs(self) -> list[str]:
        """Ids of the caller's runs that were queued when the app ended, in their order."""
        return [folder.run_id for folder in self._waiting()]

    def resume_waiting(self) -> list[str]:
        """Queue all of `waiting_runs` that find room; returns their ids."""
        return self.queue.resume_all(self._waiting())

    def stop_run(self, run_id: str) -> None:
        """Ask a run to stop after the step it is in; its adapter is kept. Stopping twice is harmless.

        A run that has not begun is stopped at once; one of another process is asked through its folder.
        """
        self.queue.stop(self._my_run(run_id))

    def active_run(self) -> str | None:
        """The caller's run that is training, or their next in the queue."""
        return next((folder.run_id for folder in self.worker.folders() if self._is_mine(folder)), None)

    def others_train(self) -> bool:
        """Whether the run that is training is somebody else's, of which no more is told."""
        return any(not self._is_mine(folder) for folder in self.worker.folders()[:1])

    def progress(self, run_id: str, since: int = 0) -> Progress:
        folder = self.store.open(run_id)
        # The status is read first: events that arrive in between are sent now, not lost.
        status = self.queue.status(folder)
        events, revision = folder.read_since(since)
        return Progress(
            run_id=run_id,
            revision=revision,
            events=events,
            status=status,
            is_live=status in ACTIVE,
            queue_position=self.worker.queue_position(run_id) or 0,
            may_change=self._is_mine(folder),
        )

    def run_info(self, run_id: str) -> RunInfo:
        folder = self.store.open(run_id)
        return self._shown(run_info(folder, self.queue.status(folder)))

    def list_runs(self, search: str = "") -> list[RunInfo]:
        """Newest first; `search` matches name, model, data set, method, status or id."""
        mine = filter(self._is_mine, self.store)
        found = [self._shown(info) for folder in mine if (info := self._readable_info(folder))]
        words = search.casefold().split()
        return [info for info in found if all(word in searchable(info) for word in words)]

    def config_of(self, run_id: str) -> RunConfig:
        return self.store.open(run_id).config

    def differences(self, run_ids: list[str]) -> list[tuple[str, list[str]]]:
        """The settings in which the runs differ: (dotted name, one value a run)."""
        flat = [dict(_flatten(_without_folders(self.config_of(run_id)).to_values())) for run_id in run_ids]
        names = list(dict.fromkeys(name for values in flat for name in values))
        rows = [(name, [str(values.get(name, "–")) for values in flat]) for name in names]
        return [(name, values) for name, values in rows if len(set(values)) > 1]

    def rename_run(self, run_id: str, name: str) -> None:
        self.page.check()
        self._my_run(run_id).rename(name)

    def delete_run(self, run_id: str) -> None:
        self.queue.delete(self._my_run(run_id))

    def export_adapter(self, run_id: str, into: Path) -> Path:
        """A zip in `into` whose folder plain `PeftModel.from_pretrained` loads. Raises RunError without adapter."""
        folder = self.store.open(run_id)
        if not (folder.adapter / "adapter_config.json").exists():
            raise RunError(NO_ADAPTER, name=folder.name)
        return Path(shutil.make_archive(str(into / f"{run_id}-adapter"), "zip", root_dir=folder.adapter))

    # --- races --------------------------------------------------------------------------------

    def start_race(self, values: Any) -> str:
        """A new race of a race file's values; returns its id at once. Raises ConfigError with every problem."""
        config = RaceConfig.from_values(values, self._named)
        check_trackers(config.monitoring)
        return self.races.start(config, self.visitor().name)

    def resume_race(self, race_id: str) -> None:
        self.races.resume(self._my_race(race_id).race_id)

    def stop_race(self, race_id: str) -> None:
        self.races.stop(self._my_race(race_id).race_id)

    def race_to_delete(self, race_id: str) -> RaceFolder:
        """Raises RunError for an unknown race, somebody else's, and one that is under way."""
        return self.races.deletable(self._my_race(race_id).race_id)

    def delete_race(self, race_id: str) -> None:
        """The race alone: its runs stay. Raises as `race_to_delete` does."""
        self.races.delete(self._my_race(race_id).race_id)

    def race_results(self, race_id: str) -> RaceResults:
        """How the race stands. Raises RunError for an unknown id."""
        from playground.measure.race import results

        return results(self.races.store.open(race_id), self.store, self.queue.status)

    def list_races(self) -> list[RaceResults]:
        """Newest first; one whose files were damaged is left out."""
        mine = filter(self._is_mine, self.races.store)
        return [found for race in mine if (found := self._readable_race(race.race_id))]

    # --- comparing ----------------------------------------------------------------------------

    def compare(self, request: CompareRequest) -> Iterator[CompareUpdate]:
        """Base and adapters on the same prompts, answers as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.measure.compare import compare

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from compare(request, self.store)

    def held_out_prompts(self, run_id: str, count: int) -> tuple[Prompts, tuple[str, ...]]:
        """Up to `count` prompts that the run did not train on, and the metrics that fit them."""
        self.store.open(run_id)  # refused before the libraries load
        load_libraries()
        from playground.measure.compare import held_out

        return held_out(self.store, run_id, count)

    # --- translating --------------------------------------------------------------------------

    def translate(
        self, request: TranslateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[TranslateUpdate]:
        """Base and adapters on the same text, rows as they are made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.measure.translations import translations

        request = replace(request, base_model=self._base_model(request.base_model, request.run_ids))
        with self._model():
            yield from translations(request, self.store, should_stop)

    def evaluate(
        self, request: EvaluateRequest, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[EvaluateProgress | Verdict]:
        """Translate test sentences with base and adapters, then judge: the verdict is kept with each of the runs.

        Raises BusyError while a run trains, RunError for somebody else's run.
        """
        load_libraries()
        from playground.measure.evaluate import evaluate

        for run_id in request.run_ids:
            self._my_run(run_id)
        with self._model():
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
        load_libraries()
        from playground.measure.translations import languages_of

        base_model = self._base_model(base_model)
        with self._model():
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
        load_libraries()
        from playground.measure.quantization import compare_precisions

        base_model = self._base_model(base_model)
        with self._model():
            yield from compare_precisions(base_model, train=train, again=again, should_stop=should_stop)

    # --- who asks -----------------------------------------------------------------------------

    def _is_mine(self, folder: RunFolder | RaceFolder) -> bool:
        visitor = self.visitor()
        return visitor.is_owner or folder.owner == visitor.name

    def _waiting(self) -> list[RunFolder]:
        return [folder for folder in self.queue.waiting() if self._is_mine(folder)]

    def _my_run(self, run_id: str) -> RunFolder:
        """A run that the caller may change. Raises RunError."""
        folder = self.store.open(run_id)
        if not self._is_mine(folder):
            raise RunError(NOT_YOURS, name=folder.name)
        return folder

    def _my_race(self, race_id: str) -> RaceFolder:
        folder = self.races.store.open(race_id)
        if not self._is_mine(folder):
            raise RunError(NOT_YOURS, name=folder.config.name)
        return folder

    def _named(self, config: RunConfig) -> RunConfig:
        """Of what `config` names, uploads as their files. Raises ConfigError for what the caller may not name."""
        return named_by(self.visitor(), config, self.uploads)

    def _base_model(self, base_model: str, run_ids: tuple[str, ...] = ()) -> str:
        """A model that the caller may name, or that one of the runs names. Raises ConfigError or RunError."""
        if base_model in [self.config_of(run_id).base_model for run_id in run_ids]:
            return base_model
        return model_named_by(self.visitor(), base_model)

    def _shown(self, info: RunInfo) -> RunInfo:
        """Without the folders of this machine, unless its owner asks."""
        return info if self.visitor().is_owner else replace(info, base_model=PurePath(info.base_model).name)

    def _model(self) -> AbstractContextManager[None]:
        return self.worker.model_lock(may_name=self._is_mine)

    # --- helpers ------------------------------------------------------------------------------

    def _readable_info(self, folder: RunFolder) -> RunInfo | None:
        """None for a folder whose files were damaged: one of them must not hide all other runs."""
        try:
            return run_info(folder, self.queue.status(folder))
        except (PlaygroundError, ValueError, OSError) as error:
            log.warning("run %s cannot be read: %s", folder.run_id, error)
            return None

    def _readable_race(self, race_id: str) -> RaceResults | None:
        try:
            return self.race_results(race_id)
        except (PlaygroundError, ValueError, OSError) as error:
            log.warning("race %s cannot be read: %s", race_id, error)
            return None


def _without_folders(config: RunConfig) -> RunConfig:
    return config.model_copy(
        update={"data": config.data.model_copy(update={"dataset": shown_dataset(config.data.dataset)})}
    )


def _flatten(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value

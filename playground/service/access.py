"""Who calls, and what is theirs: the one place that decides it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath

from playground.config import RunConfig
from playground.errors import RunError
from playground.race.folder import RaceFolder
from playground.runs.claims import PageLock
from playground.runs.folder import RunFolder, RunStore
from playground.runs.index import RunIndex
from playground.runs.info import RunInfo
from playground.service.naming import model_named_by, named_by
from playground.service.race_queue import Races
from playground.service.run_queue import RunQueue
from playground.service.uploads import Uploads
from playground.service.visitor import COMMAND_LINE, Visitor
from playground.texts import Text
from playground.worker import Worker

NOT_YOURS = Text(
    "{name} belongs to another visitor: you can look at it, but only the browser that started it can change it or go on"
    " from it.",
    "{name} pertence a outro visitante: você pode olhar, mas só o navegador que iniciou pode mudar ou continuar.",
)


@dataclass
class Access:
    """What every call stands on: the runs, the worker, and who calls.

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

    @cached_property
    def index(self) -> RunIndex:
        """What a list says of everybody's runs."""
        return RunIndex(self.runs_dir)

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

    def _is_mine(self, folder: RunFolder | RaceFolder) -> bool:
        visitor = self.visitor()
        return visitor.is_owner or folder.owner == visitor.name

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
        if base_model in [self.store.open(run_id).config.base_model for run_id in run_ids]:
            return base_model
        return model_named_by(self.visitor(), base_model)

    def _shown(self, info: RunInfo) -> RunInfo:
        """Without the folders of this machine, unless its owner asks."""
        if self.visitor().is_owner:
            return info
        path = PurePath(info.base_model)
        return replace(info, base_model=path.name) if path.is_absolute() else info

    def _model(self, *, in_turns: bool = False) -> AbstractContextManager[None]:
        return self.worker.model_lock(may_name=self._is_mine, in_turns=in_turns)

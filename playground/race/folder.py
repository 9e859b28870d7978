"""Races on disk: a small folder each, which names its runs; what the runs did is read from their own folders.

runs/races/<race_id>/race.yaml     what was asked, complete
                     runs.json     the run of each entrant and seed, written before that run starts
                     lock          locked by the process that runs the race now
                     stop          present when a stop was asked
                     lesson.json   the lesson from which it was started, and the guess (playground/lessons/taken.py)
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from playground.errors import RunError
from playground.files import write_atomically
from playground.race.config import Entrant, RaceConfig
from playground.runs.claims import ClaimedFolder
from playground.runs.folder import RUN_ID, RunFolder, RunStore, folder_to_start, folders_with, fresh_id
from playground.texts import Text
from playground.yaml_text import read_yaml

RUNS = TypeAdapter(dict[str, dict[str, str]])

UNKNOWN_RACE = Text(
    "There is no race {race_id}. The Race tab, or `python -m playground races`, lists those that exist.",
    "Não existe a corrida {race_id}. A aba Corrida, ou `python -m playground races`, lista as que existem.",
)
ALREADY_RUNNING = Text(
    "The race {name} is under way already. Wait until it ends, or stop it.",
    "A corrida {name} já está em andamento. Espere que termine, ou pare-a.",
)


class RaceFolder(ClaimedFolder):
    """One race's folder. Build it with `RaceStore`, which checks the id."""

    taken = ALREADY_RUNNING

    @property
    def race_id(self) -> str:
        return self.path.name

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def config(self) -> RaceConfig:
        path = self.path / "race.yaml"
        try:
            found = path.stat()
        except OSError:
            return _config(path, 0, 0)
        return _config(path, found.st_mtime_ns, found.st_size)

    def run_id(self, entrant: Entrant, seed: int) -> str | None:
        """The run of an entrant with a seed; None before it was started."""
        return self._runs().get(entrant.name, {}).get(str(seed))

    def run(self, store: RunStore, entrant: Entrant, seed: int) -> RunFolder | None:
        """Its folder; None too when somebody has deleted the run."""
        run_id = self.run_id(entrant, seed)
        try:
            return store.open(run_id) if run_id else None
        except RunError:
            return None

    def runs(self, store: RunStore) -> dict[tuple[str, int], RunFolder]:
        """As `run`, of all entrants and seeds that have one, by the entrant's name and the seed."""
        found: dict[tuple[str, int], RunFolder] = {}
        for name, by_seed in self._runs().items():
            for seed, run_id in by_seed.items():
                with contextlib.suppress(RunError, ValueError):
                    found[name, int(seed)] = store.open(run_id)
        return found

    def remember(self, entrant: Entrant, seed: int, run_id: str) -> None:
        runs = self._runs()
        runs.setdefault(entrant.name, {})[str(seed)] = run_id
        write_atomically(self.path / "runs.json", json.dumps(runs, indent=2, ensure_ascii=False) + "\n")

    def _runs(self) -> dict[str, dict[str, str]]:
        path = self.path / "runs.json"
        if not path.exists():
            return {}
        return RUNS.validate_json(path.read_bytes())


@lru_cache(maxsize=256)  # a list of races asks each for its name
def _config(path: Path, _changed: int, _size: int) -> RaceConfig:
    return RaceConfig.model_validate(read_yaml(path))


@dataclass(frozen=True)
class RaceStore:
    """All races under the folder of the runs."""

    runs_dir: Path

    @property
    def root(self) -> Path:
        return self.runs_dir / "races"

    def create(self, config: RaceConfig, owner: str = "") -> RaceFolder:
        """Raises RunError where the disk takes none."""
        path = self.root / fresh_id(config.name)
        with folder_to_start(path) as fresh:
            RaceFolder(fresh).give_to(owner)
            write_atomically(fresh / "race.yaml", config.to_yaml())
        return RaceFolder(path)

    def open(self, race_id: str) -> RaceFolder:
        """Raises RunError for an unknown id; `race_id` is untrusted and no path before it matched."""
        if not RUN_ID.fullmatch(race_id) or not (self.root / race_id / "race.yaml").is_file():
            raise RunError(UNKNOWN_RACE, race_id=repr(race_id[:80]))
        return RaceFolder(self.root / race_id)

    def __iter__(self) -> Iterator[RaceFolder]:
        """Newest first."""
        return map(RaceFolder, folders_with("race.yaml", self.root))

    def delete(self, race_id: str) -> None:
        """The race alone: its runs are ordinary runs and stay."""
        shutil.rmtree(self.open(race_id).path)

"""A race under way: its runs one after another, in the foreground or behind the page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playground.claims import Claim, PageLock
from playground.environment import describe_environment
from playground.errors import RunError
from playground.race import Entrant, RaceConfig
from playground.race_folder import RaceFolder, RaceStore
from playground.runs import RunFolder, RunStore
from playground.texts import Text
from playground.worker import Worker

log = logging.getLogger(__name__)

STILL_RUNNING = Text(
    "The race {name} is under way: stop it before you delete it.",
    "A corrida {name} está em andamento: pare-a antes de apagá-la.",
)
NOTHING_LEFT = Text(
    "The race {name} is over: every run has finished. Start a new one for other settings.",
    "A corrida {name} terminou: todas as execuções foram concluídas. Inicie outra para outras configurações.",
)


def drive(
    race: RaceFolder,
    store: RunStore,
    train: Callable[[RunFolder, Entrant, int], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train every run of the race that has not finished, in the race's order; `race` was claimed.

    A run that was stopped or killed goes on from its checkpoint, one that failed is tried again, and
    one that fails now does not keep the others from starting.
    """
    config = race.config
    for entrant, seed in config.starts():
        if should_stop() or race.stop_asked():
            return
        folder = _unfinished_run(race, store, config, entrant, seed)
        if folder is not None:
            train(folder, entrant, seed)


def claim(race: RaceFolder, store: RunStore) -> Claim:
    """Take the race for this process. Raises RunError when it is under way or over, or cannot be written."""
    config = race.config
    if all(_is_finished(race, store, entrant, seed) for entrant, seed in config.starts()):
        raise RunError(NOTHING_LEFT, name=config.name)
    return race.claim_or_refuse()


def _run(race: RaceFolder, store: RunStore, entrant: Entrant, seed: int) -> RunFolder | None:
    """The run that was started for an entrant; None before, and when somebody deleted it."""
    run_id = race.run_id(entrant, seed)
    try:
        return store.open(run_id) if run_id else None
    except RunError:
        return None


def _is_finished(race: RaceFolder, store: RunStore, entrant: Entrant, seed: int) -> bool:
    folder = _run(race, store, entrant, seed)
    summary = folder.summary() if folder else None
    return summary is not None and summary["status"] == "finished"


def _unfinished_run(
    race: RaceFolder, store: RunStore, config: RaceConfig, entrant: Entrant, seed: int
) -> RunFolder | None:
    """The folder in which to train; None when that is done, or being done by somebody who resumed the run."""
    folder = _run(race, store, entrant, seed)
    if folder is None:
        folder = store.create(config.config_of(entrant, seed), describe_environment(), race.owner)
        race.remember(entrant, seed, folder.run_id)
    elif folder.is_claimed() or (folder.summary() or {}).get("status") == "finished":
        return None
    return folder


@dataclass
class Races:
    """The races of this process, each in a thread that puts its next run into the worker's queue."""

    runs_dir: Path
    worker: Worker
    page: PageLock
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> RaceStore:
        return RaceStore(self.runs_dir)

    def start(self, config: RaceConfig, owner: str = "") -> str:
        """A new race; returns its id at once. It goes on whether or not anybody watches."""
        self._check()
        race = self.store.create(config, owner)
        self._begin(race)
        return race.race_id

    def resume(self, race_id: str) -> None:
        """Go on with a race that was stopped, or whose process ended. Raises RunError when nothing is left to do."""
        self._check()
        self._begin(self.store.open(race_id))

    def stop(self, race_id: str) -> None:
        """Ask a race to stop after the step it is in, whichever process runs it."""
        self.page.check()
        race = self.store.open(race_id)
        if race.is_claimed():
            race.ask_to_stop()

    def deletable(self, race_id: str) -> RaceFolder:
        """Raises RunError for an unknown race, and for one that is under way in whichever process."""
        race = self.store.open(race_id)
        if race.is_claimed():
            raise RunError(STILL_RUNNING, name=race.config.name)
        return race

    def delete(self, race_id: str) -> None:
        """The race alone: its runs are ordinary runs and stay. Raises as `deletable` does."""
        self.page.check()
        with self._lock:  # nobody begins it meanwhile
            self.store.delete(self.deletable(race_id).race_id)

    def wait(self, race_id: str, timeout: float | None = None) -> bool:
        """Block until a race of this process has ended; False when `timeout` seconds pass first."""
        thread = self._threads.get(race_id)
        if thread is None:
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def _check(self) -> None:
        """A race is refused while the queue is full. Later, its one run at a time comes in whatever the length."""
        self.page.check()
        self.worker.check_room(sum(thread.is_alive() for thread in self._threads.values()))

    def _begin(self, race: RaceFolder) -> None:
        store = RunStore(self.runs_dir)
        with self._lock:
            taken = claim(race, store)
            name = f"race {race.race_id}"
            thread = threading.Thread(target=self._work, args=(race, store, taken), name=name, daemon=True)
            self._threads[race.race_id] = thread
            thread.start()

    def _work(self, race: RaceFolder, store: RunStore, taken: Claim) -> None:
        try:
            with taken:
                drive(race, store, lambda folder, *_: self._train(race, folder))
        except Exception:  # nobody is there to catch it: what can be read of it is the race that stands still
            log.exception("race %s stopped", race.race_id)

    def _train(self, race: RaceFolder, folder: RunFolder) -> None:
        """Queue a run and wait; a stop of the race is a stop of the run."""
        self.worker.submit(folder)
        while not self.worker.wait(folder.run_id, timeout=0.2):
            if race.stop_asked():
                self.worker.stop(folder)

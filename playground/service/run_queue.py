"""What the page asks of the queue: a run is started, resumed, stopped or deleted, or it waits."""

from __future__ import annotations

import contextlib
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from playground.config import RunConfig
from playground.environment import describe_environment
from playground.errors import RunError
from playground.lessons.taken import Taken, remember
from playground.preflight.readiness import Readiness
from playground.runs.claims import PageLock
from playground.runs.folder import STILL_ACTIVE, RunFolder, RunStore
from playground.runs.origin import Origin, check_trained, write_origin
from playground.worker import Worker

ACTIVE = ("queued", "running")
CLICK_SECONDS = 2.0  # that a click waits for pre-flight at most; it takes about half a second
PRE_FLIGHT = "playground.preflight.report"


@dataclass
class RunQueue:
    """The runs of a folder and the worker that trains them; every change asks first whether this page may write."""

    store: RunStore
    worker: Worker
    page: PageLock
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self,
        config: RunConfig,
        owner: str = "",
        origin: Origin | None = None,
        adapter: Path | None = None,
        taken: Taken | None = None,
    ) -> str:
        """Queue a new run; returns its id. Raises RunError where it cannot end well, or the queue is full.

        With the folder of an `adapter`, it trains on from a copy of that one; `taken` is its lesson.

        The click waits for pre-flight's answer, but not while the libraries that it needs are still to be loaded,
        which takes many seconds. An answer that comes later is the run's first stage, and may fail it.
        """
        self.page.check()
        self.worker.check_room()
        seconds = CLICK_SECONDS if PRE_FLIGHT in sys.modules else 0.0
        asked = Readiness(config)
        unanswered: Readiness | None = asked
        with contextlib.suppress(TimeoutError):
            if refusal := asked.refusal(seconds):
                raise refusal
            unanswered = None
        with self._lock:  # no two clicks take the same last place
            self.worker.check_room()
            folder = self.store.create(config, describe_environment(), owner)
            try:  # before anybody works in the folder
                if origin:
                    write_origin(folder, origin)
                if adapter:
                    folder.start_from(adapter)
                if taken:
                    remember(folder.path, taken)
            except BaseException:
                self.store.delete(folder.run_id)
                raise
            self.worker.submit(folder, unanswered)
        return folder.run_id

    def resume(self, folder: RunFolder) -> None:
        """Queue a run again that has ended; it goes on from its last checkpoint."""
        self.page.check()
        if self.status(folder) in ACTIVE:
            raise RunError(STILL_ACTIVE, name=folder.name)
        check_trained(folder)
        with self._lock:
            self.worker.check_room()
            self.worker.submit(folder)

    def waiting(self) -> list[RunFolder]:
        """Runs that were queued when their process ended, in the order of that queue."""
        return [folder for folder in self.store.waiting() if self.status(folder) == "waiting"]

    def resume_all(self, waiting: list[RunFolder]) -> list[str]:
        """Queue those of `waiting` for which there is room; returns their ids. Raises RunError when there is none."""
        self.page.check()
        resumed: list[str] = []
        for folder in waiting:
            try:
                self.resume(folder)
            except RunError:
                if resumed:  # the others wait on, and are still shown as waiting
                    break
                raise
            resumed.append(folder.run_id)
        return resumed

    def stop(self, folder: RunFolder) -> None:
        """Ask a run to stop, in whichever process it trains; one that has not begun in this one is stopped at once."""
        self.page.check()
        if self.worker.status(folder.run_id):
            self.worker.stop(folder)
        elif folder.is_claimed():
            folder.ask_to_stop()

    def delete(self, folder: RunFolder) -> None:
        """Raises RunError for a run that waits or trains, in whichever process."""
        self.page.check()
        if self.status(folder) in ACTIVE:
            raise RunError(STILL_ACTIVE, name=folder.name)
        self.store.delete(folder.run_id)

    def status(self, folder: RunFolder) -> str:
        """As in RunInfo: what this process is doing with the run, else what its folder says."""
        return self.worker.status(folder.run_id) or folder.status()

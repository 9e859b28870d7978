"""One queue, one training thread: runs go on whether or not anybody watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playground.errors import BusyError
from playground.libraries import load_libraries
from playground.runs import RunFolder
from playground.texts import Text

BUSY_TRAINING = Text(
    "The model is busy with the run {name}. Wait until it ends, or stop it.",
    "O modelo está ocupado com a execução {name}. Espere que termine, ou pare-a.",
)
BUSY_OTHER = Text(
    "The model is busy with another visitor's run. Try again when it has ended.",
    "O modelo está ocupado com a execução de outro visitante. Tente de novo quando terminar.",
)
BUSY_COMPARING = Text(
    "The model is in use by a comparison or a measurement. Wait until it ends, or stop it.",
    "O modelo está em uso por uma comparação ou medição. Espere que termine, ou pare-a.",
)


@dataclass
class _Job:
    folder: RunFolder
    stop: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Trains queued runs one after another in a thread of its own, started with the first run."""

    def __init__(self) -> None:
        self._jobs: list[_Job] = []  # the first one is training
        self._changed = threading.Condition()
        self._model = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, folder: RunFolder) -> None:
        with self._changed:
            self._jobs.append(_Job(folder))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="training", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self, folder: RunFolder) -> None:
        """Ask for a stop; a run that has ended already is left as it is."""
        with self._changed:
            for job in self._jobs:
                if job.folder == folder:
                    job.stop.set()

    def folders(self) -> list[RunFolder]:
        """Of the run that trains, then of those that wait."""
        with self._changed:
            return [job.folder for job in self._jobs]

    def status(self, run_id: str) -> str | None:
        """queued or running; None for a run that this worker does not hold."""
        place = self.queue_position(run_id)
        if place is None:
            return None
        return "queued" if place else "running"

    def queue_position(self, run_id: str) -> int | None:
        """How many runs are before this one; None for a run that this worker does not hold."""
        with self._changed:
            ids = [job.folder.run_id for job in self._jobs]
        return ids.index(run_id) if run_id in ids else None

    def wait(self, run_id: str, timeout: float | None = None) -> bool:
        """Block until the run has ended; False when `timeout` seconds pass first."""
        with self._changed:
            return self._changed.wait_for(lambda: all(job.folder.run_id != run_id for job in self._jobs), timeout)

    @contextmanager
    def model_lock(self, may_name: Callable[[RunFolder], bool] = lambda _: True) -> Iterator[None]:
        """The only right to use the model outside training. Raises BusyError at once instead of waiting.

        The message names the run that trains where `may_name` allows it.
        """
        with self._changed:
            training = self._jobs[0].folder if self._jobs else None
            if training is not None:
                raise BusyError(BUSY_TRAINING, name=training.name) if may_name(training) else BusyError(BUSY_OTHER)
            if not self._model.acquire(blocking=False):
                raise BusyError(BUSY_COMPARING)
        try:
            yield
        finally:
            self._model.release()

    def _work(self) -> None:
        load_libraries()
        from playground.train.session import run

        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs))
                job = self._jobs[0]
            try:
                with self._model:
                    run(job.folder, job.stop.is_set)
            finally:
                with self._changed:
                    self._jobs.pop(0)
                    self._changed.notify_all()

"""One queue, one training thread: runs go on whether or not anybody watches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playground.errors import BusyError, PlaygroundError, RunError
from playground.model.libraries import load_libraries
from playground.preflight.readiness import Readiness
from playground.runs.claims import Claim
from playground.runs.end import end_run, end_unexpectedly
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text

log = logging.getLogger(__name__)
TURN_SECONDS = 30.0  # that one waits at most for who uses the model in turns
LONGEST_QUEUE = 20  # runs that wait, besides the one that trains
READINESS_SECONDS = 60.0  # a run whose pre-flight has no answer by then is tried

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
QUEUE_FULL = Text(
    "{count} runs wait in the queue, and it takes no more than {limit}. Wait until one of them has begun, or stop one"
    " that you do not need.",
    "{count} execuções esperam na fila, e ela não aceita mais que {limit}. Espere até que uma delas comece, ou pare uma"
    " de que não precisa.",
)


@dataclass(eq=False)
class _Job:
    folder: RunFolder
    claim: Claim
    readiness: Readiness | None
    started: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Trains queued runs one after another in a thread of its own, started with the first run.

    A run is claimed from `submit` until it has ended: no other process takes, changes or deletes it meanwhile.
    """

    def __init__(self) -> None:
        self._jobs: list[_Job] = []  # the first one is training, or is next
        self._changed = threading.Condition()
        self._model = threading.Lock()
        self._in_turns = False  # who has the model, or had it last, gives it back soon
        self._waiting = 0  # for their turn
        self._thread: threading.Thread | None = None

    def submit(self, folder: RunFolder, readiness: Readiness | None = None) -> None:
        """Claim a run and queue it; with `readiness`, it fails instead of beginning where that answers with a reason.

        Raises RunError while somebody has the run, and where its folder cannot be written.
        """
        claim = folder.claim_or_refuse()
        try:
            with self._changed:
                folder.wait_in_line(RunStore(folder.path.parent).next_place())
                self._start_thread()
                self._jobs.append(_Job(folder, claim, readiness))
                self._changed.notify_all()
        except BaseException:
            claim.release()
            raise

    def check_room(self, expected: int = 0) -> None:
        """Raises RunError when the queue takes no further run; `expected` are sure to come into it, or are in it."""
        with self._changed:
            count = max(len(self._jobs) - 1, expected)
        if count >= LONGEST_QUEUE:
            raise RunError(QUEUE_FULL, count=count, limit=LONGEST_QUEUE)

    def stop(self, folder: RunFolder) -> None:
        """Ask for a stop; one that has not begun is stopped at once, one that has ended is left as it is."""
        with self._changed:
            for job in [job for job in self._jobs if job.folder == folder]:
                job.stop.set()
                if not job.started:
                    self._jobs.remove(job)
                    self._changed.notify_all()
                    with job.claim:
                        end_run(folder, "stopped")

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
    def model_lock(
        self, may_name: Callable[[RunFolder], bool] = lambda _: True, *, in_turns: bool = False
    ) -> Iterator[None]:
        """The only right to use the model outside training. Raises BusyError at once instead of waiting.

        The message names the run that trains where `may_name` allows it. Who uses the model `in_turns` gives it back as
        soon as it `is_wanted`: for them one waits.
        """
        with self._changed:
            training = self._jobs[0].folder if self._jobs else None
            if training is not None:
                raise BusyError(BUSY_TRAINING, name=training.name) if may_name(training) else BusyError(BUSY_OTHER)
            has_it = self._model.acquire(blocking=False)
            if not has_it and not self._in_turns:
                raise BusyError(BUSY_COMPARING)
        if not has_it:
            self._wait_for_turn()
        self._in_turns = in_turns
        try:
            yield
        finally:
            self._model.release()

    def is_wanted(self) -> bool:
        """Whether a run or somebody else waits for the model."""
        with self._changed:
            return bool(self._jobs) or self._waiting > 0

    def _wait_for_turn(self) -> None:
        with self._changed:
            self._waiting += 1
        try:
            if not self._model.acquire(timeout=TURN_SECONDS):
                raise BusyError(BUSY_COMPARING)
        finally:
            with self._changed:
                self._waiting -= 1

    def _start_thread(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="training", daemon=True)
            thread.start()
            self._thread = thread

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs))
                job = self._jobs[0]
            try:
                with self._model:
                    self._train(job)
            except BaseException as error:  # noqa: BLE001 - whatever a library raises, the next run must train
                end_unexpectedly(job.folder, error)
            finally:
                self._end(job)

    def _train(self, job: _Job) -> None:
        with self._changed:
            if job not in self._jobs:  # stopped while a comparison still had the model
                return
            job.started = True
        refusal = _refusal(job)
        if job.stop.is_set() or job.folder.stop_asked():
            end_run(job.folder, "stopped")
        elif refusal:
            end_run(job.folder, "failed", refusal)
        else:
            job.folder.begin()
            load_libraries()
            from playground.runs.session import run

            run(job.folder, job.stop.is_set)

    def _end(self, job: _Job) -> None:
        try:
            job.claim.release()
        except OSError:
            log.exception("the lock of run %s could not be given back", job.folder.run_id)
        with self._changed:
            if job in self._jobs:
                self._jobs.remove(job)
            self._changed.notify_all()


def _refusal(job: _Job) -> PlaygroundError | None:
    """What pre-flight, asked at the click, had no answer to by then."""
    if job.readiness is None:
        return None
    try:
        return job.readiness.refusal(READINESS_SECONDS)
    except TimeoutError:
        log.warning("run %s begins before pre-flight has answered", job.folder.run_id)
        return None

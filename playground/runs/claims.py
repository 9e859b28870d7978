"""Who works in a folder: locks of the operating system, which end with their process and need no clock.

<folder>/lock       locked by the process that works there; the file itself stays, only its lock counts
<folder>/stop       present when somebody else asked that process to stop
<runs>/.page.lock   locked by the one page that writes in the folder of the runs; the command line never takes it
<runs>/.page.pid    its process number, for the message of the second page
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from filelock import FileLock, Timeout

from playground.errors import RunError
from playground.files import is_disk_full, write_atomically
from playground.texts import Text

# Whoever only looks whether a folder is claimed holds its lock for an instant: a claim outlasts that.
CLAIM_SECONDS = 0.5
CLAIM_PAUSE_SECONDS = 0.01

OTHER_PAGE = Text(
    "Another page{process} works on this folder of runs: this one only reads. Use that one, close it and try again,"
    " or start this one with another --runs-dir.",
    "Outra página{process} trabalha nesta pasta de execuções: esta só lê. Use aquela, feche-a e tente de novo,"
    " ou inicie esta com outra --runs-dir.",
)
OTHER_PROCESS = Text(" (process {pid})", " (processo {pid})")
CANNOT_WRITE = Text(
    "The folder of the runs cannot be written ({reason}). Mend that and try again, or start the page with another"
    " --runs-dir.",
    "Não é possível escrever na pasta das execuções ({reason}). Corrija isso e tente de novo, ou inicie a página com"
    " outra --runs-dir.",
)
NO_ROOM = Text(
    "The disk is full: nothing was started, and nothing is left of it. Free some space, then try again.",
    "O disco está cheio: nada foi iniciado, e nada ficou disso. Libere espaço e tente de novo.",
)


def cannot_write(error: OSError) -> RunError:
    """What to tell of a folder of runs that took nothing."""
    if is_disk_full(error):
        return RunError(NO_ROOM)
    return RunError(CANNOT_WRITE, reason=error.strerror or type(error).__name__)


class Claim:
    """A folder that is this process's to work in, from `ClaimedFolder.claim` until `release`."""

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self._folder = folder
        self._lock = lock

    def release(self) -> None:
        """Give the folder back; a second time changes nothing."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                (self._folder / "stop").unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@dataclass(frozen=True)
class ClaimedFolder:
    """A folder in which one process at a time works, and which any other may ask to stop."""

    path: Path
    taken: ClassVar[Text]  # says with the `name` that somebody works here

    @property
    def name(self) -> str:
        raise NotImplementedError

    def claim_or_refuse(self) -> Claim:
        """As `claim`. Raises RunError while somebody has the folder, and where nothing can be written."""
        try:
            claim = self.claim()
        except OSError as error:
            raise cannot_write(error) from error
        if claim is None:
            raise RunError(self.taken, name=self.name)
        return claim

    def claim(self) -> Claim | None:
        """The right to work here, or None while somebody has it; an earlier request to stop is forgotten.

        Raises OSError where nothing can be written.
        """
        lock = _lock(self.path / "lock")
        try:
            lock.acquire(timeout=CLAIM_SECONDS, poll_interval=CLAIM_PAUSE_SECONDS)
        except Timeout:
            return None
        (self.path / "stop").unlink(missing_ok=True)
        return Claim(self.path, lock)

    def is_claimed(self) -> bool:
        """Whether a process that is alive works here, this one included; the holder does not notice the question."""
        path = self.path / "lock"
        if not path.exists():
            return False
        try:
            with _lock(path).acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a disk or a user's folder that can only be read: nobody here works in it
            return False

    def ask_to_stop(self) -> None:
        """Leave word for the process that works here, whichever it is."""
        (self.path / "stop").touch()

    def stop_asked(self) -> bool:
        return (self.path / "stop").exists()

    @property
    def owner(self) -> str:
        """The name of the visitor whose folder it is; empty for the machine's owner."""
        path = self.path / "owner.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def give_to(self, owner: str) -> None:
        if owner:
            write_atomically(self.path / "owner.txt", owner)


@dataclass
class PageLock:
    """Of several pages on one folder of runs only the first writes. A process that never takes it may write."""

    runs_dir: Path
    _lock: FileLock | None = None
    _refusal: RunError | None = None
    _taking: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> None:
        """Become the page that writes here; where that fails, `check` says why. Never raises."""
        with self._taking:
            if self._lock is None:
                self._refusal = self._try()

    def refusal(self) -> RunError | None:
        """Why this page only reads; None once it may write, also after the other page was closed."""
        if self._refusal is not None:
            self.take()
        return self._refusal

    def check(self) -> None:
        """Raises RunError in a page that only reads."""
        if refusal := self.refusal():
            raise refusal

    def _try(self) -> RunError | None:
        try:
            self.runs_dir.mkdir(parents=True, exist_ok=True)
            lock = _lock(self.runs_dir / ".page.lock")
            lock.acquire(timeout=0)
            (self.runs_dir / ".page.pid").write_text(str(os.getpid()), encoding="ascii")
        except Timeout:
            return RunError(OTHER_PAGE, process=self._holder())
        except OSError as error:
            return cannot_write(error)
        self._lock = lock
        return None

    def _holder(self) -> Text:
        try:
            pid = int((self.runs_dir / ".page.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return Text("", "")
        return OTHER_PROCESS.filled(pid=str(pid))


def _lock(path: Path) -> FileLock:
    """Not bound to the thread: a run is claimed in the thread of a click and released in that of the training."""
    return FileLock(path, thread_local=False)

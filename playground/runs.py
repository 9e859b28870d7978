"""Runs on disk: one folder each, readable while the run is still being written.

runs/<run_id>/config.yaml        what was asked, complete
              environment.json   versions, machine, seed
              events.jsonl       appended while training
              adapter/           PEFT's own format, safetensors
              checkpoints/       what is needed to go on (playground/train/checkpoint.py)
              error.txt          traceback of a failed run
              process.json       who trains it now; left behind by a process that was killed
              stop               present when a stop was asked from another process
              owner.txt          the visitor whose run it is; absent where it is the machine owner's
              name.txt           present when the run was renamed
              summary.json       written last: its presence means that the run ended

The races, which name runs of this folder, lie beside them in runs/races (playground/race_folder.py).
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from playground.config import RunConfig, read_yaml
from playground.errors import PlaygroundError, RunError
from playground.files import append_line, is_disk_full, new_folder, set_aside, sync_file, write_atomically
from playground.texts import Text
from playground.train.events import is_summary, is_well_formed

log = logging.getLogger(__name__)
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6,12}(-[a-z0-9-]{1,40})?")

UNKNOWN_RUN = Text(
    "There is no run {run_id}. The Runs tab, or `python -m playground runs`, lists those that exist.",
    "Não existe a execução {run_id}. A aba Execuções, ou `python -m playground runs`, lista as que existem.",
)
NO_ROOM = Text(
    "The disk is full: nothing was started, and nothing of it is left in {folder}. Free some space, then try again.",
    "O disco está cheio: nada foi iniciado, e nada disso ficou em {folder}. Libere espaço e tente de novo.",
)
CANNOT_WRITE = Text(
    "No run can be made in {folder} ({reason}). Choose another folder with --runs-dir.",
    "Não é possível criar uma execução em {folder} ({reason}). Escolha outra pasta com --runs-dir.",
)
NAME_LENGTH = Text(
    "A run's name needs 1 to 120 characters, got {length}.",
    "O nome de uma execução precisa de 1 a 120 caracteres, recebi {length}.",
)


@dataclass(frozen=True)
class ClaimedFolder:
    """A folder in which one process at a time works, and which any other may ask to stop."""

    path: Path

    def claim(self) -> None:
        """Say that this process works here; an earlier request to stop is forgotten."""
        (self.path / "stop").unlink(missing_ok=True)
        own = {"pid": os.getpid(), "started": psutil.Process().create_time()}
        write_atomically(self.path / "process.json", json.dumps(own))

    def release(self) -> None:
        for name in ("process.json", "stop"):
            (self.path / name).unlink(missing_ok=True)

    def is_claimed(self) -> bool:
        """Whether a process that is alive works here; a process number that was given again does not count."""
        path = self.path / "process.json"
        try:
            claim = json.loads(path.read_text(encoding="utf-8"))
            return bool(abs(psutil.Process(claim["pid"]).create_time() - claim["started"]) < 1.0)
        except (FileNotFoundError, psutil.NoSuchProcess, psutil.AccessDenied):
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
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def give_to(self, owner: str) -> None:
        if owner:
            write_atomically(self.path / "owner.txt", owner)


class RunFolder(ClaimedFolder):
    """One run's folder. Build it with `RunStore`, which checks the id."""

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def adapter(self) -> Path:
        """The trained adapter; the one that a kill left set aside, until the run goes on and puts it back."""
        folder = self.path / "adapter"
        aside = set_aside(folder)
        return aside if aside.exists() and not folder.exists() else folder

    @property
    def config(self) -> RunConfig:
        return RunConfig.from_values(read_yaml(self.path / "config.yaml"))

    @property
    def name(self) -> str:
        """As renamed, or as its settings say; the id of a run whose settings cannot be read."""
        renamed = self.path / "name.txt"
        try:
            given = renamed.read_text(encoding="utf-8", errors="replace").strip() if renamed.exists() else ""
            return given or self.config.name
        except (PlaygroundError, OSError):
            return self.run_id

    def append(self, values: dict[str, Any]) -> None:
        """Add one event as one line, written whole; `sync_events` puts it on the disk itself."""
        append_line(self.path / "events.jsonl", json.dumps(values, ensure_ascii=False))

    def sync_events(self) -> None:
        path = self.path / "events.jsonl"
        if path.exists():
            sync_file(path)

    def read_since(self, revision: int) -> tuple[list[dict[str, Any]], int]:
        """The events after the first `revision` lines, and the new revision.

        A line that is no whole event (a disk or a kill damaged it) is counted and passed over. A last line
        without its end is still being written and is left for the next call.
        """
        lines = self._event_lines()
        return [event for line in lines[revision:] if (event := _event(line)) is not None], len(lines)

    def keep_events(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Leave only the wanted events, and nothing that cannot be read."""
        kept = [line for line in self._event_lines() if (event := _event(line)) is not None and wanted(event)]
        if kept or (self.path / "events.jsonl").exists():
            write_atomically(self.path / "events.jsonl", "".join(f"{line}\n" for line in kept))

    def _event_lines(self) -> list[str]:
        path = self.path / "events.jsonl"
        return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1] if path.exists() else []

    def summary(self) -> dict[str, Any] | None:
        """What `finish` wrote; None while the run has not ended, and for a file that was damaged."""
        path = self.path / "summary.json"
        if not path.exists():
            return None
        try:
            values = _json(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            values = None
        if not is_summary(values):
            log.warning("%s of run %s is damaged and is passed over", path.name, self.run_id)
            return None
        return values

    def finish(self, summary: dict[str, Any]) -> None:
        write_atomically(self.path / "summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")

    def rename(self, name: str) -> None:
        cleaned = " ".join(name.split())
        if not 1 <= len(cleaned) <= 120:
            raise RunError(NAME_LENGTH, length=len(cleaned))
        write_atomically(self.path / "name.txt", cleaned)


@dataclass(frozen=True)
class RunStore:
    """All runs under one folder."""

    root: Path

    def create(self, config: RunConfig, environment: dict[str, Any], owner: str = "") -> RunFolder:
        """Make a folder with a fresh id; `config` is complete (every default filled in), `owner` a visitor's name.

        Raises RunError where the disk takes none.
        """
        path = self.root / fresh_id(config.name)
        with folder_to_start(path) as fresh:
            RunFolder(fresh).give_to(owner)
            write_atomically(fresh / "environment.json", json.dumps(environment, indent=2) + "\n")
            write_atomically(fresh / "config.yaml", config.to_yaml())
        return RunFolder(path)

    def open(self, run_id: str) -> RunFolder:
        """Raises RunError for an unknown id; `run_id` is untrusted and never used as a path before it matched."""
        if not RUN_ID.fullmatch(run_id) or not (self.root / run_id / "config.yaml").is_file():
            raise RunError(UNKNOWN_RUN, run_id=repr(run_id[:80]))
        return RunFolder(self.root / run_id)

    def __iter__(self) -> Iterator[RunFolder]:
        """Newest first; folders that are not runs are passed over."""
        if not self.root.is_dir():
            return
        for path in sorted(self.root.iterdir(), reverse=True):
            if RUN_ID.fullmatch(path.name) and (path / "config.yaml").is_file():
                yield RunFolder(path)

    def delete(self, run_id: str) -> None:
        shutil.rmtree(self.open(run_id).path)


@contextmanager
def folder_to_start(path: Path) -> Iterator[Path]:
    """A run's or race's folder, there once the block has filled it. Raises RunError where the disk takes none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(path) as fresh:
            yield fresh
    except OSError as error:
        if is_disk_full(error):
            raise RunError(NO_ROOM, folder=str(path.parent)) from error
        reason = error.strerror or type(error).__name__
        raise RunError(CANNOT_WRITE, folder=str(path.parent), reason=reason) from error


def _event(line: str) -> dict[str, Any] | None:
    values = _json(line)
    return values if is_well_formed(values) else None


def _json(text: str) -> Any:
    """None for what is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def fresh_id(name: str) -> str:
    """Time, chance and the name's plain letters: an id that sorts by age, matches RUN_ID and cannot be guessed."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    return "-".join(part for part in (stamp, secrets.token_hex(6), _slug(name)) if part)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")

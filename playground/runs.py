"""Runs on disk: one folder each, readable while the run is still being written.

runs/<run_id>/config.yaml        what was asked, complete
              environment.json   versions, machine, seed
              events.jsonl       appended while training
              adapter/           PEFT's own format, safetensors
              checkpoint/        what is needed to go on, safetensors
              error.txt          traceback of a failed run
              process.json       who trains it now; left behind by a process that was killed
              stop               present when a stop was asked from another process
              name.txt           present when the run was renamed
              summary.json       written last: its presence means that the run ended

The races, which name runs of this folder, lie beside them in runs/races (playground/race_folder.py).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from playground.config import RunConfig
from playground.errors import RunError
from playground.texts import Text, one_line
from playground.yaml_text import read_yaml

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}(-[a-z0-9-]{1,40})?")

UNKNOWN_RUN = Text(
    "There is no run {run_id}. The Runs tab, or `python -m playground runs`, lists those that exist.",
    "Não existe a execução {run_id}. A aba Execuções, ou `python -m playground runs`, lista as que existem.",
)
NAME_LENGTH = Text(
    "A run's name needs 1 to 120 characters, got {length}.",
    "O nome de uma execução precisa de 1 a 120 caracteres, recebi {length}.",
)


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` in one move: a reader sees the old text or the new one, never a part."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


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


class RunFolder(ClaimedFolder):
    """One run's folder. Build it with `RunStore`, which checks the id."""

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def adapter(self) -> Path:
        return self.path / "adapter"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint"

    @property
    def config(self) -> RunConfig:
        return RunConfig.from_values(read_yaml(self.path / "config.yaml"))

    @property
    def name(self) -> str:
        renamed = self.path / "name.txt"
        return renamed.read_text(encoding="utf-8") if renamed.exists() else self.config.name

    def append(self, values: dict[str, Any]) -> None:
        """Add one event as one line, written whole."""
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values, ensure_ascii=False) + "\n")

    def read_since(self, revision: int) -> tuple[list[dict[str, Any]], int]:
        """The events after the first `revision`, and the new revision.

        A last line without its end is still being written and is left for the next call.
        """
        path = self.path / "events.jsonl"
        if not path.exists():
            return [], revision
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        return [json.loads(line) for line in lines[revision:]], len(lines)

    def keep_events(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Leave only the wanted events, and no half-written line of a process that was killed."""
        path = self.path / "events.jsonl"
        if not path.exists():
            return
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        write_atomically(path, "".join(f"{line}\n" for line in lines if wanted(json.loads(line))))

    def summary(self) -> dict[str, Any] | None:
        """What `finish` wrote, or None while the run has not ended."""
        path = self.path / "summary.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def finish(self, summary: dict[str, Any]) -> None:
        write_atomically(self.path / "summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")

    def rename(self, name: str) -> None:
        cleaned = one_line(name)
        if not 1 <= len(cleaned) <= 120:
            raise RunError(NAME_LENGTH, length=len(cleaned))
        write_atomically(self.path / "name.txt", cleaned)


@dataclass(frozen=True)
class RunStore:
    """All runs under one folder."""

    root: Path

    def create(self, config: RunConfig, environment: dict[str, Any]) -> RunFolder:
        """Make a folder with a fresh id; `config` is complete (every default filled in)."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder = RunFolder(self.root / fresh_id(config.name))
        folder.path.mkdir()
        write_atomically(folder.path / "environment.json", json.dumps(environment, indent=2) + "\n")
        write_atomically(folder.path / "config.yaml", config.to_yaml())
        return folder

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


def fresh_id(name: str) -> str:
    """Time, chance and the name's plain letters: an id that sorts by age and matches RUN_ID."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    return "-".join(part for part in (stamp, secrets.token_hex(3), _slug(name)) if part)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")

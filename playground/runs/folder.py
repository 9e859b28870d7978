"""Runs on disk: one folder each, readable while the run is still being written.

runs/<run_id>/config.yaml        what was asked, complete
              environment.json   versions, machine, seed
              events.jsonl       appended while training
              adapter/           PEFT's own format, safetensors
              start/             the adapter from which it trains on; absent where it begins with a fresh one
              checkpoints/       what is needed to go on (playground/train/checkpoint.py)
              error.txt          traceback of a failed run
              lock               locked by the process in which it waits or trains (playground/runs/claims.py)
              stop               present when a stop was asked from another process
              owner.txt          the visitor whose run it is; absent where it is the machine owner's
              waiting            its place in the queue, from when it is queued until it begins
              origin.json        the run whose setting it holds, or whose control it is (playground/runs/origin.py)
              name.txt           present when the run was renamed
              lesson.json        the lesson from which it was started, and the guess (playground/lessons/taken.py)
              evidence.json      what its adapter said when it was taken away (playground/export/kept_evidence.py)
              summary.json       written last: its presence means that the run ended

What lists say of all of them stands beside them in runs/.index.jsonl (playground/runs/index.py).
The races, which name runs of this folder, lie beside them in runs/races (playground/race/folder.py).
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

from playground.config import RunConfig
from playground.errors import PlaygroundError, RunError
from playground.files import append_line, new_folder, set_aside, sync_file, write_atomically
from playground.runs.claims import ClaimedFolder, cannot_write
from playground.runs.event_lines import growing_file
from playground.texts import Text, one_line
from playground.train.events import is_summary, is_well_formed
from playground.yaml_text import read_yaml

log = logging.getLogger(__name__)
EVENTS = "events.jsonl"
STARTING = ("adapter_config.json", "adapter_model.safetensors")  # of an adapter, what training on from it needs
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6,12}(-[a-z0-9-]{1,40})?")

UNKNOWN_RUN = Text(
    "There is no run {run_id}. The Runs tab, or `python -m playground runs`, lists those that exist.",
    "Não existe a execução {run_id}. A aba Execuções, ou `python -m playground runs`, lista as que existem.",
)
STILL_ACTIVE = Text(
    "The run {name} is still active. Stop it first.", "A execução {name} ainda está ativa. Pare-a primeiro."
)
NO_ADAPTER = Text(
    "The run {name} has no adapter: it ended before its first step was saved.",
    "A execução {name} não tem adaptador: terminou antes de salvar o primeiro passo.",
)
NAME_LENGTH = Text(
    "A run's name needs 1 to 120 characters, got {length}.",
    "O nome de uma execução precisa de 1 a 120 caracteres, recebi {length}.",
)


class RunFolder(ClaimedFolder):
    """One run's folder. Build it with `RunStore`, which checks the id."""

    taken = STILL_ACTIVE

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
    def start(self) -> Path | None:
        """The adapter from which the run trains on; None for one that begins with a fresh one."""
        folder = self.path / "start"
        return folder if folder.is_dir() else None

    def start_from(self, adapter: Path) -> None:
        """Keep a copy of an adapter to train on from. Raises RunError where it cannot be written."""
        with folder_to_start(self.path / "start") as fresh:
            for name in STARTING:
                shutil.copyfile(adapter / name, fresh / name)

    @property
    def has_adapter(self) -> bool:
        return (self.adapter / "adapter_config.json").is_file()

    def zip_adapter(self, into: Path) -> Path:
        """A zip in `into` whose folder plain `PeftModel.from_pretrained` loads. Raises RunError without adapter."""
        if not self.has_adapter:
            raise RunError(NO_ADAPTER, name=self.name)
        return Path(shutil.make_archive(str(into / f"{self.run_id}-adapter"), "zip", root_dir=self.adapter))

    @property
    def config(self) -> RunConfig:
        return RunConfig.from_values(read_yaml(self.path / "config.yaml"))

    @property
    def name(self) -> str:
        """As renamed, or as its settings say; the id of a run whose settings cannot be read."""
        try:
            return self.given_name or self.config.name
        except (PlaygroundError, OSError):
            return self.run_id

    @property
    def given_name(self) -> str:
        """Empty for a run that was never renamed."""
        renamed = self.path / "name.txt"
        return renamed.read_text(encoding="utf-8", errors="replace").strip() if renamed.exists() else ""

    def rewrite_config(self, config: RunConfig) -> None:
        write_atomically(self.path / "config.yaml", config.to_yaml())

    def place(self) -> int | None:
        """Its place in the order in which runs were queued; None for a run that has begun or was never queued."""
        try:
            return int((self.path / "waiting").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        except ValueError:  # cut short by a full disk: waiting all the same
            return 0

    def wait_in_line(self, place: int) -> None:
        write_atomically(self.path / "waiting", str(place))

    def begin(self) -> None:
        """What an earlier part of the run left to say that it had ended or that it waits is gone."""
        for name in ("summary.json", "waiting"):
            (self.path / name).unlink(missing_ok=True)

    def append(self, values: dict[str, Any]) -> None:
        """Add one event as one line, written whole; `sync_events` puts it on the disk itself."""
        append_line(self.path / EVENTS, json.dumps(values, ensure_ascii=False))

    def sync_events(self) -> None:
        path = self.path / EVENTS
        if path.exists():
            sync_file(path)

    def read_since(self, revision: int) -> tuple[list[dict[str, Any]], int]:
        """The events after the first `revision` lines, and the new revision.

        A line that is no whole event (a disk or a kill damaged it) is counted and passed over. A last line
        without its end is still being written and is left for the next call. What was read before is not read again.
        """
        lines = growing_file(self.path / EVENTS).after(revision)
        return [event for line in lines.after if (event := event_of(line)) is not None], lines.total

    def keep_events(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Leave only the wanted events, and nothing that cannot be read."""
        lines = growing_file(self.path / EVENTS).after(0).after
        kept = [line for line in lines if (event := event_of(line)) is not None and wanted(event)]
        if kept or (self.path / EVENTS).exists():
            write_atomically(self.path / EVENTS, "".join(f"{line}\n" for line in kept))

    def summary(self) -> dict[str, Any] | None:
        """What `finish` wrote; None while the run has not ended, and for a file that was damaged."""
        path = self.path / "summary.json"
        try:
            values = _json(path.read_bytes().decode("utf-8", errors="replace"))
        except FileNotFoundError:
            return None
        except OSError:
            values = None
        if not is_summary(values):
            log.warning("%s of run %s is damaged and is passed over", path.name, self.run_id)
            return None
        return values

    def status(self) -> str:
        """As in RunInfo. Only a folder that does not say how its run ended is asked whether somebody works there."""
        if self.place() is not None:
            return "queued" if self.is_claimed() else "waiting"
        if summary := self.summary():
            return str(summary["status"])
        return "running" if self.is_claimed() else "interrupted"

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
        return map(RunFolder, folders_with("config.yaml", self.root))

    def having(self, file: str) -> Iterator[RunFolder]:
        """The runs that have such a `file`, newest first; fast where few of thousands have it."""
        return (RunFolder(path) for path in folders_with(file, self.root) if (path / "config.yaml").is_file())

    def waiting(self) -> list[RunFolder]:
        """The runs that wait for their turn in whichever process, or did when it ended; in the order of the queue."""
        places = [(place, folder) for folder in self.having("waiting") if (place := folder.place()) is not None]
        return [folder for _, folder in sorted(places, key=lambda item: (item[0], item[1].run_id))]

    def next_place(self) -> int:
        """Behind all that wait: counted, not read from a clock, which may be set back."""
        return max((folder.place() or 0 for folder in self.waiting()), default=0) + 1

    def delete(self, run_id: str) -> None:
        """Raises RunError while somebody has the run."""
        folder = self.open(run_id)
        with folder.claim_or_refuse():
            # From here on it is no run that somebody could take. The lock goes first: Windows deletes no locked file.
            (folder.path / "config.yaml").unlink(missing_ok=True)
        shutil.rmtree(folder.path)


@contextmanager
def folder_to_start(path: Path) -> Iterator[Path]:
    """A run's or race's folder, there once the block has filled it. Raises RunError where none can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(path) as fresh:
            yield fresh
    except OSError as error:
        raise cannot_write(error) from error


def folders_with(file: str, root: Path) -> Iterator[Path]:
    """Of runs or races, which have such a `file`: newest first."""
    # Of thousands of folders, of which few may have the file: a Path for each would take longer than all else.
    for run_id in ids_in(root):
        if os.path.isfile(f"{root}{os.sep}{run_id}{os.sep}{file}"):  # noqa: PTH113
            yield root / run_id


def ids_in(root: Path) -> list[str]:
    """The names that a run or race could have, newest first."""
    try:
        return sorted(filter(RUN_ID.fullmatch, os.listdir(root)), reverse=True)  # noqa: PTH208
    except OSError:  # no folder yet, or none that can be read
        return []


def event_of(line: str) -> dict[str, Any] | None:
    """What a line of events.jsonl says; None for one that was damaged."""
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

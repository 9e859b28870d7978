"""What a list says of one run, with the files that it was read from as they were then."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from playground.catalog.datasets import shown_dataset
from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.errors import PlaygroundError
from playground.runs.event_lines import growing_file
from playground.runs.folder import EVENTS, RunFolder, event_of
from playground.runs.info import RunInfo, created_at, damaged
from playground.runs.own_settings import read_own_settings
from playground.runs.progress import Course, Progress

log = logging.getLogger(__name__)
WEIGHTS = "adapter_model.safetensors"
SETTINGS, SUMMARY, OWNER = "config.yaml", "summary.json", "owner.txt"
FILES = (".", SETTINGS, SUMMARY, OWNER, "name.txt", "waiting")
ADAPTERS = ("adapter", ".adapter-old")  # as `RunFolder.adapter` looks for them
ALL_FILES = {*FILES, EVENTS, *ADAPTERS, *(f"{adapter}/{WEIGHTS}" for adapter in ADAPTERS)}
# A file that was changed just now can be changed once more and look as before: the clocks of files are coarse.
SETTLED_NS = 2 * 10**9

Stamp = tuple[int, int]  # when a file was changed, and its size
Stamps = dict[str, Stamp]  # by its path below the run's folder


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A run as its folder tells of it. `info.status` is how it ended, damaged, or empty.

    `info.error` is why it failed, if that is how it ended; `course`, once asked for, how it went.
    """

    info: RunInfo
    owner: str
    place: int | None  # as `RunFolder.place`
    stamps: Stamps
    course: Course | None = None

    @property
    def run_id(self) -> str:
        return self.info.run_id

    @property
    def has_ended(self) -> bool:
        return bool(self.info.status) and self.place is None

    def is_of(self, folder: str) -> bool:
        """Whether the files are as they were. A file that comes or goes changes the time of its folder."""
        return all(_stamp(f"{folder}{os.sep}{name}") == stamp for name, stamp in self.stamps.items())

    @property
    def is_settled(self) -> bool:
        """Whether a later change is sure to show in a stamp."""
        now = time.time_ns()
        return all(abs(now - changed) > SETTLED_NS for changed, _ in self.stamps.values())


_ENTRY = TypeAdapter(Entry)
_WRITE = json.JSONEncoder(separators=(",", ":")).encode


def line_of(entry: Entry) -> str:
    """The entry as one line of text, from which `entry_of` makes it again."""
    course = entry.course and vars(entry.course)
    return _WRITE({**vars(entry), "info": vars(entry.info), "course": course})


def entry_of(line: str) -> Entry | None:
    """None for a line that no entry was written as."""
    try:
        entry = _ENTRY.validate_json(line, strict=True)
    except ValidationError:
        return None
    return entry if entry.stamps.keys() <= ALL_FILES else None


@dataclass
class Reading:
    """How far the events of a run were read, so that the next look reads only what came since."""

    count: int = 0
    beginning: int = 0
    progress: Progress = field(default_factory=Progress)

    def read_on(self, folder: RunFolder) -> Progress:
        lines = growing_file(folder.path / EVENTS).after(self.count)
        if lines.beginning != self.beginning:
            self.progress = Progress()
            lines = growing_file(folder.path / EVENTS).after(0)
        self.count, self.beginning = lines.total, lines.beginning
        return self.progress.add(event for line in lines.after if (event := event_of(line)) is not None)


def read_entry(folder: RunFolder, reading: Reading) -> Entry | None:
    """None where there is no such run, or no longer. Raises OSError where what is there cannot be read just now."""
    stamps = _stamps(str(folder.path))
    if SETTINGS not in stamps:
        return None
    place = folder.place() if "waiting" in stamps else None
    try:
        info = _info(folder, stamps, place, reading)
    except (PlaygroundError, ValueError) as error:
        if not (folder.path / SETTINGS).exists():
            return None
        log.warning("run %s cannot be read: %s", folder.run_id, error)
        info = damaged(folder, error)
    owner = folder.owner if OWNER in stamps else ""
    return Entry(info=info, owner=owner, place=place, stamps=stamps)


def _info(folder: RunFolder, stamps: Stamps, place: int | None, reading: Reading) -> RunInfo:
    config = RunConfig.from_values(read_own_settings(folder.path / SETTINGS))
    ending = folder.summary() if SUMMARY in stamps else None
    if ending is None:
        stamps |= _found(str(folder.path), [EVENTS])
    summary = ending or reading.read_on(folder).summary()
    status = ending["status"] if ending and place is None else ""
    reason = summary.get("error", "") if status == "failed" else ""  # tried again, it waits beside its old summary
    adapter_bytes = next((size for name, (_, size) in stamps.items() if name.endswith(WEIGHTS)), None)
    return RunInfo(
        run_id=folder.run_id,
        name=(folder.given_name if "name.txt" in stamps else "") or config.name,
        status=status,
        created_at=created_at(folder.run_id),
        base_model=config.base_model,
        task=task_of(config),
        dataset=shown_dataset(config.data.dataset),
        method=config.method.method,
        steps=summary.get("steps", 0),
        eval_loss_base=summary.get("eval_loss_base"),
        eval_loss=summary.get("eval_loss"),
        seconds=summary.get("seconds", 0.0),
        adapter_bytes=adapter_bytes or 0,
        has_adapter=adapter_bytes is not None,
        error=reason,
        error_pt=(reason and summary.get("error_pt")) or reason,
    )


def _stamps(folder: str) -> Stamps:
    """Of all that an entry is read from, before it is read: what changes meanwhile is read again the next time.

    An adapter without its weights may get them without a change of the run's own folder.
    """
    found = _found(folder, FILES)
    for adapter in ADAPTERS:
        weights = _found(folder, [f"{adapter}/{WEIGHTS}"]) or _found(folder, [adapter])
        if weights:
            return found | weights
    return found


def _found(folder: str, names: Iterable[str]) -> Stamps:
    stamps = {name: _stamp(f"{folder}{os.sep}{name}") for name in names}
    return {name: stamp for name, stamp in stamps.items() if stamp}


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - of thousands of files: a Path for each would take longer
    except OSError:
        return None
    return max(found.st_mtime_ns, found.st_ctime_ns), found.st_size  # the latter knows of new rights too

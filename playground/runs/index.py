"""What lists say of each run, kept from one list to the next. The folders stay the truth.

<runs>/.index.jsonl   one line a run, of which the last one counts (playground/runs/entries.py)

A line counts for as long as the files it was read from are as they were: whatever another process, or a hand, did to
a run is seen at the next list. An index that is missing, damaged or of another version is written anew; where nothing
can be written, every process reads the folders for itself.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from playground import __version__
from playground.files import append_line, write_atomically
from playground.runs.entries import Entry, Reading, entry_of, line_of, read_entry
from playground.runs.event_lines import GrowingFile
from playground.runs.folder import RunFolder, ids_in
from playground.runs.progress import Course

log = logging.getLogger(__name__)
HEADER = json.dumps({"index_of_runs": 2, "app": __version__})
SPARE_LINES = 1000  # that no longer count, beside as many as there are runs


@dataclass
class RunIndex:
    """The index of a folder of runs as one process has it; any number of processes may have one of the same folder."""

    root: Path
    _known: dict[str, Entry] = field(default_factory=dict)
    _unsettled: set[str] = field(default_factory=set)  # which may have changed and look as before
    _unwritten: set[str] = field(default_factory=set)
    _readings: dict[str, Reading] = field(default_factory=dict)  # of runs that have not ended
    _lines: tuple[int, int] = (0, 0)  # of the file: how many were read, and since which beginning
    _is_ours: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._file = GrowingFile(self.root / ".index.jsonl")

    def entries(self) -> list[Entry]:
        """Of all runs, newest first, each as it is now."""
        with self._lock:
            self._read()
            found = {run_id: entry for run_id in ids_in(self.root) if (entry := self._current(run_id))}
            for gone in self._known.keys() - found.keys():
                self._keep(gone, None)
            self._write()
            return list(found.values())

    def entry(self, run_id: str) -> Entry | None:
        """Of one run as it is now; None where there is none."""
        with self._lock:
            return self._current(run_id)

    def courses(self, run_ids: Iterable[str]) -> list[Course]:
        """How each of the runs went, as its events tell; of one that is not there an empty one."""
        with self._lock:
            self._read()
            found = [self._course(run_id) for run_id in run_ids]
            self._write()
            return found

    # --- one run ----------------------------------------------------------------------------------

    def _current(self, run_id: str) -> Entry | None:
        known = self._known.get(run_id)
        if known and run_id not in self._unsettled and known.is_of(f"{self.root}{os.sep}{run_id}"):
            return known
        try:
            entry = read_entry(RunFolder(self.root / run_id), self._readings.setdefault(run_id, Reading()))
        except OSError as error:
            log.warning("run %s cannot be read: %s", run_id, error)
            entry = None
        self._keep(run_id, entry)
        return entry

    def _keep(self, run_id: str, entry: Entry | None) -> None:
        for names in (self._unsettled, self._unwritten):
            names.discard(run_id)
        if entry is None:
            self._known.pop(run_id, None)
        else:
            self._known[run_id] = entry
            (self._unwritten if entry.is_settled else self._unsettled).add(run_id)
        if entry is None or entry.has_ended:
            self._readings.pop(run_id, None)

    def _course(self, run_id: str) -> Course:
        entry = self._current(run_id)
        if entry is None:
            return Course()
        if entry.course is not None:
            return entry.course
        reading = Reading() if entry.has_ended else self._readings.setdefault(run_id, Reading())
        try:
            course = reading.read_on(RunFolder(self.root / run_id)).course()
        except OSError:
            return Course()
        if entry.has_ended:
            self._known[run_id] = replace(entry, course=course)
            if run_id not in self._unsettled:
                self._unwritten.add(run_id)
        return course

    # --- the file ---------------------------------------------------------------------------------

    def _read(self) -> None:
        """What was added since, by whichever process."""
        known, beginning = self._lines
        try:
            lines = self._file.after(known)
            if lines.beginning != beginning or not known:
                lines = self._file.after(0)
                self._is_ours = lines.after[:1] == [HEADER]
        except OSError:
            self._is_ours = False
            return
        self._lines = lines.total, lines.beginning
        for entry in map(entry_of, lines.after if self._is_ours else ()):
            if entry and entry.run_id not in self._unwritten:
                self._known[entry.run_id] = entry
                self._unsettled.discard(entry.run_id)

    def _write(self) -> None:
        """Add what is new; where nothing can be written, the next list of another process reads it for itself."""
        settled = self._known.keys() - self._unsettled
        too_long = self._lines[0] > 2 * len(settled) + SPARE_LINES
        try:
            if not settled or not (self._unwritten or too_long):
                return
            if self._is_ours and not too_long:
                append_line(
                    self._file.path, "\n".join(line_of(self._known[name]) for name in self._unwritten & settled)
                )
            else:
                whole = [HEADER, *(line_of(self._known[run_id]) for run_id in settled)]
                write_atomically(self._file.path, "\n".join([*whole, ""]))
        except OSError as error:
            log.info("the index of runs was not written: %s", error)
        self._unwritten.clear()

"""Runs: started, stopped, read, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playground.config import RunConfig
from playground.errors import RunError
from playground.lessons.taken import Taken
from playground.runs.entries import Entry
from playground.runs.folder import UNKNOWN_RUN, RunFolder
from playground.runs.info import RunInfo, differences, matches
from playground.runs.origin import Origin
from playground.runs.trackers import check_trackers
from playground.service.access import Access
from playground.service.run_queue import ACTIVE


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What happened in a run since `since`; `revision` is the next call's `since`."""

    run_id: str
    revision: int
    events: list[dict[str, Any]]
    status: str
    is_live: bool
    queue_position: int = 0  # 0: not waiting
    may_change: bool = True  # whether it is the caller's to stop


class RunCalls(Access):
    """The calls about runs."""

    def start_run(self, config: RunConfig, origin: Origin | None = None, taken: Taken | None = None) -> str:
        """Queue a run; returns its id at once. Training goes on whether or not anybody watches.

        `origin` is what it owes to another run, `taken` the lesson it was started from. Raises ConfigError where it
        could not report to its trackers, and RunError as `RunQueue.start` does.
        """
        check_trackers(config.monitoring)
        return self.queue.start(config, self.visitor().name, origin, taken=taken)

    def resume_run(self, run_id: str) -> str:
        """Queue an interrupted or stopped run again; it goes on from its last checkpoint."""
        self.queue.resume(self._my_run(run_id))
        return run_id

    def waiting_runs(self) -> list[str]:
        """Ids of the caller's runs that were queued when the app ended, in their order."""
        return [folder.run_id for folder in self._waiting()]

    def resume_waiting(self) -> list[str]:
        """Queue all of `waiting_runs` that find room; returns their ids."""
        return self.queue.resume_all(self._waiting())

    def stop_run(self, run_id: str) -> None:
        """Ask a run to stop after the step it is in; its adapter is kept. Stopping twice is harmless.

        A run that has not begun is stopped at once; one of another process is asked through its folder.
        """
        self.queue.stop(self._my_run(run_id))

    def active_run(self) -> str | None:
        """The caller's run that is training, or their next in the queue."""
        return next((folder.run_id for folder in self.worker.folders() if self._is_mine(folder)), None)

    def others_train(self) -> bool:
        """Whether the run that is training is somebody else's, of which no more is told."""
        return any(not self._is_mine(folder) for folder in self.worker.folders()[:1])

    def progress(self, run_id: str, since: int = 0) -> Progress:
        folder = self.store.open(run_id)
        # The status is read first: events that arrive in between are sent now, not lost.
        status = self.queue.status(folder)
        events, revision = folder.read_since(since)
        return Progress(
            run_id=run_id,
            revision=revision,
            events=events,
            status=status,
            is_live=status in ACTIVE,
            queue_position=self.worker.queue_position(run_id) or 0,
            may_change=self._is_mine(folder),
        )

    def run_info(self, run_id: str) -> RunInfo:
        entry = self.index.entry(self.store.open(run_id).run_id)
        if entry is None:
            raise RunError(UNKNOWN_RUN, run_id=repr(run_id))
        return self._line(entry, self._held())

    def my_run_info(self, run_id: str) -> RunInfo:
        """As `run_info`. Raises RunError for somebody else's run too."""
        return self.run_info(self._my_run(run_id).run_id)

    def list_runs(self, search: str = "") -> list[RunInfo]:
        """Newest first; `search` matches name, model, data set, method, status or id."""
        visitor, held = self.visitor(), self._held()
        mine = (entry for entry in self.index.entries() if visitor.is_owner or entry.owner == visitor.name)
        return matches((self._line(entry, held) for entry in mine), search)

    def small_curves(self, infos: Sequence[RunInfo]) -> list[tuple[float, ...]]:
        """Each run's training loss in small, of runs that were listed; nothing for one that was deleted since."""
        return [course.curve for course in self.index.courses([info.run_id for info in infos])]

    def config_of(self, run_id: str) -> RunConfig:
        return self.store.open(run_id).config

    def differences(self, run_ids: list[str]) -> list[tuple[str, list[Any]]]:
        """The settings in which the runs differ: (dotted name, one value a run)."""
        return differences([self.config_of(run_id) for run_id in run_ids])

    def rename_run(self, run_id: str, name: str) -> None:
        self.page.check()
        self._my_run(run_id).rename(name)

    def delete_run(self, run_id: str) -> None:
        self.queue.delete(self._my_run(run_id))

    def export_adapter(self, run_id: str, into: Path) -> Path:
        """As `RunFolder.zip_adapter`."""
        return self.store.open(run_id).zip_adapter(into)

    def _waiting(self) -> list[RunFolder]:
        return [folder for folder in self.queue.waiting() if self._is_mine(folder)]

    def _held(self) -> dict[str, str]:
        """What this process is doing with which runs."""
        return {folder.run_id: "queued" if place else "running" for place, folder in enumerate(self.worker.folders())}

    def _line(self, entry: Entry, held: Mapping[str, str]) -> RunInfo:
        """The entry as it is told; of a run that has not ended only its claim says what is being done with it."""
        run_id, info = entry.run_id, entry.info
        if info.status == "damaged":
            return info
        status = held.get(run_id) or info.status
        if not status:
            claimed = RunFolder(self.runs_dir / run_id).is_claimed()
            # It may have ended since: whoever had it wrote that before giving it back.
            entry = entry if claimed else self.index.entry(run_id) or entry
            info = entry.info
            unended = ("queued", "waiting") if entry.place is not None else ("running", "interrupted")
            status = info.status or unended[not claimed]
        return self._shown(info if info.status == status else replace(info, status=status))

"""Training that lasts until a test lets it end, in place of `playground.runs.session`: no model, no library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from playground.runs.folder import RunFolder


class HeldTraining:
    """`begun` lists the runs that were handed to it; `fails_with` maps a run to what escapes from it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.fails_with: dict[str, BaseException] = {}
        self._may_end = threading.Event()
        self._begins = threading.Condition()

    def run(self, folder: RunFolder, should_stop: Callable[[], bool], *_: Any) -> dict[str, Any]:
        with self._begins:
            self.begun.append(folder.run_id)
            self._begins.notify_all()
        if error := self.fails_with.get(folder.run_id):
            raise error
        while not should_stop() and not self._may_end.wait(0.01):
            pass
        summary = {"status": "stopped" if should_stop() else "finished", "steps": 3, "error": ""}
        folder.finish(summary)
        return summary

    def let_go(self) -> None:
        self._may_end.set()

    def wait_for(self, run_id: str) -> None:
        """Until the run has begun."""
        with self._begins:
            assert self._begins.wait_for(lambda: run_id in self.begun, timeout=20), f"{run_id} never began"

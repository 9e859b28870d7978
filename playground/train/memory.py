"""How much memory a run takes."""

from __future__ import annotations

import threading

import psutil
import torch


def memory_bytes() -> int:
    """Memory in use: of the CUDA device if there is one, else of this process."""
    if torch.cuda.is_available():
        return int(torch.cuda.memory_allocated())
    return int(psutil.Process().memory_info().rss)


class PeakMemory:
    """Highest memory in use between entering and leaving; a thread looks ten times a second."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory", daemon=True)

    def __enter__(self) -> None:
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if torch.cuda.is_available():
            self.bytes = int(torch.cuda.max_memory_allocated())

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.bytes = max(self.bytes, memory_bytes())

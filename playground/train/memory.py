"""How much memory a run takes."""

from __future__ import annotations

import gc
import threading

import psutil
import torch

from playground.environment import give_back_freed_memory


def memory_bytes() -> int:
    """Memory in use: of the CUDA device if there is one, else of this process."""
    if torch.cuda.is_available():
        return int(torch.cuda.memory_allocated())
    return int(psutil.Process().memory_info().rss)


def own_bytes() -> int:
    """`memory_bytes` without the pages of files, such as libraries, which come in with the first call of a function."""
    if torch.cuda.is_available():
        return memory_bytes()
    found = psutil.Process().memory_info()
    return int(found.rss - getattr(found, "shared", 0))  # only Linux tells them apart


class PeakMemory:
    """Highest memory in use between entering and leaving; a thread looks every `interval` seconds.

    `above_level` is the highest of `own_bytes` since `mark_level`, less what was in use then or is still in use
    at the end, whichever is more. A process that has trained before, or keeps a base in memory, starts higher;
    one that trains for the first time ends higher, with what the libraries keep for good. Neither is the run's own.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self.bytes = 0
        self.interval = interval
        self.above_level = 0
        self._level: int | None = None
        self._highest = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak-memory", daemon=True)

    def __enter__(self) -> PeakMemory:
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if torch.cuda.is_available():
            highest = int(torch.cuda.max_memory_allocated())
            self._note(highest, highest)
        if self._level is not None:
            self.above_level = max(0, self._highest - max(self._level, _settled_bytes()))

    def mark_level(self) -> None:
        """From here on `above_level` counts."""
        self._level = self._highest = _settled_bytes()
        if torch.cuda.is_available():
            self.bytes = max(self.bytes, int(torch.cuda.max_memory_allocated()))
            torch.cuda.reset_peak_memory_stats()

    def _watch(self) -> None:
        while not self._over.wait(self.interval):
            self._note(memory_bytes(), own_bytes())

    def _note(self, found: int, own: int) -> None:
        self.bytes = max(self.bytes, found)
        self._highest = max(self._highest, own)


def _settled_bytes() -> int:
    """`own_bytes` once everything that is no longer used has been given back."""
    gc.collect()
    give_back_freed_memory()
    return own_bytes()

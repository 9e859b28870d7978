"""How much memory a run takes."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading

import psutil
import torch


def memory_bytes() -> int:
    """Memory in use: of the CUDA device if there is one, else of this process."""
    if torch.cuda.is_available():
        return int(torch.cuda.memory_allocated())
    return int(psutil.Process().memory_info().rss)


class PeakMemory:
    """Highest memory in use between entering and leaving; a thread looks ten times a second.

    `above_level` is the highest since `mark_level`, less what was in use then: a process that has trained
    before, or keeps a base in memory, starts higher, and that is not the run's own doing.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self.above_level = 0
        self._level: int | None = None
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
            self._note(int(torch.cuda.max_memory_allocated()))

    def mark_level(self) -> None:
        """From here on `above_level` counts; what is no longer used is given back first."""
        gc.collect()
        _give_back_freed_memory()
        if torch.cuda.is_available():
            self.bytes = max(self.bytes, int(torch.cuda.max_memory_allocated()))
            torch.cuda.reset_peak_memory_stats()
        self._level = memory_bytes()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self._note(memory_bytes())

    def _note(self, found: int) -> None:
        self.bytes = max(self.bytes, found)
        if self._level is not None:
            self.above_level = max(self.above_level, found - self._level)


def _give_back_freed_memory() -> None:
    """glibc keeps what a program frees, and counts it as in use; other systems' allocators have no such call."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # absent from musl
        if trim is not None:
            trim(0)

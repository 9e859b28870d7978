"""What a run's peak memory counts, with a process whose memory is made up."""

from __future__ import annotations

import threading

import pytest

from playground.train import memory
from playground.train.memory import PeakMemory


class Process:
    """Its memory is what the test says; it knows when somebody looked."""

    def __init__(self) -> None:
        self.bytes = 0
        self.looked = threading.Event()

    def look(self) -> int:
        found = self.bytes
        self.looked.set()
        return found

    def use(self, count: int) -> None:
        """Use so much until the watching thread has seen it for sure."""
        self.bytes = count
        for _ in range(2):  # the first look may have begun before
            self.looked.clear()
            assert self.looked.wait(10)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    found = Process()
    monkeypatch.setattr(memory, "memory_bytes", found.look)
    monkeypatch.setattr(memory, "own_bytes", found.look)
    return found


def test_what_was_in_use_before_the_adapter_is_not_the_runs_doing(process: Process) -> None:
    peak = PeakMemory()
    with peak:
        process.use(900)  # loading a base takes more than keeping it
        process.use(500)
        peak.mark_level()
        process.use(700)
        process.use(500)
    assert (peak.bytes, peak.above_level) == (900, 200)


def test_what_the_libraries_keep_for_good_is_not_the_runs_doing(process: Process) -> None:
    peak = PeakMemory()
    with peak:
        process.use(500)
        peak.mark_level()
        process.use(950)
        process.use(600)
    assert (peak.bytes, peak.above_level) == (950, 350)


def test_a_run_that_never_attached_an_adapter_took_nothing_above_its_base(process: Process) -> None:
    peak = PeakMemory()
    with peak:
        process.use(900)
    assert (peak.bytes, peak.above_level) == (900, 0)

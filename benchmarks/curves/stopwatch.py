"""Seconds that a call takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

TIMES = 5  # of which the median counts


def seconds(call: Callable[[], Any]) -> float:
    """Once: of what is new to a process."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def median_seconds(call: Callable[[], Any]) -> float:
    return statistics.median(seconds(call) for _ in range(TIMES))

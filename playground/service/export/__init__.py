"""Runs taken away, adapters brought in, and what was taken away executed again."""

from __future__ import annotations

from playground.service.export.bring import BringCalls
from playground.service.export.take_away import TakeAwayCalls


class ExportCalls(TakeAwayCalls, BringCalls):
    """All calls of the room `export`."""

"""What an adapter learned: its knobs, and the views of where it sits and what it changed."""

from __future__ import annotations

from playground.service.inside.control import ControlCalls
from playground.service.inside.views import ViewCalls

__all__ = ["InsideCalls"]


class InsideCalls(ViewCalls, ControlCalls):
    """The calls of the room `inside`. Those that yield a BusyError say with it for whom they wait."""

"""What every tab may reach beyond itself: the other tabs, and the run that the live view shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import gradio as gr
from gradio.blocks import Block

from playground.ui.parts.job import Shown

Room = TypeVar("Room")


@dataclass(frozen=True)
class Shell:
    """`rooms` are the page's tabs, each an object of its own class."""

    tabs: gr.Tabs
    watched: gr.State  # a run id, or None
    rooms: Sequence[object] = ()

    def room(self, kind: type[Room]) -> Room:
        return next(room for room in self.rooms if isinstance(room, kind))

    @property
    def live(self) -> list[Block]:
        """What `watch` changes."""
        return [self.watched, self.tabs]

    def watch(self, run_id: str | None) -> Shown:
        """Show a run in the live view."""
        return {self.watched: run_id, self.tabs: gr.Tabs(selected="train")}

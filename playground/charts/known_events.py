"""The events of a run, asked for by kind at every look: each look costs what is new in it, however long the run."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, overload

Event = dict[str, Any]


class KnownEvents(Sequence[Event]):
    """Events in their order, to which more are added at the end."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._all: list[Event] = []
        self._by_kind: defaultdict[str, list[Event]] = defaultdict(list)
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self.first_ranked: int | None = None  # the place of the first step that tells the ranks in use
        self.extend(events)

    def extend(self, events: Iterable[Event]) -> None:
        for event in events:
            if self.first_ranked is None and event.get("active_rank") is not None:
                self.first_ranked = len(self._all)
            self._places[event["event"]].append(len(self._all))
            self._by_kind[event["event"]].append(event)
            self._all.append(event)

    def of_kind(self, kind: str) -> list[Event]:
        """Not to be changed: it grows with the events."""
        return self._by_kind[kind]

    def count_before(self, place: int, kind: str) -> int:
        """How many of the events before a place are of a kind."""
        return bisect_left(self._places[kind], place)

    def __len__(self) -> int:
        return len(self._all)

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        return self._all[place]

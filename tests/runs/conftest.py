"""Runs that are listed: as if their files had been written long ago, and with note of what is read."""

from __future__ import annotations

import pytest

from playground.runs import entries, index
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.runs.listed import ended
from tests.service.queued import create


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each had been written long ago; a test of what was written just now says so."""
    monkeypatch.setattr(entries, "SETTLED_NS", -1)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose folders were read."""
    found: list[str] = []
    own = index.read_entry
    monkeypatch.setattr(index, "read_entry", lambda folder, *rest: found.append(folder.run_id) or own(folder, *rest))
    return found


@pytest.fixture
def runs(playground: Playground) -> list[RunFolder]:
    """Ten runs that ended, newest first as they are listed."""
    for number in range(10):
        ended(create(playground, f"run {number}"), eval_loss=1 + number / 10)
    return list(playground.store)

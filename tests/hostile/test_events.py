"""Every event that `/config` names, against the whole table of hostile values. A new event needs no line here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from playground.worker import BUSY_TRAINING
from tests.hostile.client import Ended, Event, Visitor, fault_of
from tests.hostile.conftest import Server
from tests.hostile.values import rows, table

SECONDS = 3.0  # for one call on a server that trains; whatever takes longer is at fault or is really at work
LONG_RUN = """
name: long
data: {dataset: notes-to-json}
training: {max_steps: 100000, batch_size: 256, eval_every: 100000, eval_examples: 1}
"""
SHORT_RUN = """
name: afterwards
data: {dataset: notes-to-json}
training: {max_steps: 2, batch_size: 4, eval_examples: 2}
"""
BUSY = BUSY_TRAINING.en.partition("{")[0]


@pytest.fixture
def busy_server(space_server: Server) -> Iterator[Server]:
    """A run trains for as long as the test lasts: what starts work is refused or queued, and costs nothing."""
    starter = space_server.visitor()
    run_id = starter.call("start_run", LONG_RUN).data[0]
    space_server.wait_for(starter, run_id, lambda known: (known["last_event"] or {}).get("event") == "StepLogged")
    yield space_server
    space_server.end_runs(120)


def hostile_calls(server: Server, event: Event, calls: list[tuple[str, list[Any]]]) -> tuple[Counter[str], list[Ended]]:
    """What went wrong when one event was called by a browser that was never here before; and how each call ended."""
    browser = server.visitor()
    before = server.started()
    names, inputs = [name for name, _ in calls], [row for _, row in calls]
    # A call that starts a run is stopped before the next one: only then is its run still this browser's latest.
    ended = browser.send(event, inputs[:1], seconds=SECONDS)
    if server.started() == before:
        ended += browser.send(
            event, inputs[1:], event_data=inputs[1:] if event.takes_event_data else (), seconds=SECONDS
        )
    else:
        for row in inputs[1:]:
            stop_what_it_started(browser, server)
            ended += browser.send(event, [row], seconds=SECONDS)
        stop_what_it_started(browser, server)
    faults = Counter(f"{name}: {fault}" for name, end in zip(names, ended, strict=True) if (fault := fault_of(end)))
    faults.update(browser.leaks)
    faults.update(browser.crashes)
    faults.update(f"a copy of the secret lies among the uploads: {path.name}" for path in server.copies_of_the_secret())
    browser.close()
    return faults, ended


def stop_what_it_started(browser: Visitor, server: Server) -> None:
    for event in server.events:
        if event.name.startswith("stop") and not event.positions():
            browser.send(event, [[None] * len(event.inputs)])


def share_of(event: Event, server: Server, calls: list[tuple[str, list[Any]]]) -> list[tuple[str, list[Any]]]:
    """Events of one function share its calls: eight buttons that do the same need not all be asked everything."""
    same = [other.index for other in server.events if other.handler == event.handler]
    return calls[same.index(event.index) :: len(same)] or calls[:1]


def test_no_event_lets_anybody_in_or_stands_still(busy_server: Server, subtests: pytest.Subtests) -> None:
    server = busy_server
    classes = table(server.secret, server.hidden, server.address)
    would_work: list[Event] = []
    for event in server.events:
        t = time.monotonic()
        calls = share_of(event, server, list(rows(event, classes, server.secret)))
        faults, ended = hostile_calls(server, event, calls)
        print(
            f"{time.monotonic() - t:.2f}",
            event.index,
            event.name,
            len(ended),
            sum(not e.finished for e in ended),
            len(faults),
            server.started(),
            flush=True,
        )
        if any(BUSY in (end.message or "") for end in ended):
            would_work.append(event)
        check(server, event.name, faults, subtests)
    assert len(server.events) > 100
    assert would_work, "nothing was refused because a run trains: the events that use a model were not found"
    server.end_runs(120)
    for event in would_work:
        t = time.monotonic()
        calls = list(rows(event, classes, server.secret))
        faults, ended = hostile_calls(server, event, [calls[0], calls[event.index % len(calls)], calls[-2]])
        print(
            f"{time.monotonic() - t:.2f}",
            event.index,
            event.name,
            len(ended),
            sum(not e.finished for e in ended),
            len(faults),
            flush=True,
        )
        check(server, f"{event.name}, and no run trains", faults, subtests)
    server.end_runs(120)
    with subtests.test("a run still trains"):
        browser = server.visitor()
        run_id = browser.call("start_run", SHORT_RUN).data[0]
        server.wait_for(browser, run_id, lambda known: known["status"] == "finished")


def check(server: Server, name: str, faults: Counter[str], subtests: pytest.Subtests) -> None:
    was_frozen = server.revive()
    with subtests.test(name):
        assert not was_frozen, "the server no longer answered"
        assert server.visitor().seconds_of_page() < 1.0
        assert not faults, "\n".join(fault[:300] for fault in faults)

"""Every event that `/config` names, against the whole table of hostile values. A new event needs no line here."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.hostile.client import Ended, Event, Visitor, fault_of
from tests.hostile.conftest import Server
from tests.hostile.values import rows, table

pytestmark = pytest.mark.alone

SECONDS = 3.0  # for one call; whatever takes longer is really at work, and is cancelled
SHORT_RUN = """
name: short
data: {dataset: notes-to-json}
training: {max_steps: 2, batch_size: 4, eval_examples: 2}
"""
LONG_RUN = """
name: long
data: {dataset: notes-to-json}
training: {max_steps: 100000, batch_size: 256, eval_every: 100000, eval_examples: 1}
"""
Calls = list[tuple[str, list[Any]]]


def test_no_event_lets_anybody_in_or_stands_still(space_server: Server, subtests: pytest.Subtests) -> None:
    server = space_server
    train(server, SHORT_RUN, "finished")  # the libraries are loaded
    classes = table(server.secret, server.hidden, server.address)
    calls = {event.index: share_of(event, server, list(rows(event, classes, server.secret))) for event in server.events}
    assert len(calls) > 100
    # While a run trains, what needs a model is refused or queued once it has read its inputs: no work to wait for.
    train(server, LONG_RUN, "running")
    for event in server.events:
        check(server, event, calls[event.index], subtests)
    server.end_runs(120)
    with subtests.test("a run still trains"):
        train(server, SHORT_RUN, "finished")


def share_of(event: Event, server: Server, calls: Calls) -> Calls:
    """Events of one function share its calls: eight buttons that do the same need not all be asked everything."""
    same = [other.index for other in server.events if other.handler == event.handler]
    return calls[same.index(event.index) :: len(same)] or calls[:1]


def check(server: Server, event: Event, calls: Calls, subtests: pytest.Subtests) -> None:
    """The calls of one event by a browser that was never here before, and how the server is afterwards."""
    browser = server.visitor()
    ended = call_all(browser, server, event, calls)
    was_frozen = server.revive()
    copies = server.copies_of_the_secret()
    with subtests.test(event.name):
        assert not was_frozen, "the server no longer answered"
        assert browser.seconds_of_page() < 1.0
        assert browser.leaks == []
        assert browser.crashes == []
        assert copies == [], "what nobody uploaded lies among the uploads"
        faults = [f"{name}: {fault}" for (name, _), end in zip(calls, ended, strict=True) if (fault := fault_of(end))]
        assert not faults, "\n".join(f"{count} × {fault[:300]}" for fault, count in Counter(faults).items())
    browser.close()


def call_all(browser: Visitor, server: Server, event: Event, calls: Calls) -> list[Ended]:
    """How each call ended. A run that one of them starts is stopped before the next: later it is not the latest."""
    inputs = [row for _, row in calls]
    chosen = inputs if event.takes_event_data else []
    before = server.started()
    ended = browser.send(event, inputs[:1], chosen[:1], seconds=SECONDS)
    if server.started() == before:
        return ended + browser.send(event, inputs[1:], chosen[1:], seconds=SECONDS)
    for row in inputs[1:]:
        server.stop_what_started(browser)
        ended += browser.send(event, [row], seconds=SECONDS)
    server.stop_what_started(browser)
    return ended


def train(server: Server, settings: str, status: str) -> None:
    browser = server.visitor()
    ended = browser.call("start_run", settings)
    assert ended.data is not None, ended.message
    server.wait_for(browser, ended.data[0], lambda known: known["status"] == status)
    browser.close()

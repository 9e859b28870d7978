"""Whose run it is: among visitors, a browser sees and changes only what it started; a link lets anybody read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.client import Event, Visitor
from tests.hostile.conftest import Server

pytestmark = pytest.mark.server

NAME = "Confidential-Merger-77"  # of the first visitor's run
SETTINGS = f"""
name: {NAME}
data: {{dataset: notes-to-json}}
training: {{max_steps: 2, batch_size: 2, eval_examples: 2}}
"""
LONG = SETTINGS.replace("max_steps: 2", "max_steps: 100000").replace("batch_size: 2", "batch_size: 128")


@pytest.fixture(scope="module")
def first(space_server: Server) -> Iterator[Visitor]:
    browser = space_server.visitor()
    browser.get("/en/")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def run_id(space_server: Server, first: Visitor) -> str:
    """A run that the first visitor trained to its end."""
    found = first.call("start_run", SETTINGS).data[0]
    space_server.wait_for(first, found, lambda known: known["status"] == "finished")
    return str(found)


@pytest.fixture
def long_run(space_server: Server, first: Visitor, run_id: str) -> Iterator[str]:
    """A run of the first visitor that trains now."""
    found = first.call("start_run", LONG).data[0]
    space_server.wait_for(first, found, lambda known: known["status"] == "running")
    yield found
    space_server.end_runs(60)


def each_handler(visitor: Visitor) -> list[Event]:
    """The page's events, one of those that gradio made of one function."""
    events = visitor.events
    return [event for event in events if event.handler not in {e.handler for e in events if e.index < event.index}]


def listed(browser: Visitor) -> list[str]:
    return [info["run_id"] for info in browser.call("list_runs").data[0]]


@pytest.fixture(scope="module")
def owners_run(own_server: Server) -> str:
    return str(own_server.visitor().call("start_run", SETTINGS).data[0])


def test_the_owner_lists_every_run_in_every_browser(owner: Visitor, owners_run: str) -> None:
    assert owners_run in listed(owner)


def test_a_run_is_listed_for_the_browser_that_started_it(first: Visitor, visitor: Visitor, run_id: str) -> None:
    assert run_id in listed(first)
    assert listed(visitor) == []


def test_who_has_the_link_may_read(visitor: Visitor, run_id: str) -> None:
    known = visitor.call("run_status", run_id).data[0]
    assert known["status"] == "finished"
    assert known["name"] == NAME


@pytest.mark.parametrize("value", ["", "x", "{cookie}x", "{half}", "a.b.c", "{cookie}; playground_visitor=x", "\\x00"])
def test_a_forged_cookie_is_a_new_visitor(space_server: Server, first: Visitor, run_id: str, value: str) -> None:
    cookie = first.cookies["playground_visitor"]
    forged = space_server.visitor()
    forged.cookies["playground_visitor"] = value.format(cookie=cookie, half=cookie[: len(cookie) // 2])
    assert listed(forged) == []
    forged.close()


def test_the_own_cookie_is_known_again_in_another_session(space_server: Server, first: Visitor, run_id: str) -> None:
    again = space_server.visitor()
    again.cookies.update(first.cookies)
    assert run_id in listed(again)
    again.close()


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"]
)
def test_what_came_through_a_proxy_is_not_the_owner(own_server: Server, owners_run: str, header: str) -> None:
    proxied = own_server.visitor(**{header: "127.0.0.1"})
    assert listed(proxied) == []
    folder = f"base_model: {own_server.model}\ndata: {{dataset: notes-to-json}}"
    assert not proxied.call("start_run", folder).success
    proxied.close()


def test_a_name_beyond_loopback_makes_everybody_a_visitor(named_server: Server) -> None:
    one, other = named_server.visitor(), named_server.visitor()
    found = one.call("start_run", SETTINGS).data[0]
    assert found in listed(one)
    assert listed(other) == []
    named_server.end_runs()


def test_no_event_names_anothers_run(
    space_server: Server, visitor: Visitor, first: Visitor, long_run: str, run_id: str, subtests: pytest.Subtests
) -> None:
    """Every event of the page with its initial values, while the first visitor's run trains."""
    for event in each_handler(visitor):
        before = space_server.started()
        (ended,) = visitor.send(event, [event.initial], seconds=5)
        if space_server.started() > before:
            space_server.stop_what_started(visitor)
        with subtests.test(event.name):
            for secret in (NAME, run_id, long_run):
                assert secret not in ended.text


def test_no_event_changes_anothers_run(
    space_server: Server, visitor: Visitor, first: Visitor, long_run: str, run_id: str
) -> None:
    """Every event with the run's id wherever a text can be: nothing of the folder is changed, and it still trains."""
    settled = {path: path.read_bytes() for path in (space_server.runs / run_id).rglob("*") if path.is_file()}
    for event in each_handler(visitor):
        places = [p for p in event.positions() if event.inputs[p]["type"] in ("dropdown", "textbox", "api")]
        values = [value for found in (run_id, long_run) for value in (found, [found])]
        if len(places) <= 6:
            visitor.send(
                event,
                [[value if p in places else v for p, v in enumerate(event.initial)] for value in values],
                seconds=5,
            )
    assert {path: path.read_bytes() for path in (space_server.runs / run_id).rglob("*") if path.is_file()} == settled
    assert first.call("run_status", long_run).data[0]["status"] == "running"
    assert run_id in listed(first)
    assert not (space_server.runs / long_run / "stop").exists()


def test_the_link_of_a_run_opens_it_without_its_controls(visitor: Visitor, first: Visitor, long_run: str) -> None:
    """`?run=ID` shows the run; the Stop button behind it stops nothing."""
    event = visitor.event("open")
    answer = visitor.post(
        visitor.api(f"queue/join?run={long_run}"),
        {"data": event.initial, "fn_index": event.index, "session_hash": visitor.session},
    )
    assert answer.status_code == 200
    list(visitor.stream())
    visitor.call("stop")
    assert first.call("run_status", long_run).data[0]["status"] == "running"


def test_its_own_browser_stops_a_run(first: Visitor, long_run: str, space_server: Server) -> None:
    event = first.event("open")
    first.post(
        first.api(f"queue/join?run={long_run}"),
        {"data": event.initial, "fn_index": event.index, "session_hash": first.session},
    )
    list(first.stream())
    space_server.stop_what_started(first)
    known: Any = space_server.wait_for(first, long_run, lambda known: known["status"] not in ("queued", "running"))
    assert known["status"] == "stopped"

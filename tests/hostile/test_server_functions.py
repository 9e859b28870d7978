"""What components ask past the events: anybody can send anything there, and reaches no more than the page does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.hostile.client import FROM_INSIDE, Visitor
from tests.hostile.conftest import Server
from tests.hostile.values import table

pytestmark = pytest.mark.server

SETTINGS = "{name: Confidential-Merger-78, data: {dataset: notes-to-json}, training: {max_steps: 100000}}"
FIRST_LOOK = {"since": None, "part": 0, "axis": "step"}
FIRST_PAGE = {"search": "", "sort": "created", "descending": True, "page": 0, "filters": {}, "chosen": []}
QUESTIONS: dict[str, dict[str, Any]] = {"news": {**FIRST_LOOK, "run_id": "x"}, "rows": FIRST_PAGE, "training": {}}


def functions(visitor: Visitor) -> Iterator[tuple[int, str]]:
    """The component and the name of each function that a script of the page may call."""
    for component in visitor.config["components"]:
        for name in component["props"].get("server_fns") or component.get("server_fns") or ():
            yield component["id"], name


def ask(visitor: Visitor, component: int, name: Any, data: Any) -> httpx.Response:
    body = {"data": data, "component_id": component, "fn_name": name, "session_hash": visitor.session}
    return visitor.post(visitor.api("component_server/"), body)


def function(visitor: Visitor, wanted: str) -> int:
    return next(component for component, name in functions(visitor) if name == wanted)


def test_hostile_values_are_refused_in_words_and_break_nothing(visitor: Visitor, space_server: Server) -> None:
    values = table(space_server.secret, space_server.hidden, space_server.address)
    assert {name for _, name in functions(visitor)} == QUESTIONS.keys()
    for component, name in functions(visitor):
        for turn, (kind, value) in enumerate((kind, value) for kind, hostile in values.items() for value in hostile):
            known = QUESTIONS[name]
            question = {**known, [*known][turn % len(known)]: value} if known else value
            answer = ask(visitor, component, name, question)
            assert answer.status_code in (200, 400, 413), (name, kind, str(value)[:80])
            assert not FROM_INSIDE.search(answer.text), (name, kind, answer.text[:200])


@pytest.mark.parametrize(
    "name",
    ["__init__", "__class__", "preprocess", "postprocess", "push_to_hub", "turned", "", "news.__call__"],
)
def test_nothing_else_of_a_component_can_be_called(visitor: Visitor, name: str) -> None:
    assert ask(visitor, function(visitor, "news"), name, [None]).status_code in (400, 404)


@pytest.mark.parametrize("component", [-1, 10**9, 2**70])
def test_an_unknown_component_is_refused(visitor: Visitor, component: int) -> None:
    assert 400 <= ask(visitor, component, "news", {"run_id": "x", **FIRST_LOOK}).status_code < 500


def test_a_stranger_is_told_of_no_run_and_may_read_one_by_its_link(space_server: Server, visitor: Visitor) -> None:
    first = space_server.visitor()
    run_id = first.call("start_run", SETTINGS).data[0]
    space_server.wait_for(first, run_id, lambda known: known["status"] == "running")
    mine = ask(first, function(first, "training"), "training", []).json()
    assert mine["run_id"] == run_id
    others = ask(visitor, function(visitor, "training"), "training", [])
    assert others.json()["run_id"] is None
    assert "Confidential" not in others.text
    ticked = {**FIRST_PAGE, "chosen": [run_id]}
    assert ask(first, function(first, "rows"), "rows", ticked).json()["chosen"] == {run_id: "Confidential-Merger-78"}
    listed = ask(visitor, function(visitor, "rows"), "rows", ticked)
    assert (listed.json()["rows"], listed.json()["chosen"]) == ([], {})
    assert "Confidential" not in listed.text
    by_link = ask(visitor, function(visitor, "news"), "news", {"run_id": run_id, **FIRST_LOOK}).json()
    assert by_link["status"]["name"] == "Confidential-Merger-78"
    first.close()

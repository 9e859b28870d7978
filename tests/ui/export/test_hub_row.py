"""Sending to the Hub from the Runs tab: its fields come with its kind, and what was typed as a token shows nowhere."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.service import Playground
from playground.service.visitor import Visitor
from playground.ui.export.panel import Asked, TakeAway
from tests.hub_standin import TOKEN


@pytest.fixture
def panel(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> TakeAway:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(Playground, "check_export", lambda *_: None)
    visited = Playground(playground.runs_dir, visitor=lambda: Visitor("somebody"))
    with gr.Blocks():
        return TakeAway(visited, "en")


def asked(panel: TakeAway, **fields: Any) -> Asked:
    values = {"kind": "hub", "repo_id": "me/name", "token": TOKEN, "is_public": False, **fields}
    return panel.check(chosen=["20261126-061500-0c4d5e6f7a8b"], **values)


def test_the_fields_come_and_go_with_the_kind(panel: TakeAway) -> None:
    assert [panel.describe(kind)[panel.hub].visible for kind in ("hub", "card", None, ["hub"])] == [
        True, False, False, False,
    ]  # fmt: skip


def test_a_token_that_was_typed_is_not_shown_by_what_holds_it(panel: TakeAway) -> None:
    found = asked(panel)
    assert (found.token, found.repo_id, found.is_public) == (TOKEN, "me/name", False)
    assert TOKEN not in repr(found)
    assert panel.token.type == "password"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"token": ""}, "Type a token of your own"),
        ({"token": None}, "Type a token of your own"),
        ({"token": ["x"] * 1000}, "This is no token"),
        ({"repo_id": None}, "is no name of a repository"),
        ({"repo_id": "<b>/../x"}, "is no name of a repository"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_the_click(panel: TakeAway, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError, match=message) as raised:
        asked(panel, **fields)
    assert TOKEN not in str(raised.value)


def test_other_kinds_ask_for_none_of_it(panel: TakeAway) -> None:
    assert asked(panel, kind="card", repo_id="", token="") == Asked("20261126-061500-0c4d5e6f7a8b", "card")

"""A form comes to rest: no two listeners of one event call each other."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import gradio as gr
import pytest

from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.feedback import shows_errors, tells_errors
from playground.ui.page import build_ui


def shared_events(page: gr.Blocks) -> dict[tuple[int, str], list[str]]:
    """Events with a listener of which the last call counts, and others: gradio's page would call all of them again.

    Not those of a state: their listeners are called one by one.
    """
    listeners: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for listener in page.fns.values():
        for component, event in listener.targets:
            if component is not None and not isinstance(page.blocks.get(component), gr.State):
                listeners[component, event].append(listener)
    return {
        event: [f"{each.fn}" for each in together]
        for event, together in listeners.items()
        if len(together) > 1 and any(each.trigger_mode == "always_last" for each in together)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listener_of_which_the_last_call_counts_is_alone_on_its_events(
    playground: Playground, language: Language
) -> None:
    assert shared_events(build_ui(playground, language)) == {}


def test_what_the_rule_looks_for_is_seen() -> None:
    with gr.Blocks() as page:
        box = gr.Textbox()
        box.change(str.upper, box, box)
        box.change(str.lower, box, box)
    assert list(shared_events(page)) == [(box._id, "change")]


def test_no_event_of_a_whole_form_is_shown_on_all_its_inputs(playground: Playground) -> None:
    """gradio's page renews what such an event ever filled at each event that follows."""
    for listener in build_ui(playground, "en").fns.values():
        shown_on = listener.outputs if listener.show_progress_on is None else listener.show_progress_on
        assert len(shown_on) <= 40, listener.fn


def forgetful(page: gr.Blocks) -> list[str]:
    """Listeners of which the last call counts and that fail: gradio's page then forgets the call that waits."""
    return [
        f"{listener.fn}"
        for listener in page.fns.values()
        if listener.trigger_mode == "always_last"
        and listener.fn
        and getattr(listener.fn, "__code__", forgetful.__code__).co_qualname.startswith("shows_errors.")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listener_of_which_the_last_call_counts_does_not_fail(playground: Playground, language: Language) -> None:
    assert forgetful(build_ui(playground, language)) == []


def test_one_that_fails_is_seen() -> None:
    with gr.Blocks() as page:
        box = gr.Textbox()
        box.change(shows_errors("en")(str.upper), box, box)
        box.input(shows_errors("en")(str.lower), box, box)
        box.change(tells_errors("en")(str.title), box, box)
    assert len(forgetful(page)) == 1

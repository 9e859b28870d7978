"""A step between an event and those who listen to it, for components that several listen to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.events import Dependency

# gradio's page fills a form field by field: a listener on the first of them would send what stood in all others before.
SETTLED_JS = "() => new Promise((settled) => setTimeout(settled, 100))"


def relay(events: Sequence[Callable[..., Any]], js: str | None = None) -> Dependency:
    """Happens at each of the events, in the page alone, and when `js` is done. Whoever listens hangs on its `.then`.

    When a listener of which the last call counts (`always_last`, and every `change` unless said otherwise) was called
    while it was busy, gradio's page does not repeat the call but the event, for *all* who listen to it. Two of them on
    one event keep each other busy for ever: a form that nobody touches asks the server three times a second. What
    hangs on another step is repeated alone.
    """
    return gr.on(events, None, js=js, trigger_mode="multiple", api_visibility="private")


def latest(events: Sequence[Callable[..., Any]], *args: Any, **event: Any) -> Dependency:
    """As `gr.on`, for a listener of which the last call counts and that is not alone on its events."""
    after: Dependency = relay(events).then(*args, trigger_mode="always_last", **event)
    return after

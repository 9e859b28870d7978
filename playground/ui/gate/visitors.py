"""Who sent the request that an event answers."""

from __future__ import annotations

from gradio.context import LocalContext

from playground.service.visitor import Visitor

STRANGER = Visitor("nobody")  # to whom nothing belongs: for calls that no request asked for


def current_visitor() -> Visitor:
    """Who sent the request that the running event answers, as the gate noted it."""
    asked = LocalContext.request.get(None)
    request = getattr(asked, "request", asked)  # an event has gradio's around starlette's, a server function the latter
    found = getattr(request.state, "visitor", None) if request is not None else None
    return found if isinstance(found, Visitor) else STRANGER

"""Who sent the request that an event answers."""

from __future__ import annotations

from gradio.context import LocalContext

from playground.service.visitor import Visitor

STRANGER = Visitor("nobody")  # to whom nothing belongs: for calls that no request asked for


def current_visitor() -> Visitor:
    """Who sent the request that the running event answers, as the gate noted it."""
    request = LocalContext.request.get(None)
    found = getattr(request.request.state, "visitor", None) if request is not None and request.request else None
    return found if isinstance(found, Visitor) else STRANGER

"""Requests that no page sends and that gradio's own routes stumble over: an answer in the place of a server error."""

from __future__ import annotations

import logging

import httpx
from fastapi import FastAPI
from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.ui.gate.gate import preferred_language
from playground.ui.texts import t

log = logging.getLogger(__name__)
# What an unknown event, a missing session or a number that JSON does not have become inside gradio.
STUMBLES = (
    AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError, OSError, FnIndexInferError,
    httpx.InvalidURL,
)  # fmt: skip
DIRECT_CALLS = ("/gradio_api/run/", "/gradio_api/api/")


def answer_odd_requests(page: FastAPI) -> None:
    """Let the routes of a mounted `page` answer 400 with a message; the log has what they stumbled over."""
    for kind in STUMBLES:
        page.add_exception_handler(kind, _answer)
    page.add_middleware(Refusals)


class Refusals:
    """A direct call of an event that ends in a message is a refusal; gradio gives it the status of a server error.

    What really was unexpected is in the log by then (`playground.ui.feedback`), and its message says so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and any(part in scope["path"] for part in DIRECT_CALLS)

        async def as_refusal(message: Message) -> None:
            if is_call and message.get("status") == 500:
                message = {**message, "status": 400}
            await send(message)

        await self.app(scope, receive, as_refusal)


async def _answer(request: Request, error: Exception) -> Response:
    log.warning("%s %s was refused", request.method, request.url.path[:200], exc_info=error)
    return JSONResponse({"detail": t("odd_request", preferred_language(request))}, 400)

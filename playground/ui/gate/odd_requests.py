"""Requests that no page sends and that gradio's own routes stumble over: an answer in the place of a server error."""

from __future__ import annotations

import logging

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.ui.gate.gate import preferred_language
from playground.ui.strings import t

log = logging.getLogger(__name__)
# What an unknown event, a missing session or a number that JSON does not have become inside gradio.
STUMBLES = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError, OSError, httpx.InvalidURL)


def answer_odd_requests(page: FastAPI) -> None:
    """Let the routes of a mounted `page` answer 400 with a message; the log has what they stumbled over."""
    for kind in STUMBLES:
        page.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    log.warning("%s %s was refused", request.method, request.url.path[:200], exc_info=error)
    return JSONResponse({"detail": t("odd_request", preferred_language(request))}, 400)

"""PEFT Playground in the browser: `python app.py`, then open the printed address."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import gc
import importlib.util
import logging
import os
import socket
import sys
import threading
from pathlib import Path

from playground import join_freed_memory

if __name__ == "__main__":
    join_freed_memory()
    gc.disable()  # until the page can be opened: what is made before stays, and is searched for garbage in vain
# Read by gradio when it is imported: nothing about a visit leaves this machine.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# After each event gradio sums up all earlier ones for a page of statistics that is switched off here; of a thousand,
# that takes a tenth of a second of every thread. It never comes to that, and nothing is kept for it.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from playground.catalog.models import MODELS
from playground.errors import PlaygroundError
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.service.uploads import MAX_UPLOAD_MB
from playground.texts import LANGUAGES
from playground.ui.gate.cookies import SignedCookie, signing_key
from playground.ui.gate.gate import Gate, preferred_language
from playground.ui.gate.hosts import TrustedHosts, is_loopback, trusted_hosts
from playground.ui.gate.login import COOKIE, Login
from playground.ui.gate.odd_requests import answer_odd_requests
from playground.ui.gate.visitors import current_visitor
from playground.ui.page import build_ui
from playground.ui.parts.job import stop_all
from playground.ui.theme import CSS_FILE, THEME, head

SECONDS_BEFORE_WARM_UP = 1.0
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f766e"/>'
    '<path d="M7 7c3 14 8 17 18 18" stroke="#fff" stroke-width="4" fill="none" stroke-linecap="round"/></svg>'
)


def main() -> None:
    options = read_options()
    refuse_unusable(options.host, options.port)
    playground = Playground(runs_dir=options.runs_dir, visitor=current_visitor)
    playground.page.take()
    app = build_app(playground, trusted_hosts(options.host, os.environ), read_auth(), on_space="SPACE_ID" in os.environ)
    shown = "localhost" if options.host == "0.0.0.0" else options.host
    # The same server everywhere: by itself uvicorn takes uvloop and httptools where they are, as trackio brings them.
    config = uvicorn.Config(
        app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=2,
        loop="asyncio", http="h11", ws="none",
    )  # fmt: skip
    # uvicorn raises Ctrl+C anew once the server has ended, which is ignored in what a script started with `&`.
    with contextlib.suppress(KeyboardInterrupt):
        Server(config, f"http://{shown}:{options.port}").run()
    # What trains ends as by a kill, which a run survives: Python would take torch's threads away and be aborted.
    os._exit(0)


def read_options() -> argparse.Namespace:
    on_space = "SPACE_ID" in os.environ
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="0.0.0.0" if on_space else "127.0.0.1")
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    options = parser.parse_args()
    if not on_space and not is_loopback(options.host) and not os.environ.get("PLAYGROUND_AUTH"):
        parser.error(
            f"--host {options.host} lets other machines in: set PLAYGROUND_AUTH=user:password first,"
            " or leave --host out."
        )
    if os.environ.get("PLAYGROUND_AUTH") and read_auth() is None:
        parser.error("PLAYGROUND_AUTH must be user:password, neither of them empty.")
    return options


def refuse_unusable(host: str, port: int) -> None:
    """End with a message where nothing can be served at this address, before all else is built."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except (OSError, OverflowError) as error:
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        sys.exit(f"The page cannot be served: {reason}. Choose another --port or --host.")


def read_auth() -> tuple[str, str] | None:
    """User and password from PLAYGROUND_AUTH, or None where it is not set or not complete."""
    user, _, password = os.environ.get("PLAYGROUND_AUTH", "").partition(":")
    return (user, password) if user and password else None


def build_app(
    playground: Playground, hosts: TrustedHosts, auth: tuple[str, str] | None = None, on_space: bool = False
) -> FastAPI:
    """One page for each language, and `/`, which goes to the visitor's; behind the gate."""
    app = FastAPI(title="PEFT Playground", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def choose_language(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{preferred_language(request)}/{query}")

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    @app.get("/plotly.js")
    def plotly() -> FileResponse:
        return FileResponse(plotly_file(), media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})

    for language in LANGUAGES:
        page = build_ui(playground, language, on_open=warm_up)
        page.has_launched = True  # gradio checks where files come from only then, and mounting does not say so
        gr.mount_gradio_app(
            app,
            page,
            path=f"/{language}",
            show_error=False,
            max_file_size=f"{MAX_UPLOAD_MB}mb",
            allowed_paths=[],
            theme=THEME,
            css_paths=CSS_FILE,
            head=head(language),
            footer_links=["api"],
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            mcp_server=False,
        )
        answer_odd_requests(app.routes[-1].app)  # type: ignore[attr-defined]  # the mounted page
    key = signing_key(playground.runs_dir)
    login = Login(*auth, SignedCookie(COOKIE, key, on_space)) if auth else None
    visitors = SignedCookie("playground_visitor", key, on_space)
    app.add_middleware(Gate, hosts=hosts, visitors=visitors, login=login, on_space=on_space)
    return app


def plotly_file() -> Path:
    """The library in its installed package, found without importing that: it is slow."""
    package = importlib.util.find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).with_name("package_data") / "plotly.min.js"


@functools.cache
def warm_up() -> None:
    """Load the slow libraries and the first model in the background, once, so that the first click on Train is quick.

    Called when a browser has opened the page, or has not done so soon: earlier, it would delay the page itself.
    """
    threading.Thread(target=_load_what_is_slow, name="warm-up", daemon=True).start()


def _load_what_is_slow() -> None:
    load_libraries()
    import playground.runs.session  # noqa: F401 - and with it torch, transformers, peft and accelerate
    from playground.model.in_memory import base_in_memory

    try:
        base_in_memory(next(iter(MODELS)))
    except PlaygroundError as error:
        logging.getLogger(__name__).warning("%s", error)  # the page says so when the model is asked for


class Server(uvicorn.Server):
    """Says where the page is once it can be opened; before it ends, so does what any page has begun."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self.address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        gc.enable()
        if self.started:
            print(f"PEFT Playground is ready: {self.address}", flush=True)  # noqa: T201
            later = threading.Timer(SECONDS_BEFORE_WARM_UP, warm_up)
            later.daemon = True
            later.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stop_all()
        logging.getLogger("uvicorn.error").addFilter(_is_unexpected)
        await super().shutdown(sockets)


def _is_unexpected(told: logging.LogRecord) -> bool:
    """Not that the streams of pages that are still open end with the server, which uvicorn tells as errors."""
    raised = told.exc_info[1] if told.exc_info else None
    return not isinstance(raised, asyncio.CancelledError) and "graceful shutdown" not in told.getMessage()


if __name__ == "__main__":
    main()

"""The one door of the server: every request passes here before any page, event, API or download sees it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.service.uploads import MAX_UPLOAD_MB
from playground.service.visitor import PAGE_OWNER, Visitor
from playground.texts import LANGUAGES, Language, Text
from playground.ui.gate.cookies import SignedCookie
from playground.ui.gate.hosts import TrustedHosts
from playground.ui.gate.login import Login

# A proxy's marks: behind one, the connection comes from this machine and the visitor does not.
FORWARDING = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
MAX_BODY, MAX_UPLOAD_BODY = 16 * 10**6, (2 * MAX_UPLOAD_MB + 1) * 10**6  # bytes; two aligned files are sent at once
SPACES = "https://huggingface.co"  # frames the page of a Space

UNKNOWN_HOST = Text(
    "This server is not called {host}. Open it by the address it printed, or start it with PLAYGROUND_HOSTS={host}.",
    "Este servidor não se chama {host}. Abra-o pelo endereço que ele mostrou, ou inicie-o com PLAYGROUND_HOSTS={host}.",
)
FOREIGN_ORIGIN = Text(
    "Requests from pages of {origin} are not answered. Open this server's own page.",
    "Pedidos de páginas de {origin} não são atendidos. Abra a página deste servidor.",
)
NO_LENGTH = Text("A request needs a Content-Length header.", "Um pedido precisa do cabeçalho Content-Length.")
TOO_LARGE = Text(
    "The request has {size} MB; at most {limit} MB are taken. Send less at once.",
    "O pedido tem {size} MB; são aceitos no máximo {limit} MB. Envie menos de uma vez.",
)


@dataclass
class Gate:
    """Refuses what does not come from the server's own page, asks for the login, and notes whose request it is.

    The visitor, in `scope["state"]["visitor"]`, is the machine's owner where the app is alone with them: bound to
    loopback, trusting only loopback hosts, asked directly. Elsewhere a signed cookie tells browsers apart.
    """

    app: ASGIApp
    hosts: TrustedHosts
    visitors: SignedCookie
    login: Login | None = None
    on_space: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page opens no web sockets
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        response = self._refusal(request) or await self._asked_for_login(request)
        name = self.visitors.read(request.cookies.get(self.visitors.name))
        is_alone = self._is_alone(request.headers)
        is_new = not is_alone and name is None
        name = name or secrets.token_urlsafe(16)
        scope.setdefault("state", {})["visitor"] = PAGE_OWNER if is_alone else Visitor(name)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Content-Security-Policy"] = f"frame-ancestors 'self'{f' {SPACES}' if self.on_space else ''}"
                if is_new:
                    headers.append("Set-Cookie", self.visitors.header(name))
            await send(message)

        await (response or self.app)(scope, receive, with_headers)

    def _is_alone(self, headers: Headers) -> bool:
        return self.hosts.only_loopback and not self.on_space and not any(name in headers for name in FORWARDING)

    def _refusal(self, request: Request) -> Response | None:
        headers, language = request.headers, preferred_language(request)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.hosts.answers_to(host):
            return PlainTextResponse(UNKNOWN_HOST.to(language, host=host[:80]), 421)
        if origin is not None and not self.hosts.may_send(origin, host):
            return PlainTextResponse(FOREIGN_ORIGIN.to(language, origin=origin[:80]), 403)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse(NO_LENGTH.to(language), 411)
        limit = MAX_UPLOAD_BODY if request.url.path.rstrip("/").endswith("/upload") else MAX_BODY
        if int(length) > limit:
            size = {"size": -(-int(length) // 10**6), "limit": limit // 10**6}
            return PlainTextResponse(TOO_LARGE.to(language, **size), 413)
        return None

    async def _asked_for_login(self, request: Request) -> Response | None:
        """The login's page, or the way to it, for who is not in; None for who may pass."""
        if self.login is None:
            return None
        if request.url.path.rstrip("/").endswith("/login"):
            return await self.login.answer(request, preferred_language(request))
        if self.login.is_in(request):
            return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", 303)
        return JSONResponse({"detail": "Not authenticated"}, 401)


def preferred_language(request: Request) -> Language:
    """The visitor's own choice, else the first of the browser's languages that the page has."""
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    for item in request.headers.get("accept-language", "").split(","):
        code = item.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en"

"""One login for the pages in every language: a form for browsers, and what gradio's Python client sends."""

from __future__ import annotations

import hashlib
import html
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from playground.texts import Language, Text
from playground.ui.gate.cookies import SignedCookie

WRONG_LOGINS_A_MINUTE = 5
SECONDS_TO_REMEMBER = 60.0
MOST_ADDRESSES = 1000
COOKIE = "playground_login"

TITLE = Text("Log in to PEFT Playground", "Entrar no PEFT Playground")
USER, PASSWORD = Text("User", "Usuário"), Text("Password", "Senha")
ENTER = Text("Log in", "Entrar")
WRONG = Text(
    "User or password are wrong. They are those in PLAYGROUND_AUTH, where the server was started.",
    "Usuário ou senha incorretos. São os de PLAYGROUND_AUTH, onde o servidor foi iniciado.",
)
SLOWLY = Text(
    "That was wrong {count} times within a minute. Wait {seconds} seconds, then try again.",
    "Foram {count} erros em um minuto. Espere {seconds} segundos e tente de novo.",
)
PAGE = """<!doctype html>
<html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px system-ui; display: grid; place-content: center; min-height: 90vh; margin: 0 }}
form {{ display: grid; gap: .8rem; width: 18rem }}
h1 {{ font-size: 1.2rem }}
input, button {{ font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }}
button {{ background: #0f766e; color: #fff; border: 0; border-radius: 6px }}
p {{ color: #c2410c; margin: 0 }}
</style>
<form method="post" action="/login"><h1>{title}</h1>{message}
<label>{user}<input name="username" autocomplete="username" required autofocus></label>
<label>{password}<input name="password" type="password" autocomplete="current-password" required></label>
<button>{enter}</button></form></html>"""


@dataclass
class Login:
    """Lets in who knows the user's name and password; wrong tries from one address are bounded."""

    user: str
    password: str
    cookie: SignedCookie
    _wrong: dict[str, deque[float]] = field(default_factory=dict)

    def is_in(self, request: Request) -> bool:
        return self.cookie.read(request.cookies.get(self.cookie.name)) == self._passed

    async def answer(self, request: Request, language: Language) -> Response:
        """The form, or what became of a try."""
        if request.method != "POST":
            return self._form(language, "")
        address = request.client.host if request.client else ""
        seconds = self._seconds_to_wait(address)
        if seconds:
            text = SLOWLY.to(language, count=WRONG_LOGINS_A_MINUTE, seconds=seconds)
            return self._refusal(request, language, text, 429, {"Retry-After": str(seconds)})
        given = parse_qs((await request.body()).decode("utf-8", "replace"))
        if not self._matches(given.get("username", [""])[0], given.get("password", [""])[0]):
            self._note_wrong(address)
            return self._refusal(request, language, WRONG.to(language), 400, {})
        self._wrong.pop(address, None)
        # gradio's client logs in below a page's path and reads JSON; the form posts to the top.
        response = RedirectResponse("/", 303) if request.url.path == "/login" else JSONResponse({"success": True})
        response.headers.append("Set-Cookie", self.cookie.header(self._passed))
        return response

    @property
    def _passed(self) -> str:
        """What the cookie says: another password than the one it was given for is not in."""
        return hashlib.sha256(f"{self.user}\n{self.password}".encode()).hexdigest()[:16]

    def _matches(self, user: str, password: str) -> bool:
        same_user = secrets.compare_digest(user.encode(), self.user.encode())
        return secrets.compare_digest(password.encode(), self.password.encode()) and same_user

    def _seconds_to_wait(self, address: str) -> int:
        tries = self._wrong.get(address, deque())
        while tries and time.monotonic() - tries[0] > SECONDS_TO_REMEMBER:
            tries.popleft()
        if len(tries) < WRONG_LOGINS_A_MINUTE:
            return 0
        return max(1, round(SECONDS_TO_REMEMBER - (time.monotonic() - tries[0])))

    def _note_wrong(self, address: str) -> None:
        if len(self._wrong) >= MOST_ADDRESSES:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong.setdefault(address, deque(maxlen=WRONG_LOGINS_A_MINUTE)).append(time.monotonic())

    def _refusal(
        self, request: Request, language: Language, text: str, status: int, headers: dict[str, str]
    ) -> Response:
        if request.url.path == "/login":
            return self._form(language, text, status, headers)
        return JSONResponse({"detail": text}, status, headers)

    def _form(
        self, language: Language, message: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        texts = {"title": TITLE, "user": USER, "password": PASSWORD, "enter": ENTER}
        shown = {name: html.escape(text.to(language)) for name, text in texts.items()}
        alert = f'<p role="alert">{html.escape(message)}</p>' if message else ""
        return HTMLResponse(PAGE.format(lang=language, message=alert, **shown), status, headers)

"""A server that asks for a login: one for both languages, nothing without it, and wrong ones slow down."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from gradio_client import Client

from tests.hostile.client import Visitor
from tests.hostile.conftest import Server

pytestmark = pytest.mark.server

READ = ("info", "queue/data?session_hash=a", "file=/etc/passwd", "startup-events", "app_id", "heartbeat/a")
USER, PASSWORD = "ana", "pass:word-7"


@pytest.fixture(scope="module")
def closed_server(start_server: Callable[..., Server]) -> Server:
    return start_server(settings={"PLAYGROUND_AUTH": f"{USER}:{PASSWORD}"})


def log_in(browser: Visitor, password: str, user: str = USER, path: str = "/login") -> int:
    form = {"username": user, "password": password}
    return browser.request("POST", path, data=form).status_code


def is_in(browser: Visitor, language: str = "en") -> bool:
    return browser.get(f"/{language}/config").status_code == 200


def test_nothing_but_the_login_is_answered_without_it(closed_server: Server) -> None:
    stranger = closed_server.visitor()
    for path in ("/en/config", "/pt/config", "/theme.css", *map(stranger.api, READ)):
        assert stranger.get(path).status_code in (303, 401), path
    for path in ("queue/join", "call/start_run", "run/predict", "upload", "cancel", "component_server"):
        assert stranger.post(stranger.api(path), {"data": []}).status_code == 401, path
    page = stranger.get("/en/", headers={"accept": "text/html"})
    assert page.status_code == 303
    assert "password" in stranger.get("/login").text
    assert stranger.leaks == stranger.crashes == []


def test_one_login_serves_both_languages(closed_server: Server) -> None:
    browser = closed_server.visitor()
    assert log_in(browser, PASSWORD) in (200, 303)
    assert is_in(browser, "en")
    assert is_in(browser, "pt")
    assert browser.call("list_methods").success


@pytest.mark.parametrize("value", ["", "x", "{cookie}x", "true", "ana"])
def test_a_forged_login_is_none(closed_server: Server, value: str) -> None:
    browser = closed_server.visitor()
    log_in(browser, PASSWORD)
    name = next(name for name in browser.cookies if "visitor" not in name)
    browser.cookies[name] = value.format(cookie=browser.cookies[name])
    assert not is_in(browser)


def test_gradios_own_client_logs_in(closed_server: Server) -> None:
    client = Client(f"{closed_server.address}/en/", auth=(USER, PASSWORD), verbose=False)
    assert client.predict(api_name="/list_methods")


def test_after_five_wrong_logins_within_a_minute_the_next_waits(start_server: Callable[..., Server]) -> None:
    browser = start_server(settings={"PLAYGROUND_AUTH": f"{USER}:{PASSWORD}"}).visitor()
    tries = [("x", USER), ("", USER), ("x" * 100_000, USER), (PASSWORD, "eva"), ("\x00", "' OR 1=1 --")]
    assert all(400 <= log_in(browser, password, user) < 429 for password, user in tries)
    started = time.monotonic()
    assert log_in(browser, "again") == 429 or time.monotonic() - started > 1.0
    assert not is_in(browser)

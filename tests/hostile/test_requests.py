"""Requests that no browser would send for a page: foreign sites, unknown names, odd bodies, too much of anything."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.hostile.client import Visitor
from tests.hostile.conftest import SPACE_HOST, Server
from tests.hostile.values import deep

pytestmark = pytest.mark.server

FOREIGN = (
    "http://evil.example",
    "https://evil.example",
    "null",
    "http://127.0.0.1.evil.example",
    "file://",
    "x" * 5000,
)
UNKNOWN_HOSTS = (
    "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:7860", "169.254.169.254", "", "[",
    "a" * 5000,
)  # fmt: skip
QUEUE_BODIES: dict[str, Any] = {
    "no function": {"data": [], "session_hash": "a"},
    "an unknown function": {"data": [], "fn_index": 999_999, "session_hash": "a"},
    "a negative function": {"data": [], "fn_index": -1, "session_hash": "a"},
    "a function that is text": {"data": [], "fn_index": "__class__", "session_hash": "a"},
    "no session": {"data": [], "fn_index": 0},
    "a huge session": {"data": [], "fn_index": 0, "session_hash": "s" * 1_000_000},
    "a session that is a list": {"data": [], "fn_index": 0, "session_hash": ["a"]},
    "a session with a lone surrogate": {"data": [None], "fn_index": 0, "session_hash": "\ud800"},
    "no data": {"fn_index": 0, "session_hash": "a"},
    "data that is a mapping": {"data": {"a": 1}, "fn_index": 0, "session_hash": "a"},
    "a list": [1, 2, 3],
    "a text": "queue",
    "null": None,
    "an unknown trigger": {"data": [None], "fn_index": 0, "session_hash": "a", "trigger_id": 10**30},
    "event data of a wrong kind": {"data": [None], "fn_index": 0, "session_hash": "a", "event_data": [[["x"]]]},
    "a request of its own": {"data": [None], "fn_index": 0, "session_hash": "a", "request": {"client": {"host": "x"}}},
    "a batch": {"data": [[None]], "fn_index": 0, "session_hash": "a", "batched": True},
}
BROKEN_JSON = (
    b"",
    b"{",
    b"[" * 100_000,
    b'{"data": ',
    b"\x00\xff\xfe",
    b'{"data": [NaN]}',
    b"{'data': []}",
    b"\x1f\x8b\x08",
)


@pytest.mark.parametrize("origin", FOREIGN, ids=lambda origin: origin[:40])
def test_a_page_of_another_site_cannot_send_requests(owner: Visitor, origin: str) -> None:
    for path in ("queue/join", "run/start_run", "call/start_run", "upload", "cancel", "component_server"):
        answer = owner.post(owner.api(path), {"data": ["a"]}, headers={"origin": origin})
        assert answer.status_code == 403, path


def test_a_page_of_another_site_cannot_listen(owner: Visitor) -> None:
    answer = owner.get(owner.api("queue/data?session_hash=a"), headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_the_own_page_can_send_requests(owner: Visitor, visitor: Visitor) -> None:
    assert (
        owner.post(owner.api("call/list_methods"), {"data": []}, headers={"origin": owner.address}).status_code == 200
    )
    own = {"origin": f"https://{SPACE_HOST}"}
    assert visitor.post(visitor.api("call/list_methods"), {"data": []}, headers=own).status_code == 200


@pytest.mark.parametrize("host", UNKNOWN_HOSTS, ids=lambda host: host[:40] or "none")
def test_a_name_that_is_not_the_servers_is_not_answered(owner: Visitor, visitor: Visitor, host: str) -> None:
    for browser in (owner, visitor):
        for path in ("/", "/en/", "/en/config", browser.api("info")):
            assert browser.get(path, headers={"host": host}).status_code in (400, 403, 421), path


def test_each_of_the_servers_own_names_is_answered(owner: Visitor) -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert owner.get("/en/", headers={"host": f"{host}:{owner.http.base_url.port}"}).status_code == 200, host


def test_a_cookie_goes_to_the_servers_own_pages_only(visitor: Visitor, space_server: Server) -> None:
    header = visitor.get("/en/").headers["set-cookie"]
    assert header.startswith("playground_visitor=")
    for attribute in ("HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/"):
        assert re.search(rf"; *{attribute}( *;|$)", header, re.IGNORECASE), attribute


def test_a_cookie_beyond_loopback_but_outside_of_a_frame_is_lax(named_server: Server) -> None:
    header = named_server.visitor().get("/en/").headers["set-cookie"]
    assert re.search(r"; *SameSite=Lax( *;|$)", header, re.IGNORECASE)
    assert "HttpOnly" in header


def test_the_page_can_be_shown_in_no_frame_of_another_site(owner: Visitor) -> None:
    assert "frame-ancestors 'self'" in owner.get("/en/").headers["content-security-policy"]


@pytest.mark.parametrize("name", QUEUE_BODIES)
def test_an_odd_body_is_refused_and_breaks_nothing(visitor: Visitor, name: str) -> None:
    for path in ("queue/join", "run/predict", "call/list_runs", "call/v2/list_runs", "call/no_such"):
        assert visitor.post(visitor.api(path), QUEUE_BODIES[name]).status_code < 500, path


@pytest.mark.parametrize("body", BROKEN_JSON, ids=range(len(BROKEN_JSON)))
def test_what_is_no_json_breaks_nothing(visitor: Visitor, body: bytes) -> None:
    for path in ("queue/join", "run/predict", "call/start_run", "cancel", "reset", "component_server", "stream/a"):
        answer = visitor.request("POST", visitor.api(path), content=body, headers={"content-type": "application/json"})
        # Python reads NaN: a call with it is queued, and its event refuses the value.
        assert answer.status_code < 500, path


def test_json_nested_without_end_is_refused(visitor: Visitor) -> None:
    nested = f'{{"data": [{"[" * 50_000}{"]" * 50_000}], "fn_index": 0, "session_hash": "a"}}'
    answer = visitor.request(
        "POST", visitor.api("queue/join"), content=nested.encode(), headers={"content-type": "application/json"}
    )
    assert answer.status_code < 500
    assert visitor.post(visitor.api("queue/join"), {"data": [deep(250)], "fn_index": 0, "session_hash": "a"}).is_success


def test_a_body_of_ten_megabytes_does_not_stop_the_page(visitor: Visitor) -> None:
    ended = visitor.call("list_runs", "x" * 10_000_000)
    assert not ended.success or ended.data == [[]]


def test_a_body_of_forty_megabytes_is_refused(visitor: Visitor) -> None:
    answer = visitor.request(
        "POST", visitor.api("queue/join"), content=b"[" + b"1," * 20_000_000 + b"1]",
        headers={"content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "X" * 200])
def test_an_unknown_method_is_refused(visitor: Visitor, method: str) -> None:
    for path in ("/", "/en/", "/en/config", visitor.api("queue/join"), visitor.api("upload")):
        assert 400 <= visitor.request(method, path).status_code < 500, path


def test_headers_of_many_kilobytes_are_refused(visitor: Visitor) -> None:
    for headers in ({"cookie": "a=" + "b" * 60_000}, {"accept-language": "en," * 20_000}, {"x-a": "\x01"}):
        assert visitor.get("/en/", headers=headers).status_code < 500


def test_an_upgrade_to_a_web_socket_is_refused(visitor: Visitor) -> None:
    upgrade = {
        "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    for path in ("/", "/en/", visitor.api("queue/join"), visitor.api("queue/data")):
        assert visitor.get(path, headers=upgrade).status_code != 101


def test_two_hundred_calls_at_once_are_answered(visitor: Visitor) -> None:
    event = visitor.event("list_methods")
    visitor.http.timeout = 60.0  # the last of so many may wait, where other work goes on

    def join(number: int) -> int:
        body = {"data": [], "fn_index": event.index, "session_hash": f"many{number}"}
        return visitor.post(visitor.api("queue/join"), body).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(join, range(200)))
    assert all(status in (200, 429, 503) for status in statuses)
    assert visitor.call("list_methods").success


@pytest.mark.parametrize("session", ["../../x", "a" * 5000, "%00", "{0.__class__}", "<script>alert(1)</script>"])
def test_a_session_that_nobody_has_shows_nothing(visitor: Visitor, session: str) -> None:
    said = []
    with visitor.http.stream("GET", visitor.api("queue/data"), params={"session_hash": session}) as answer:
        # gradio breaks off such a stream after one message
        with suppress(httpx.RemoteProtocolError):
            said += answer.iter_lines()
    assert "text/html" not in answer.headers["content-type"]
    assert not any("process_completed" in line or "alert(1)" in line for line in said)

"""The door itself: what it refuses, whom it takes for whom, and what it adds to an answer."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from playground.ui.gate.cookies import SignedCookie, signing_key
from playground.ui.gate.gate import FORWARDING, Gate
from playground.ui.gate.hosts import TrustedHosts, trusted_hosts
from playground.ui.gate.login import WRONG_LOGINS_A_MINUTE, Login

KEY = b"a key for tests"
LOCAL = trusted_hosts("127.0.0.1", {})
PUBLIC = trusted_hosts("127.0.0.1", {"PLAYGROUND_HOSTS": "lab.example.org"})
RIGHT = {"username": "ana", "password": "right"}


async def who(request: Request) -> Response:
    visitor = request.state.visitor
    return JSONResponse({"name": visitor.name, "owner": visitor.is_owner, "folders": visitor.names_model_folders})


def client(hosts: TrustedHosts = LOCAL, *, login: bool = False, on_space: bool = False) -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", who, methods=["GET", "POST"])])
    found = Login("ana", "right", SignedCookie("playground_login", KEY, on_space)) if login else None
    visitors = SignedCookie("playground_visitor", KEY, on_space)
    gate = Gate(app, hosts, visitors, found, on_space)
    return TestClient(gate, base_url="http://localhost", follow_redirects=False)


def test_alone_on_loopback_everybody_is_the_owner_and_needs_no_cookie() -> None:
    answer = client().get("/en/")
    assert answer.json() == {"name": "", "owner": True, "folders": True}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("header", FORWARDING)
def test_behind_a_proxy_nobody_is_the_owner(header: str) -> None:
    assert client().get("/", headers={header: "1.2.3.4"}).json()["owner"] is False


def test_on_a_space_nobody_is_the_owner() -> None:
    assert client(on_space=True).get("/").json()["owner"] is False


def test_a_browser_is_known_again_by_its_cookie_and_two_browsers_differ() -> None:
    ana, ben = client(PUBLIC), client(PUBLIC)
    first = ana.get("/").json()
    assert first == ana.get("/pt/").json()
    assert first["name"]
    assert first["folders"] is False
    assert ben.get("/").json()["name"] != first["name"]


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: "x" + c, lambda c: c.split(".")[0], lambda _: "ö", lambda _: ""]
)
def test_a_forged_cookie_is_a_new_visitor(change) -> None:  # type: ignore[no-untyped-def]
    ana = client(PUBLIC)
    name = ana.get("/").json()["name"]
    cookie = change(ana.cookies["playground_visitor"])
    forged = client(PUBLIC).get("/", headers={"cookie": f"playground_visitor={cookie}".encode()})
    assert forged.json()["name"] not in ("", name)
    assert "set-cookie" in forged.headers


def test_a_cookie_signed_for_the_login_is_no_visitor() -> None:
    value = SignedCookie("playground_login", KEY).header("victim").split("=", 1)[1].split(";")[0]
    answer = client(PUBLIC).get("/", headers={"cookie": f"playground_visitor={value}"})
    assert answer.json()["name"] != "victim"


def test_cookies_are_for_this_site_and_on_a_space_for_its_frame() -> None:
    def attributes(answer_of: TestClient) -> str:
        return answer_of.get("/").headers["set-cookie"].partition("; ")[2]

    assert attributes(client(PUBLIC)) == "Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    assert attributes(client(on_space=True)).endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_unknown_hosts_and_foreign_pages_are_refused_in_the_visitors_language() -> None:
    rebound = client().get("/", headers={"host": "evil.example", "accept-language": "pt-BR"})
    assert (rebound.status_code, "não se chama evil.example" in rebound.text) == (421, True)
    foreign = client().post("/en/gradio_api/queue/join", headers={"origin": "http://evil.example"}, json={})
    assert (foreign.status_code, "evil.example" in foreign.text) == (403, True)
    assert client().post("/x", headers={"origin": "http://localhost"}, json={}).status_code == 200


def test_a_body_has_a_length_and_a_limit() -> None:
    assert client().post("/x", content=iter([b"a", b"b"])).status_code == 411
    assert client().post("/x", content=b"", headers={"content-length": "17000000"}).status_code == 413
    assert (
        client().post("/en/gradio_api/upload", content=b"", headers={"content-length": "60000000"}).status_code == 200
    )
    assert (
        client().post("/en/gradio_api/upload", content=b"", headers={"content-length": "999000000"}).status_code == 413
    )
    assert client().post("/x", content=b"", headers={"content-length": "-1"}).status_code == 411


def test_without_a_login_only_its_page_is_shown() -> None:
    visitor = client(login=True)
    shown = visitor.get("/pt/", headers={"accept": "text/html"})
    assert (shown.status_code, shown.headers["location"]) == (303, "/login")
    for path in ("/en/config", "/pt/gradio_api/info", "/en/gradio_api/file=/etc/passwd", "/en/assets/x.js"):
        assert visitor.get(path).status_code == 401
    assert visitor.post("/en/gradio_api/queue/join", json={}).status_code == 401
    assert "Senha" in visitor.get("/login", headers={"accept-language": "pt"}).text


def test_one_login_serves_both_languages_and_programs_log_in_below_a_page() -> None:
    browser = client(login=True)
    assert browser.post("/login", data=RIGHT).headers["location"] == "/"
    assert [browser.get(f"/{language}/").status_code for language in ("en", "pt")] == [200, 200]
    program = client(login=True)
    assert program.post("/en/login", data=RIGHT).json() == {"success": True}
    assert program.get("/pt/config").status_code == 200


def test_wrong_logins_slow_down_and_then_not_even_the_right_one_is_tried() -> None:
    visitor = client(login=True)
    for wrong in (
        {**RIGHT, "password": "left"},
        {**RIGHT, "username": "ben"},
        {},
        {"password": "right"},
        {"username": "ana"},
    ):
        answer = visitor.post("/login", data=wrong)
        assert (answer.status_code, "wrong" in answer.text) == (400, True)
    refused = visitor.post("/login", data=RIGHT)
    assert (refused.status_code, f"{WRONG_LOGINS_A_MINUTE} times" in refused.text) == (429, True)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert visitor.get("/en/").status_code == 401


def test_a_login_ends_with_its_password() -> None:
    visitor = client(login=True)
    visitor.post("/login", data=RIGHT)
    app = Starlette(routes=[Route("/", who)])
    changed = Gate(
        app, LOCAL, SignedCookie("playground_visitor", KEY), Login("ana", "new", SignedCookie("playground_login", KEY))
    )
    answer = TestClient(changed, base_url="http://localhost", cookies=dict(visitor.cookies)).get("/")
    assert answer.status_code == 401


def test_the_key_is_made_once_kept_to_its_owner_and_shared_by_processes(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "runs")
    assert signing_key(tmp_path / "runs") == key
    assert len(key) == 64
    (path,) = (tmp_path / "runs").iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_without_a_folder_for_it_the_key_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    assert len(signing_key(tmp_path / "runs")) == 64


def test_a_cookie_that_is_set_can_be_read_by_a_parser() -> None:
    cookie = SignedCookie("playground_visitor", KEY, in_frame=True)
    parsed = SimpleCookie(cookie.header("ana").replace("; Partitioned", ""))
    assert cookie.read(parsed["playground_visitor"].value) == "ana"

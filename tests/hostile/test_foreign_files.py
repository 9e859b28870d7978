"""Files: nobody reads one that they did not upload, and no upload stops the server or stays where it has no use."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.hostile.client import PASSWD, Ended, Visitor, fault_of, file_data, refused
from tests.hostile.conftest import Server
from tests.hostile.values import foreign_files

pytestmark = pytest.mark.server


def start(browser: Visitor, **data: Any) -> Ended:
    return browser.call("start_run", yaml.safe_dump({"data": {"dataset": "notes-to-json", **data}}))


def with_model(folder: Path) -> str:
    training = {"max_steps": 1, "batch_size": 2, "eval_examples": 2}
    return yaml.safe_dump({"base_model": str(folder), "data": {"dataset": "notes-to-json"}, "training": training})


@pytest.fixture(params=["own_server", "space_server"])
def browser(request: pytest.FixtureRequest) -> Any:
    """The owner, then a visitor: neither gets at a file of the server by way of the page."""
    return request.getfixturevalue("owner" if request.param == "own_server" else "visitor")


@pytest.fixture
def server(browser: Visitor, own_server: Server, space_server: Server) -> Server:
    return own_server if browser.address == own_server.address else space_server


def test_the_upload_event_stores_no_file_of_the_server(browser: Visitor, server: Server) -> None:
    ended = browser.keep(file_data("/etc/passwd"))
    assert refused(ended), ended
    assert not any(
        PASSWD in path.read_text(errors="replace") for path in server.folder.rglob("*passwd*") if path.is_file()
    )


def test_no_dress_of_a_foreign_file_is_taken(browser: Visitor, server: Server) -> None:
    for event in [event for event in browser.events if any("file_count" in i["props"] for i in event.inputs)]:
        place = next(place for place, shown in enumerate(event.inputs) if "file_count" in shown["props"])
        for file in foreign_files(server.secret, server.hidden, browser.address):
            row = [*event.initial[:place], file, *event.initial[place + 1 :]]
            (ended,) = browser.send(event, [row], seconds=3)
            assert fault_of(ended) is None, (event.name, file)
    assert server.copies_of_the_secret() == []


def test_a_device_without_end_does_not_freeze_the_server(browser: Visitor) -> None:
    assert refused(browser.keep(file_data("/dev/zero")))


def test_a_local_path_is_no_data_set_and_its_being_there_makes_no_difference(browser: Visitor, server: Server) -> None:
    missing = server.secret.with_name("no-such.csv")
    answers = [start(browser, dataset=str(path)) for path in (server.secret, missing)]
    answers += [start(browser, target_file=str(path)) for path in (server.secret, missing)]
    assert all(refused(ended) for ended in answers), answers
    texts = [str(ended.message).replace(server.secret.name, "X").replace(missing.name, "X") for ended in answers]
    assert texts[0] == texts[1]
    assert texts[2] == texts[3]


@pytest.mark.parametrize("name", ["first_rows", "read", "about_dataset"])
def test_no_page_event_reads_a_local_path(browser: Visitor, server: Server, name: str) -> None:
    for value in (str(server.secret), f"../{server.secret.name}", "upload:../../x", f"upload:{server.hidden.name}"):
        ended = browser.call(name, value)
        assert fault_of(ended) is None
        assert server.marker not in ended.text


def test_a_model_folder_is_named_by_the_owner_only(owner: Visitor, visitor: Visitor, own_server: Server) -> None:
    for folder in (own_server.model, own_server.model.with_name("no-such")):
        assert refused(visitor.call("start_run", with_model(folder)))
    assert owner.call("start_run", with_model(own_server.model)).success


# --- the routes that serve files ------------------------------------------------------------------


def spellings(path: Path) -> list[str]:
    """One path in the ways that have got past a check somewhere."""
    plain = str(path)
    climb = "../" * 12 + plain.lstrip("/")
    return [
        plain, plain.lstrip("/"), f"/{plain}", f"//{plain}", climb, f"/{climb}", quote(plain, safe=""),
        quote(climb, safe=""),
        climb.replace("../", "..%2f"), climb.replace("../", "%2e%2e/"), climb.replace("../", "%252e%252e%252f"),
        climb.replace("../", "..\\"), climb.replace("../", "....//"), f"{plain}%00.png", f"{plain}%00", f"file://{plain}",
        f"file:///{plain}", f"{plain}?a=b", f"{plain}#a", f"{plain}/.", f"./{plain}", f"%20{plain}", f"~{plain}",
    ]  # fmt: skip


ROUTES = (
    "/en/gradio_api/file=", "/en/gradio_api/file/", "/en/file=", "/gradio_api/file=", "/en/assets/", "/en/static/",
    "/en/svelte/", "/en/gradio_api/proxy=", "/en/gradio_api/custom_component/", "/", "/en/", "/en/gradio_api/stream/",
    "/en/gradio_api/deep_link?session_hash=", "/en/gradio_api/call/", "/en/pwa_icon/", "/en/?deep_link=",
)  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_serves_a_file_of_the_server(visitor: Visitor, space_server: Server, route: str) -> None:
    """The fixture looks for the secret files, the key of the cookies among them, in whatever is answered."""
    key = space_server.runs / ".visitors-key"
    paths = [*spellings(space_server.secret), *spellings(key), "/etc/passwd", str(space_server.hidden)]
    for path in paths:
        assert visitor.get_as_spelt(route + path) < 500, path


def test_a_link_among_the_uploads_leads_nowhere(visitor: Visitor, space_server: Server) -> None:
    link = space_server.uploads / "link.csv"
    link.symlink_to(space_server.secret)
    assert visitor.get(visitor.api(f"file={link}")).status_code in (403, 404)
    assert not visitor.keep(file_data(str(link))).success
    link.unlink()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://169.254.169.254/latest/meta-data", "http://localhost/", "file:///etc/passwd",
            "http://[::1]/", "http://0x7f.1/", "gopher://127.0.0.1/", "ftp://127.0.0.1/"],
)  # fmt: skip
def test_the_server_fetches_no_address_for_a_visitor(visitor: Visitor, url: str) -> None:
    for route in ("file=", "proxy="):
        assert 300 < visitor.get(visitor.api(route + url)).status_code < 500
    assert not visitor.keep(file_data("a.csv", url=url)).success
    assert not visitor.keep({"url": url, "meta": {"_type": "gradio.FileData"}}).success


def test_an_uploaded_file_comes_back_as_a_download_only(visitor: Visitor) -> None:
    (path,) = visitor.upload("page.html", b"<script>alert(1)</script>").json()
    answer = visitor.get(visitor.api(f"file={path}"))
    assert answer.status_code in (403, 404) or "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize("language", ["en", "pt"])
def test_all_that_is_known_of_the_server_is_its_pages(visitor: Visitor, language: str) -> None:
    """Reading the configuration, the description and the assets names no folder: the fixture looks for them."""
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/openapi.json", "/theme.css", "/monitoring",
                 "/monitoring/summary", "/gradio_api/startup-events", "/gradio_api/queue/status", "/manifest.json",
                 "/gradio_api/app_id", "/gradio_api/token", "/gradio_api/user", "/dev/reload", "/gradio_api/vibe-code",
                 "/gradio_api/profiling/traces", "/gradio_api/runs", "/gradio_api/run-history/records", "/robots.txt",
                 "/gradio_api/mcp/", "/gradio_api/mcp/sse", "/openapi.json", "/docs", "/redoc"):  # fmt: skip
        assert visitor.get(f"/{language}{path}").status_code < 500, path

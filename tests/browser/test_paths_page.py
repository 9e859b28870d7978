"""From one thing to the next in a real browser: a translator's path, what comes after a run, and links to runs."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

import app
from playground.catalog.languages import language_name
from playground.runs.folder import RunStore
from playground.service import Playground
from playground.ui.gate.hosts import LOOPBACK, TrustedHosts
from playground.ui.gate.visitors import current_visitor
from playground.ui.texts import t
from tests.browser.conftest import HTML_NAME, PATIENCE, add_run, open_tab, screenshot, wait_until_drawn
from tests.browser.test_browser import row
from tests.browser.test_hub_page import few_steps, field, train

pytestmark = pytest.mark.browser
# What a hand does: a press of a button, a row or a field. The choice of a file is one with the press that asks for it.
COUNT_PRESSES = """() => {
    window.presses = 0;
    window.addEventListener("pointerdown", (event) => { if (event.isTrusted) window.presses += 1; }, true);
}"""
IS_IN_SIGHT = """(box) => {
    const { top, bottom } = box.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
}"""
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Walked:
    """How a memory became a verdict, and the run that it left."""

    run_id: str
    presses: int
    verdict: str


def memory(folder: Path) -> Path:
    """As a translation tool exports it."""
    path = folder / "menus.tmx"
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>Open the window {n}.</seg></tuv>'
        f'<tuv xml:lang="pt"><seg>Abra a janela {n}.</seg></tuv></tu>'
        for n in range(40)
    )
    path.write_text(f'<tmx version="1.4"><header srclang="en"/><body>{units}</body></tmx>', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def walked(chromium: Browser, address: str, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """From the page as it opens, by hand; the few steps that keep the test short are typed, and counted too."""
    with chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{address}/en/", wait_until="domcontentloaded")
        wait_until_drawn(page)
        page.evaluate(COUNT_PRESSES)
        open_tab(page, "train", "en")
        with page.expect_file_chooser() as chooser:
            page.locator("#pp-upload").click()
        chooser.value.set_files(memory(tmp_path_factory.mktemp("memory")))
        expect(field(page, "base_model_label", "en")).to_have_value("M2M100 mini", timeout=PATIENCE)
        few_steps(page, "en")
        expect(page.locator("#pp-preflight-strip")).to_contain_text(t("preflight_ready", "en"), timeout=PATIENCE)
        train(page, "en")
        expect(page.locator("#live-judge")).to_be_visible(timeout=PATIENCE)
        page.screenshot(path=screenshot("paths-after-a-run.png"))
        run_id = parse_qs(urlparse(page.url).query)["run"][0]
        page.locator("#live-judge").click()
        expect(page.locator("#verdict-runs")).to_contain_text("menus.tmx", timeout=PATIENCE)
        page.locator("#verdict-start").click()
        summary = page.locator("#verdict-summary")
        expect(summary).to_contain_text("chrF", timeout=PATIENCE)
        page.screenshot(path=screenshot("paths-verdict.png"))
        return Walked(run_id, page.evaluate("window.presses"), summary.inner_text())


def test_from_a_translator_s_memory_to_a_verdict_takes_at_most_eight_clicks(walked: Walked) -> None:
    assert walked.presses <= 8
    assert "menus.tmx" in walked.verdict
    assert re.search(r"95.?%", walked.verdict)


def test_translating_with_a_run_opens_both_panes_and_each_can_be_copied(
    visit: Callable[..., Page], walked: Walked
) -> None:
    page = visit(f"/pt/?run={walked.run_id}", "pt")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#live-translate").click(timeout=PATIENCE)
    expect(page.locator("#translate-runs")).to_contain_text("menus.tmx", timeout=PATIENCE)
    for side, code in (("from", "en"), ("to", "pt")):
        box = page.locator(f"#translate-{side} input")
        expect(box).to_have_value(language_name(code, "pt"), timeout=PATIENCE)
    panes = page.locator("#translate-panes textarea:visible")
    expect(panes).to_have_count(3, timeout=PATIENCE)  # the text, and what base and adapter write
    page.locator("#translate-start").click()
    expect(page.locator("#translate-status")).to_contain_text("✓", timeout=PATIENCE)
    places = [panes.nth(place).bounding_box() or {} for place in range(3)]
    assert places[0]["x"] < places[1]["x"] < places[2]["x"]
    assert len({round(place["y"]) for place in places}) == 1
    for number in (0, 1):
        pane = page.locator(f"#translate-pane-{number}")
        pane.locator("button").first.click()
        assert page.evaluate("navigator.clipboard.readText()") == pane.locator("textarea").input_value() != ""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    places = [panes.nth(place).bounding_box() or {} for place in range(3)]
    assert places[0]["y"] < places[1]["y"] < places[2]["y"]
    page.screenshot(path=screenshot("paths-panes-pt-390.png"), full_page=True)


def test_both_models_are_asked_what_the_run_did_not_train_on(visit: Callable[..., Page], runs_dir: Path) -> None:
    (run,) = (folder for folder in RunStore(runs_dir) if folder.name == HTML_NAME)
    page = visit(f"/en/?run={run.run_id}", "en")
    page.locator("#live-ask").click(timeout=PATIENCE)
    expect(page.locator("#compare-runs")).to_contain_text(HTML_NAME, timeout=PATIENCE)
    prompts = page.locator("#compare-prompts textarea")
    expect(prompts).to_have_value(re.compile(r"^([^\n]+\n){3}[^\n]+$"), timeout=PATIENCE)
    assert page.evaluate("window.scrollY") == 0


def test_a_chosen_run_s_settings_are_used_again(visit: Callable[..., Page], walked: Walked) -> None:
    page = visit("/en/")
    open_tab(page, "runs", "en")
    row(page, "menus.tmx").click(timeout=PATIENCE)
    page.locator("#runs-use").click()
    expect(page.locator("#pp-filled-from")).to_contain_text("menus.tmx", timeout=PATIENCE)
    expect(field(page, "max_steps_label", "en")).to_have_value("2", timeout=PATIENCE)
    expect(field(page, "base_model_label", "en")).to_have_value("M2M100 mini")
    expect(field(page, "dataset_label", "en")).to_have_value("menus.tmx")
    page.get_by_role("tab", name=t("view_yaml", "en")).click()
    expect(page.locator("#pp-yaml")).to_contain_text("max_steps: 2", timeout=PATIENCE)
    expect(page.locator("#pp-yaml")).to_contain_text("source_language: en")


def test_a_link_to_a_run_shows_it_at_once_on_a_phone_and_fills_the_form(
    visit: Callable[..., Page], walked: Walked
) -> None:
    page = visit(f"/en/?run={walked.run_id}&__theme=dark", "en", **PHONE)
    expect(page.locator("#pp-filled-from")).to_contain_text("menus.tmx", timeout=PATIENCE)
    status = page.locator("#pp-views .pp-status")
    expect(status).to_contain_text("menus.tmx", timeout=PATIENCE)
    source = page.locator("#pp-source-language input")
    expect(source).to_have_value(language_name("en", "en"), timeout=PATIENCE)  # the form has grown
    page.wait_for_function(f"({IS_IN_SIGHT})(document.querySelector('#pp-views .pp-status'))", timeout=PATIENCE)
    page.screenshot(path=screenshot("paths-link-en-390.png"))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(field(page, "max_steps_label", "en")).to_have_value("2")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, RunStore]]:
    """The app as it answers beyond its own machine, where two browsers are two visitors; and everybody's runs."""
    playground = Playground(tmp_path_factory.mktemp("shared") / "runs", visitor=current_visitor)
    served = app.build_app(playground, TrustedHosts(LOOPBACK | {"playground.example"}))
    config = uvicorn.Config(served, port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pause = threading.Event()
    while thread.is_alive() and not server.started:
        pause.wait(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", playground.store
    server.should_exit = True
    thread.join(10)


def test_what_is_no_run_of_the_visitor_fills_nothing_and_says_so(
    chromium: Browser, shared: tuple[str, RunStore]
) -> None:
    address, store = shared
    others, deleted = (add_run(store, name, rank=64, slowness=5) for name in ("Ana's plan", "gone"))
    for folder in (others, deleted):
        (folder.path / "owner.txt").write_text("ana", encoding="utf-8")
        folder.finish({"status": "finished", "steps": 20})
    store.delete(deleted.run_id)
    unknown, foreign = "Não existe a execução", "Ana's plan pertence a outro visitante"
    complaints: list[str] = []
    with chromium.new_context(viewport=PHONE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for run_id, said in (
            (others.run_id, foreign), (deleted.run_id, unknown), ("..%2F..%2Fetc%2Fpasswd", unknown),
            ("%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", unknown),
        ):  # fmt: skip
            page.goto(f"{address}/pt/?run={run_id}", wait_until="domcontentloaded")
            expect(page.locator(".toast-body")).to_contain_text(said, timeout=PATIENCE)
            expect(page.locator("#pp-filled-from")).to_be_hidden()
            expect(field(page, "name_label", "pt")).to_have_value("")
            assert page.locator(".pp-form").get_by_text("Error", exact=True).count() == 0
            expect(page.locator("#live-ask")).to_be_hidden()
        page.screenshot(path=screenshot("paths-refused-pt-390.png"))
    assert complaints == []

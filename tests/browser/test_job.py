"""A start/stop pair in a real browser: what can be pressed after a refusal, an end, a failure, a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import pytest
from playwright.sync_api import Browser, Page, expect

from playground.errors import RunError
from playground.texts import LANGUAGES, Language, Text
from playground.ui.gate.page import Page as CheckedPage
from playground.ui.parts import toasts
from playground.ui.parts.job import Job
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, SECONDS

pytestmark = pytest.mark.browser
REFUSED, FAILED = Text("Type a word.", "Digite uma palavra."), Text("It broke.", "Quebrou.")


@pytest.fixture(scope="module")
def stopped() -> threading.Event:
    """Set once the work has seen that it should stop."""
    return threading.Event()


@pytest.fixture(scope="module", params=LANGUAGES)
def small(request: pytest.FixtureRequest, stopped: threading.Event) -> Iterator[tuple[str, Language]]:
    """Where a page answers that works until it is stopped, unless it is told to "end" or to "break"."""

    def check(word: str) -> str:
        if not word:
            raise RunError(REFUSED)
        return word

    def work(word: str, should_stop: Callable[[], bool]) -> Iterator[str]:
        yield "working"
        if word == "break":
            raise RunError(FAILED)
        while word != "end" and not should_stop():
            threading.Event().wait(0.05)
        stopped.set()
        yield "done"

    with CheckedPage(request.param) as page:
        word, status = gr.Textbox(elem_id="word"), gr.HTML(elem_id="status")
        start, stop = gr.Button("Start", elem_id="start"), gr.Button("Stop", elem_id="stop", interactive=False)
        shown: dict[str, Any] = {"begin": lambda _: {status: "begun"}, "fail": lambda _: {status: "failed"}}
        Job(start, stop, request.param, check=check, work=work, **shown).wire(page, [status], inputs=[word])
        gr.File(file_types=[".zip"], elem_id="zip")
        toasts.wire(page, request.param)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    yield url, request.param
    page.close()


DROP = """(zone, name) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], name));
    for (const type of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def opened(chromium: Browser, small: tuple[str, Language]) -> Iterator[Page]:
    page = chromium.new_page()
    page.goto(small[0])
    expect(page.locator("#start")).to_be_visible(timeout=PATIENCE)
    yield page
    page.close()


def press(page: Page, word: str) -> None:
    page.locator("#word textarea, #word input").fill(word)
    page.locator("#start").click()


def expect_idle(page: Page) -> None:
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE)
    expect(page.locator("#stop")).to_be_disabled(timeout=PATIENCE)


def test_after_a_refusal_a_failure_and_an_end_the_next_click_works(opened: Page, small: tuple[str, Language]) -> None:
    language = small[1]
    message, title = opened.locator("[data-testid=toast-text]"), opened.locator(".toast-title")
    press(opened, "")
    expect(message).to_have_text(REFUSED.to(language), timeout=PATIENCE)
    expect(title).to_have_text(t("error_title", language))
    expect(opened.locator("#status .html-container")).to_have_text("")
    expect_idle(opened)
    press(opened, "break")
    expect(opened.locator("#status .html-container")).to_have_text("failed", timeout=PATIENCE)
    expect(message.last).to_have_text(FAILED.to(language))
    expect_idle(opened)
    press(opened, "end")
    expect(opened.locator("#status .html-container")).to_have_text("done", timeout=PATIENCE)
    expect_idle(opened)


def test_a_file_of_another_kind_is_refused_in_the_page_s_language(opened: Page, small: tuple[str, Language]) -> None:
    opened.locator("#zip [aria-dropeffect]").evaluate(DROP, "my $& notes.txt")
    expected = t("wrong_file_type", small[1], files="my $& notes.txt", kinds=".zip")
    expect(opened.locator(".toast-message-text")).to_have_text(expected, timeout=PATIENCE)
    expect(opened.locator(".toast-title")).to_have_text(t("error_title", small[1]))


def test_work_goes_on_until_it_is_stopped_and_can_be_started_again(opened: Page) -> None:
    for _ in range(2):
        press(opened, "go on")
        expect(opened.locator("#stop")).to_be_enabled(timeout=PATIENCE)
        expect(opened.locator("#start")).to_be_disabled()
        opened.locator("#stop").click()
        expect(opened.locator("#status .html-container")).to_have_text("done", timeout=PATIENCE)
        expect_idle(opened)


def test_what_was_started_twice_before_the_button_was_disabled_is_stopped_by_one_click(opened: Page) -> None:
    press(opened, "go on")
    expect(opened.locator("#status .html-container")).to_have_text("working", timeout=PATIENCE)
    # As on a page that is slow to draw.
    opened.locator("#start").evaluate("button => { button.disabled = false; button.click(); button.disabled = true; }")
    opened.wait_for_timeout(SECONDS)
    expect(opened.locator("#stop")).to_be_enabled()
    opened.locator("#stop").click()
    expect(opened.locator("#status .html-container")).to_have_text("done", timeout=PATIENCE)
    expect_idle(opened)
    press(opened, "end")
    expect(opened.locator("#status .html-container")).to_have_text("done", timeout=PATIENCE)
    expect_idle(opened)


# As on a slow line: the next answer past the queue is heard only when the test lets it be.
HELD_ANSWER = """() => {
    const ask = window.fetch;
    window.fetch = async (...asked) => {
        const response = await ask(...asked);
        const address = asked[0] instanceof Request ? asked[0].url : String(asked[0]);
        if (!window.hear && address.includes("/run/predict")) {
            await new Promise((heard) => (window.hear = heard));
            window.heard = true;
        }
        return response;
    };
}"""


def test_a_stop_that_is_answered_late_leaves_what_was_started_meanwhile_alone(opened: Page) -> None:
    status, stop = opened.locator("#status .html-container"), opened.locator("#stop")
    for started in range(3):
        press(opened, "go on")
        expect(status).to_have_text("working", timeout=PATIENCE)
        if started == 0:
            opened.evaluate(HELD_ANSWER)
        elif started == 2:
            opened.evaluate("() => window.hear()")
            opened.wait_for_function("() => window.heard")
            opened.wait_for_timeout(SECONDS / 2)
        expect(stop).to_be_enabled(timeout=PATIENCE)
        stop.click()
        expect(status).to_have_text("done", timeout=PATIENCE)
        expect_idle(opened)


def test_closing_the_page_stops_its_work(opened: Page, stopped: threading.Event) -> None:
    press(opened, "go on")
    expect(opened.locator("#status .html-container")).to_have_text("working", timeout=PATIENCE)
    stopped.clear()
    opened.close()
    assert stopped.wait(30)

"""Every event is answered, also one that is sent while the server closes the stream on which answers come."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, SECONDS, Visitors, open_tab, wait_until_drawn

pytestmark = pytest.mark.browser
# As on a slow line: that the stream is closed is heard only when the test lets it be. Or another one is refused.
HELD_CLOSE = """(() => {
    const ask = window.fetch.bind(window);
    window.isHolding = false;
    window.closesHeard = 0;
    window.fetch = async (input, options) => {
        const address = input instanceof Request ? input.url : String(input);
        if (window.isRefused && address.includes("/queue/data")) return new Response("", { status: 503 });
        const response = await ask(input, options);
        if (!address.includes("/queue/data") || !response.ok) return response;
        const held = new TransformStream({
            async transform(chunk, controller) {
                const text = new TextDecoder().decode(chunk);
                const at = text.indexOf('data: {"msg":"close_stream"');
                if (at < 0) return controller.enqueue(chunk);
                if (at > 0) controller.enqueue(new TextEncoder().encode(text.slice(0, at)));
                if (window.isHolding) await new Promise((heard) => { window.hearClose = heard; });
                window.closesHeard += 1;
                controller.enqueue(new TextEncoder().encode(text.slice(at)));
            },
        });
        return new Response(response.body.pipeThrough(held), { headers: response.headers });
    };
})();"""


@pytest.fixture
def held(visitors: Visitors, address: str, visit: Callable[..., Page]) -> Iterator[Page]:
    """A page of its own, that has asked for something and has not yet heard that the stream of its answer is closed."""
    page = visitors.page("en")
    page.context.add_init_script(HELD_CLOSE)
    try:
        visit("/en/")
        open_tab(page, "compare", "en")
        page.evaluate("window.isHolding = true")
        page.locator("#compare-start").click()
        page.wait_for_function("() => Boolean(window.hearClose)", timeout=PATIENCE)
        open_tab(page, "verdict", "en")
        page.locator("#verdict-start").click()
        page.wait_for_timeout(2 * SECONDS)  # the server has it by now, and the page knows
        yield page
    finally:
        page.context.close()
        visitors.pages.pop("en")


def test_what_is_asked_while_the_stream_of_answers_closes_is_answered(held: Page) -> None:
    heard = held.evaluate("() => { window.isHolding = false; window.hearClose(); return window.closesHeard; }")
    said = held.locator(".toast-body").filter(has_text=t("verdict_needs_run", "en"))
    expect(said).to_be_visible(timeout=PATIENCE)
    # Once all is answered the stream is closed: after the close that was held, another one.
    held.wait_for_function("heard => window.closesHeard > heard + 1", arg=heard, timeout=PATIENCE)


def test_a_page_whose_stream_of_answers_is_refused_says_so_and_begins_anew(held: Page, visitors: Visitors) -> None:
    held.evaluate("() => { window.isRefused = true; window.isHolding = false; window.hearClose(); }")
    said = held.locator(".toast-body").filter(has_text=t("connection_lost", "en"))
    expect(said).to_be_visible(timeout=PATIENCE)
    held.wait_for_function("() => window.isRefused === undefined", timeout=PATIENCE)  # it has loaded itself again
    wait_until_drawn(held)
    (complaint,) = visitors.complaints
    assert "the stream of answers was refused (503)" in complaint
    visitors.complaints.clear()

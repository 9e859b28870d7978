"""Every event is answered, also one that is sent while the server closes the stream on which answers come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, SECONDS, Visitors, open_tab

pytestmark = pytest.mark.browser
# As on a slow line: that the stream is closed is heard a second after it was said.
LATE_CLOSE = """(() => {
    const ask = window.fetch.bind(window);
    window.closes = 0;
    window.fetch = async (input, options) => {
        const response = await ask(input, options);
        const address = input instanceof Request ? input.url : String(input);
        if (!address.includes("/queue/data") || !response.ok) return response;
        const late = new TransformStream({
            async transform(chunk, controller) {
                const text = new TextDecoder().decode(chunk);
                const at = text.indexOf('data: {"msg":"close_stream"');
                if (at < 0) return controller.enqueue(chunk);
                if (at > 0) controller.enqueue(new TextEncoder().encode(text.slice(0, at)));
                window.isClosing = true;
                await new Promise((heard) => setTimeout(heard, 1000));
                window.isClosing = false;
                window.closes += 1;
                controller.enqueue(new TextEncoder().encode(text.slice(at)));
            },
        });
        return new Response(response.body.pipeThrough(late), { headers: response.headers });
    };
})();"""


def test_what_is_asked_while_the_stream_of_answers_closes_is_answered(
    visitors: Visitors, address: str, visit: Callable[..., Page]
) -> None:
    page = visitors.page("en")
    page.context.add_init_script(LATE_CLOSE)
    try:
        visit("/en/")
        open_tab(page, "compare", "en")
        page.locator("#compare-start").click()
        expect(page.locator(".toast-body").first).to_be_visible(timeout=PATIENCE)
        page.wait_for_function("window.isClosing", timeout=PATIENCE)
        closed = page.evaluate("window.closes")
        open_tab(page, "verdict", "en")
        page.locator("#verdict-start").click()
        said = page.locator(".toast-body").filter(has_text=t("verdict_needs_run", "en"))
        expect(said).to_be_visible(timeout=10 * SECONDS)
        page.wait_for_function("before => window.closes > before && !window.isClosing", arg=closed, timeout=PATIENCE)
    finally:
        page.context.close()
        visitors.pages.pop("en")

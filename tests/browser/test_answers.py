"""Every event is answered, also one that is sent while the server closes the stream on which answers come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, SECONDS, Visitors, open_tab

pytestmark = pytest.mark.browser
# As on a slow line: that the stream is closed is heard only when the test lets it be.
HELD_CLOSE = """(() => {
    const ask = window.fetch.bind(window);
    window.isHolding = false;
    window.closesHeard = 0;
    window.fetch = async (input, options) => {
        const response = await ask(input, options);
        const address = input instanceof Request ? input.url : String(input);
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


def test_what_is_asked_while_the_stream_of_answers_closes_is_answered(
    visitors: Visitors, address: str, visit: Callable[..., Page]
) -> None:
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
        heard = page.evaluate("() => { window.isHolding = false; window.hearClose(); return window.closesHeard; }")
        said = page.locator(".toast-body").filter(has_text=t("verdict_needs_run", "en"))
        expect(said).to_be_visible(timeout=PATIENCE)
        # Once all is answered the stream is closed: after the close that was held, another one.
        page.wait_for_function("heard => window.closesHeard > heard + 1", arg=heard, timeout=PATIENCE)
    finally:
        page.context.close()
        visitors.pages.pop("en")

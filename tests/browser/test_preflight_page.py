"""Before a run, in a real browser: the view answers, an edit changes the strip, and the form stays usable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from playground.numbers import count
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, SECONDS, open_tab, screenshot
from tests.browser.written_numbers import foreign_numbers

pytestmark = pytest.mark.browser
RANK = "Posto (rank)"
MILLIONS = "4,88\N{NO-BREAK SPACE}mi"


def test_the_view_answers_and_follows_the_form(visit: Callable[..., Page]) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "train", "pt")
    strip = page.locator("#pp-preflight-strip")
    expect(strip).not_to_contain_text(t("preflight_ready", "pt"))  # nothing is counted before somebody asks
    page.get_by_role("tab", name=t("view_preflight", "pt"), exact=True).locator("visible=true").first.click()
    expect(page.locator("#pp-preflight")).to_contain_text(t("preflight_ready", "pt"), timeout=PATIENCE)
    # LoRA of rank 8 on SmolLM2's linear layers, 30 layers of 576 wide, 192 for keys and values, 1536 inside.
    trained = 30 * 8 * (2 * (576 + 576) + 2 * (576 + 192) + 3 * (576 + 1536))
    expect(page.get_by_text(count(trained, "pt"), exact=True)).to_be_visible()
    expect(page.locator(".heatmaplayer").first).to_be_visible(timeout=PATIENCE)
    rank = page.get_by_label(RANK).locator("visible=true").first
    rank.fill("16")
    rank.press("Tab")
    expect(strip).to_contain_text(MILLIONS, timeout=PATIENCE)
    expect(page.get_by_role("button", name=t("train_button", "pt"), exact=True)).to_be_enabled()
    assert foreign_numbers(page, "pt") == []
    page.screenshot(path=screenshot("preflight-pt.png"))


def test_nothing_is_counted_for_an_untouched_form_and_a_filled_one_is_counted_whole(visit: Callable[..., Page]) -> None:
    asked: list[str] = []
    page = visit("/en/")
    numbers = {
        dependency["id"]: dependency["api_name"]
        for dependency in page.request.get(f"{page.url.split('/en/')[0]}/en/config").json()["dependencies"]
    }

    def note(request: Request) -> None:
        sent = request.post_data_json if "/predict" in request.url or "/queue/join" in request.url else {}
        if numbers.get(sent.get("fn_index")) == "preflight":
            asked.append(request.post_data or "")

    page.on("request", note)
    page.reload()
    page.locator("#pp-fill-prefix-tuning").wait_for()
    page.wait_for_timeout(5 * SECONDS)
    assert not asked
    page.locator("#pp-fill-prefix-tuning").click()
    expect(page.locator("#pp-preflight-strip")).to_contain_text(t("preflight_ready", "en"), timeout=PATIENCE)
    assert asked
    assert all('"prefix_tuning"' in sent for sent in asked)  # and none with half of it


def test_a_model_that_is_typed_reaches_the_file_and_the_strip_though_nothing_else_changes(
    visit: Callable[..., Page],
) -> None:
    page = visit("/en/")
    open_tab(page, "train", "en")
    page.get_by_role("tab", name=t("view_yaml", "en"), exact=True).locator("visible=true").first.click()
    model = page.get_by_label(t("base_model_label", "en"), exact=True).locator("visible=true").first
    wrong = "smollm2-135m-instructX"
    model.fill(wrong)
    model.press("Tab")
    expect(page.locator("#pp-yaml")).to_contain_text(f"base_model: {wrong}", timeout=PATIENCE)
    expect(page.locator("#pp-preflight-strip")).to_contain_text(f"base_model: is '{wrong}'", timeout=PATIENCE)

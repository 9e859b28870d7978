"""The learning-rate finder in a real browser: a test with the form's settings, and its rate taken into the form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot

pytestmark = pytest.mark.browser


def test_the_suggested_rate_is_taken_with_one_click(visit: Callable[..., Page]) -> None:
    """m2m100-mini, whose fifty steps take about ten seconds."""
    page = visit("/pt/", "pt", height=1600)
    open_tab(page, "start", "pt")
    page.locator("#pp-fill-m2m100-everyday").click()
    panel = page.locator("#lr-finder")
    panel.get_by_text(t("lr_title", "pt")).click()
    page.locator("#lr-start").click()
    expect(page.locator("#lr-status")).to_contain_text("Sugestão", timeout=PATIENCE)
    expect(page.locator("#lr-curve .scatterlayer path.point").first).to_be_visible(timeout=PATIENCE)
    take = page.locator("#lr-use")
    rate = take.inner_text().split()[-1]
    assert 2e-5 <= float(rate.replace(",", ".")) <= 6e-2
    page.screenshot(path=screenshot("lr-finder-pt.png"), full_page=True)
    take.click()
    field = page.get_by_role("textbox", name=t("learning_rate_label", "pt"))
    expect(field.first).to_have_value(rate)

"""Precisions in a real browser: one click measures a small model, and a histogram follows the choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.catalog.precisions import PRECISIONS
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot
from tests.browser.written_numbers import foreign_numbers

pytestmark = pytest.mark.browser


@pytest.fixture
def model(tmp_path: Path) -> Iterator[str]:
    """A tiny model; what the app kept of it is gone after the test."""
    from playground.model.sources.files import cache_root
    from tests.tiny import save_tiny

    folder = cache_root() / "quantization"
    before = set(folder.glob("*.json"))
    yield str(save_tiny(tmp_path / "model"))
    for path in set(folder.glob("*.json")) - before:
        path.unlink()


def test_one_click_measures_every_precision_and_shows_it(visit: Callable[..., Page], model: str) -> None:
    page = visit("/pt/", "pt", height=1600)
    open_tab(page, "quantization", "pt")
    field = page.locator("#quant-model input")
    field.fill(model)
    field.press("Enter")
    page.locator("#quant-start").click()
    done = t("precision_done", "pt", device="").rstrip(". ")
    expect(page.locator("#quant-status")).to_contain_text(done, timeout=PATIENCE)
    rows = page.locator("#quant-summary tbody tr")
    expect(rows).to_have_count(len(PRECISIONS))
    expect(page.locator("#quant-panels .barlayer path").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#quant-histogram .heatmaplayer image")).to_be_visible(timeout=PATIENCE)
    chart = "document.querySelector('#quant-histogram .js-plotly-plot')"
    shares = f"() => Math.max(...{chart}.data[0].z[1])"  # of the first layer
    before = page.evaluate(shares)
    page.locator("#quant-precision label").filter(has_text="int8").click()
    page.wait_for_function(f"before => ({shares})() > before", arg=before)  # more weights hardly moved
    expect(page.locator("#quant-start")).to_be_enabled()
    assert foreign_numbers(page, "pt") == []
    page.screenshot(path=screenshot("quantization-pt.png"), full_page=True)

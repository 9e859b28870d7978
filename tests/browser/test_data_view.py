"""The view of the examples, in a real browser: whole characters, and what of an upload was left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot

pytestmark = pytest.mark.browser


def test_an_upload_of_rated_answers_shows_whole_characters_and_the_rows_left_out(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    rows = [{"prompt": f"日本語 🎉 {n}?", "completion": f"não, {n}: 東京 👍", "label": n % 4 > 0} for n in range(12)]
    (tmp_path / "rated.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = visit("/pt/", "pt")
    open_tab(page, "train", "pt")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "rated.jsonl")
    expect(page.get_by_text("rated.jsonl").locator("visible=true").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name=t("view_data", "pt"), exact=True).locator("visible=true").first.click()
    expect(page.locator(".block.pp-position")).to_contain_text("3 marcadas como respostas ruins", timeout=PATIENCE)
    tokens = page.locator(".pp-tokens").first
    expect(tokens).to_contain_text("東")
    for text in ("日", "🎉", "ã", "京", "👍"):
        expect(tokens).to_contain_text(text)
    expect(tokens).not_to_contain_text("\ufffd")
    page.screenshot(path=screenshot("data-view-pt.png"))

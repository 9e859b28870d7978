"""The report of a run, opened from the disk by a browser that has no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from playground.export.papers.report import report
from tests.export.made_up import HOSTILE, made_up

pytestmark = pytest.mark.browser


def test_a_browser_without_a_network_draws_every_chart_from_the_disk(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(report(made_up(tmp_path, HOSTILE[1]), "en"), encoding="utf-8")
    context = chromium.new_context(offline=True, color_scheme="dark")
    try:
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "index.html").as_uri())
        page.locator(".chart .main-svg").first.wait_for()
        drawn = page.locator(".chart").evaluate_all("all => all.map(one => one.querySelectorAll('.trace').length)")
        assert len(drawn) == 5
        assert all(count > 0 for place, count in enumerate(drawn) if place != 3), drawn
        assert page.locator("#chart-3 .hm image, #chart-3 .heatmaplayer image").count() > 0
        assert said == []
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 31)"
    finally:
        context.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_words_and_numbers_of_the_scores_stay_whole(chromium: Browser, tmp_path: Path, width: int) -> None:
    (tmp_path / "index.html").write_text(report(made_up(tmp_path, ""), "pt"), encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 800})
    try:
        page.goto((tmp_path / "index.html").as_uri())
        lines_of_words = """cells => cells.flatMap(cell => {
            const text = cell.firstChild, range = document.createRange();
            return [...text.data.matchAll(/[^ ]+/g)].map(word => {
                range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
                return range.getClientRects().length;
            });
        })"""
        lines = page.locator(".scores :is(th, td:not(:last-child))").evaluate_all(lines_of_words)
        assert len(lines) > 10
        assert set(lines) == {1}
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.close()

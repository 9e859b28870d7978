"""The page at the widths of a phone, a small window and a desk: nothing overlaps, nothing is cut, nothing hides."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.texts import Language
from playground.ui.page import TABS
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot
from tests.browser.test_accessibility import PAGES, run_id
from tests.browser.test_browser import points, row

pytestmark = pytest.mark.browser

WIDTHS = (390, 1000, 1400)
HEIGHT = 900
# At one moment: the form grows when the answer to an edit comes.
BAR_AND_FORM = """() => ["#pp-train-bar", ".pp-form"].map(
    (place) => document.querySelector(place).getBoundingClientRect().toJSON())"""
# Controls that lie over each other, of those that are drawn side by side: none holds the other.
OVERLAPS = """() => {
    const kinds = "button, input:not([type=radio], [type=checkbox], [type=file], [type=range]), textarea, .pp-heading";
    const shown = [...document.querySelectorAll(kinds)].filter((element) => element.checkVisibility(
        { opacityProperty: true, visibilityProperty: true }) && !element.closest(".modebar, [role=grid], .dataframe"));
    const boxes = shown.map((element) => [element, element.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && box.height > 1);
    const found = [];
    boxes.forEach(([one, a], number) => boxes.slice(number + 1).forEach(([other, b]) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 2 && high > 2 && !one.contains(other) && !other.contains(one)) {
            found.push(`${one.outerHTML.slice(0, 90)} | ${other.outerHTML.slice(0, 90)}`);
        }
    }));
    return found;
}"""


@pytest.mark.parametrize(("language", "theme"), PAGES)
def test_every_tab_fits_its_screen_and_nothing_overlaps(
    visit: Callable[..., Page], language: Language, theme: str
) -> None:
    """Also leaves a picture of every tab under tests/screenshots, for a person to look at."""
    page = visit(f"/{language}/?__theme={theme}", language, width=WIDTHS[-1], height=HEIGHT)
    open_tab(page, "runs", language)
    row(page, "A higher rank").click(timeout=PATIENCE)
    expect(points(page, "#runs-curves").first).to_be_visible(timeout=PATIENCE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for name in TABS:
            tab = page.get_by_role("tab", name=t(f"tab_{name}", language), exact=True).first
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            page.screenshot(path=screenshot(f"{name}-{language}-{theme}-{width}.png"), full_page=True)
            where = f"{name} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, where
            assert page.evaluate(OVERLAPS) == [], where
            for other in TABS:
                shown = page.get_by_role("tab", name=t(f"tab_{other}", language), exact=True).first.bounding_box()
                assert shown is not None, f"{other}, seen from {where}"
                assert shown["x"] >= 0, f"{other}, seen from {where}"
                assert shown["x"] + shown["width"] <= width, f"{other}, seen from {where}"


def test_the_bar_with_train_covers_nothing_and_the_run_stays_in_view(
    visit: Callable[..., Page], runs_dir: Path
) -> None:
    page = visit(f"/en/?run={run_id(runs_dir, 'a-higher-rank')}", width=WIDTHS[0], height=HEIGHT)
    status = page.locator("#pp-views .pp-status-line")
    expect(status).to_be_visible(timeout=PATIENCE)
    page.locator("#pp-method-group").get_by_role("radio").nth(1).check()  # a first edit: the bar says what it costs
    expect(page.locator("#pp-preflight-strip p")).to_be_visible(timeout=PATIENCE)
    for width, share in product(WIDTHS, (0, 0.5, 1)):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.evaluate("share => scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight))", share)
        where = f"{share} of the way down at {width}"
        bar, filled = page.evaluate(BAR_AND_FORM)
        assert bar["left"] >= filled["right"] or bar["top"] >= filled["bottom"], where
        assert page.evaluate(OVERLAPS) == [], where
        if width >= 900:
            assert 0 <= bar["top"] < HEIGHT / 2, where
            expect(page.locator("#pp-train"), where).to_be_in_viewport(ratio=1)
            expect(status, where).to_be_in_viewport(ratio=1)


def test_the_name_and_the_id_of_a_run_are_shown_whole(visit: Callable[..., Page], runs_dir: Path) -> None:
    page = visit("/en/", width=WIDTHS[-1], height=HEIGHT)
    open_tab(page, "runs", "en")
    for shown in ("A higher rank", run_id(runs_dir, "a-higher-rank")):
        cell = row(page, shown)
        expect(cell).to_be_visible(timeout=PATIENCE)
        cut = "cell => [cell, ...cell.querySelectorAll('*')].some((part) => part.scrollWidth > part.clientWidth + 1)"
        assert not cell.evaluate(cut), shown
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= WIDTHS[-1], shown

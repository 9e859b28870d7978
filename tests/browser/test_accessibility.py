"""The page for who does not see it, sees little of it, or has no mouse: axe, contrasts, names, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.texts import LANGUAGES, Language
from playground.ui.page import TABS
from playground.ui.texts import t
from tests.browser.accessible import contrasts, findings
from tests.browser.conftest import PATIENCE, open_tab
from tests.browser.test_browser import row

pytestmark = pytest.mark.browser

VIEWS = ("live", "preflight", "data", "yaml")
TEXT, SHAPE = 4.5, 3.0  # the contrasts that WCAG 2.2 AA asks for
PAGES: list[tuple[Language, str]] = [("en", "light"), ("pt", "dark")]  # with their themes: each is walked once
LOADING = "[data-testid=status-tracker]:not(.hide)"  # gradio's own, over what it waits for
RINGED = """() => {
    const at = document.activeElement;
    const shown = [at, at.closest("label")].filter(Boolean).map((element) => getComputedStyle(element));
    const box = at.getBoundingClientRect();
    return {
        id: at.id,
        name: `${at.tagName} ${at.className} ${at.getAttribute("aria-label") ?? at.textContent.slice(0, 40)}`,
        ringed: shown.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        onScreen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    };
}"""


OPEN_ALL = """() => {
    const folded = [...document.querySelectorAll("button.label-wrap[aria-expanded=false]")]
        .filter((fold) => fold.checkVisibility());
    folded.forEach((fold) => fold.click());
    return folded.length === 0;
}"""


def run_id(runs_dir: Path, name: str) -> str:
    return next(folder.name for folder in runs_dir.iterdir() if folder.name.endswith(name))


def unfold(page: Page) -> None:
    """Open every folded part of the tab that is shown, and those within them."""
    page.wait_for_function(OPEN_ALL, polling=100, timeout=PATIENCE)


@pytest.mark.parametrize(("language", "theme"), PAGES)
def test_axe_holds_nothing_against_any_tab_and_what_it_does_not_measure_stands_out(
    visit: Callable[..., Page], runs_dir: Path, language: Language, theme: str
) -> None:
    page = visit(f"/{language}/?__theme={theme}&run={run_id(runs_dir, 'a-higher-rank')}", language)
    expect(page.locator("#pp-views .js-plotly-plot").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#live-lesson .pp-reveal")).to_be_visible(timeout=PATIENCE)
    found = {}
    for name in TABS:
        open_tab(page, name, language)
        if name == "runs":
            assert_a_button_that_cannot_be_pressed_looks_so(page)
            row(page, "A higher rank").click(timeout=PATIENCE)
            expect(page.locator("#runs-curves .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
        if name == "start":  # this browser has seen the answer of a lesson, not that of the first
            expect(page.locator("[data-lesson=lora-basics] [data-mark=done]")).to_be_visible()
            expect(page.locator("[data-mark=recommended]").locator("visible=true")).to_have_count(1)
        if name == "train":
            folds = page.get_by_role("button", name=t("training_more", language)).locator("visible=true")
            expect(folds.first).to_be_visible()
        unfold(page)
        if name == "train":  # what was folded is drawn a moment after it is opened
            expect(page.get_by_label(t("weight_decay_label", language)).locator("visible=true").first).to_be_visible()
            assert_what_axe_does_not_measure_stands_out(page)
        found[name] = findings(page)
    open_tab(page, "train", language)
    for view in VIEWS:
        page.locator("#pp-views").get_by_role("tab", name=t(f"view_{view}", language), exact=True).click()
        if view == "data":
            expect(page.locator("#pp-views .legend-item").first).to_be_visible(timeout=PATIENCE)
        # What is still loading is half transparent.
        expect(page.locator(LOADING).locator("visible=true")).to_have_count(0, timeout=PATIENCE)
        found[view] = findings(page)
    assert {name: told for name, told in found.items() if told} == {}


def assert_what_axe_does_not_measure_stands_out(page: Page) -> None:
    """Words in charts, boxes that are not ticked, the borders of inputs; on the Train tab, with a run and unfolded."""
    words = contrasts(page, "#pp-views .js-plotly-plot text", "fill")
    lines = contrasts(page, "#pp-views .js-plotly-plot .js-line", "stroke")
    boxes = contrasts(page, "input[type=radio]:not(:checked), input[type=checkbox]:not(:checked)", "borderTopColor")
    inputs = contrasts(page, "input[type=number], input[type=search], textarea", "borderTopColor")
    assert len(words) > 10
    assert min(words) >= TEXT
    assert len(boxes) > 5
    assert len(inputs) > 5
    assert min(lines + boxes + inputs) >= SHAPE


def assert_a_button_that_cannot_be_pressed_looks_so(page: Page) -> None:
    """On the Runs tab, with no run chosen."""
    fill = "element => getComputedStyle(element).backgroundColor"
    assert page.locator("#runs-resume:disabled").evaluate(fill) == "rgba(0, 0, 0, 0)"
    assert (
        page.locator("#runs-refresh, button:enabled.lg, button:enabled.md").first.evaluate(fill) != "rgba(0, 0, 0, 0)"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_screen_reader_is_told_what_the_eye_sees(
    visit: Callable[..., Page], runs_dir: Path, language: Language
) -> None:
    page = visit(f"/{language}/?run={run_id(runs_dir, 'a-higher-rank')}", language)
    views = page.locator("#pp-views")
    numbers = {"en": r"20 points, from 1\.\d+ to 0\.\d+", "pt": r"20 pontos, de 1,\d+ a 0,\d+"}[language]
    expect(views.get_by_role("img", name=re.compile(numbers)).first).to_be_visible(timeout=PATIENCE)
    expect(views.get_by_role("progressbar", name="A higher rank")).to_have_attribute("aria-valuenow", re.compile(r"\d"))
    fold = page.get_by_role("button", name=f"{t('training_more', language)} ▼", exact=True)
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    unnamed = page.get_by_role("button", name=re.compile(r"^\s*$")).locator("visible=true")
    assert unnamed.evaluate_all("buttons => buttons.map((button) => button.outerHTML.slice(0, 120))") == []
    open_tab(page, "runs", language)
    expect(page.get_by_role("heading", name=t("tab_runs", language), level=2)).to_be_visible()
    if language == "pt":
        assert page.get_by_role("button", name=re.compile("Copy|Download|Zoom|Fullscreen")).count() == 0


def test_the_keyboard_alone_goes_from_the_header_to_train_and_presses_it(visit: Callable[..., Page]) -> None:
    """The form asks for no steps: that the button was pressed shows in the answer, and nothing trains."""
    page = visit("/en/")
    open_tab(page, "train", "en")
    page.locator(".pp-languages a").first.focus()
    names, lost = [], []
    for _ in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate(RINGED)
        names.append(at["name"])
        if not (at["ringed"] and at["onScreen"]):
            lost.append(at["name"])
        if at["name"].endswith(t("max_steps_label", "en")):
            page.keyboard.press("Control+A")
            page.keyboard.type("0")
        if at["id"] == "pp-train":
            break
    assert names[-1].endswith(t("train_button", "en")), names
    assert lost == []
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(page.get_by_test_id("toast-body")).to_contain_text("max_steps", timeout=PATIENCE)
        page.get_by_test_id("toast-close").click()
        expect(page.get_by_test_id("toast-body")).to_have_count(0)
        page.locator("#pp-train").focus()

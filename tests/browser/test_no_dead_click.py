"""Off the happy path: every button on an empty form, then a walk at random. After any click the next one works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import py3langid
import pytest
from playwright.sync_api import Page, expect

from playground.runs.folder import RunStore
from playground.texts import LANGUAGES, Language
from playground.ui.page import TABS
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, Visitors, add_run, log_of, open_tab, served
from tests.browser.walk import BUTTON, IDLE, KEEP_MESSAGES, NAME, PAIRS, Walk, disabled, empty, empty_dropdown

pytestmark = pytest.mark.browser
VIEWS = ("live", "preflight", "data", "yaml")
CLICK_THROUGH = ".toast-wrap { pointer-events: none }"  # what a message covers can be pressed once it has gone
STEPS, SECONDS_OF_WALK, SEED = 300, 60, 20261126  # a machine that is busy gets less far
FEWEST_STEPS = 20  # of those that reached what they were to press, on a busy machine too
# Those with buttons in them, which are not on the page before the fold is opened.
FOLDS = {"train": ("lr-finder",), "inside": ("inside-weights", "inside-answers", "inside-layers", "inside-prompt")}
# What an empty form is refused for; the others have nothing to refuse.
REFUSED = {
    "train": ("pp-train", "lr-start"),
    "compare": ("compare-take", "compare-start"),
    "translate": ("translate-start",),
    "verdict": ("verdict-start",),
    "inside": ("inside-start",),
    "race": ("race-start",),
    "quantization": ("quant-start",),
}


@pytest.fixture(scope="module")
def own_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that may be deleted: the walk may do so."""
    store = RunStore(tmp_path_factory.mktemp("walk") / "runs")
    for number in range(2):
        folder = add_run(store, f"Run {number}", rank=4, slowness=4)
        folder.finish({"status": "finished", "steps": 20, "eval_loss_base": 2.1, "eval_loss": 0.4, "seconds": 12.5})
    return store.root


@pytest.fixture(scope="module")
def own_address(own_runs: Path) -> Iterator[str]:
    with served(own_runs) as url:
        yield url


@pytest.fixture
def visit(visitors: Visitors, own_address: str, own_runs: Path) -> Iterator[Callable[..., Page]]:
    """As everywhere, at an app of these tests' own, whose log holds no traceback in the end."""
    with visitors.visits(own_address) as open_page:
        yield open_page
    log = log_of(own_runs).read_text(encoding="utf-8")
    assert "Traceback" not in log, log[-3000:]


def opened(visit: Callable[..., Page], language: Language) -> tuple[Page, set[str]]:
    """A page on which every tab has been open, and the buttons that cannot be pressed on it."""
    page = visit(f"/{language}/", language, width=1100, height=800)
    page.evaluate(KEEP_MESSAGES)
    page.add_style_tag(content=CLICK_THROUGH)
    for name in TABS:
        open_tab(page, name, language)
        for fold in FOLDS.get(name, ()):
            page.locator(f"#{fold} > button.label-wrap").click()
    return page, disabled(page)


def rest(page: Page, language: Language) -> None:
    """Wait until nothing goes on any more that a button has started, and what was stopped has ended."""
    page.wait_for_function(IDLE, arg=PAIRS, timeout=PATIENCE)
    expect(page.get_by_role("button", name=t("stopping", language), exact=True)).to_have_count(0, timeout=PATIENCE)


def test_a_refusal_is_titled_in_the_page_s_language(visit: Callable[..., Page]) -> None:
    for language in LANGUAGES:
        page = visit(f"/{language}/", language)
        open_tab(page, "compare", language)
        page.locator("#compare-start").click()
        expect(page.locator(".toast-title.error")).to_have_text(t("error_title", language), timeout=PATIENCE)
        open_tab(page, "runs", language)
        page.get_by_role("button", name=f"{t('runs_edit', language)}: Run 1").click(timeout=PATIENCE)
        name = page.get_by_role("textbox", name=t("runs_new_name", language))
        name.fill(f"Run 1 {language}")
        name.press("Enter")
        expect(page.locator(".toast-title.info")).to_have_text(t("info_title", language), timeout=PATIENCE)


def test_every_button_pressed_on_an_empty_form_can_be_pressed_again(visit: Callable[..., Page]) -> None:
    page, at_first = opened(visit, "pt")
    pressed: set[str] = set()
    for name in [*TABS][1:]:
        open_tab(page, name, "pt")
        empty(page)
        if name == "quantization":
            empty_dropdown(page, "#quant-model input")
        press_all(page, pressed, REFUSED.get(name, ()))
        for view in VIEWS if name == "train" else ():
            page.get_by_role("tab", name=t(f"view_{view}", "pt"), exact=True).locator("visible=true").first.click()
            press_all(page, pressed)
    rest(page, "pt")
    assert disabled(page) == at_first
    messages = page.evaluate("window.messages")
    py3langid.set_languages(list(LANGUAGES))
    assert {message for message in messages if py3langid.classify(message)[0] != "pt"} == set()


def press_all(page: Page, pressed: set[str], refused: Sequence[str] = ()) -> None:
    """Each button that can be seen and was not pressed yet; the `refused` ones say why."""
    for button in (
        page.locator(BUTTON).locator("visible=true").element_handles()
    ):  # by place they move: some come and go
        name, before = button.evaluate(NAME), page.evaluate("window.messages.length")
        if name in pressed or button.is_disabled() or not button.is_visible():
            continue
        pressed.add(name)
        if name.endswith("-stop"):  # what it stops may end before a mouse is there
            button.evaluate("button => button.click()")
        else:
            button.click()
        if name in refused:
            page.wait_for_function("before => window.messages.length > before", arg=before, timeout=PATIENCE)


def test_after_a_walk_at_random_everything_can_be_pressed(visit: Callable[..., Page]) -> None:
    page, at_first = opened(visit, "pt")
    walk, end = Walk(page, SEED), time.monotonic() + SECONDS_OF_WALK
    while len(walk.steps) < STEPS and time.monotonic() < end:
        walk.step()
    for name in PAIRS:
        page.evaluate("id => document.getElementById(id)?.click()", f"{name}-stop")
    rest(page, "pt")
    nothing_to_stop = {f"{name}-stop" for name in PAIRS}  # those of folds that the walk opened first as well
    assert disabled(page) <= at_first | nothing_to_stop, "\n".join(walk.steps)
    assert len(walk.steps) - walk.out_of_reach >= FEWEST_STEPS, "\n".join(walk.steps)

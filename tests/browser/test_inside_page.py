"""The knobs in a real browser: a kept sweep comes back with its run, and a slider is answered without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from playground.config import RunConfig
from playground.inside.knobs import turned
from playground.inside.sweep import KEPT, Point, Sweep
from playground.inside.where import answers
from playground.inside.where.answers import Answers
from playground.inside.where.shift import Guess, Shift, ShiftedToken
from playground.runs.folder import RunStore
from playground.runs.origin import Origin, write_origin
from tests.browser.accessible import findings
from tests.browser.conftest import HTML_NAME, PATIENCE, QUESTIONS, SECONDS, open_tab, screenshot
from tests.browser.written_numbers import foreign_numbers

pytestmark = pytest.mark.browser
NAME = "measured before"


@pytest.fixture
def swept_run(runs_dir: Path) -> Iterator[str]:
    """A run whose knobs were measured: its task loss halves a unit of strength; gone after the test."""
    store = RunStore(runs_dir)
    folder = store.create(RunConfig.from_values({"name": NAME, "data": {"dataset": "notes-to-json"}}), {})
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
    folder.finish({"status": "finished", "steps": 1, "seconds": 1.0})
    points = tuple(
        Point(knob, value, 2.0 ** (2 - value), 3.0 * 1.2**value, abs(value))
        for knob, values in (("strength", (0.0, 1.0, -1.0, 2.0)), ("control", (1.0, 2.0)), ("rank", (2.0,)))
        for value in values
    )
    sweep = Sweep(
        texts="", points=points, total=len(points), base_answer=HTML_NAME, adapter_answer="yes", prompt=HTML_NAME,
        groups=("early", "attention"), largest_rank=8, note=None, task_examples=32, held_out=60,
    )  # fmt: skip
    KEPT.keep(folder, sweep)
    yield folder.run_id
    store.delete(folder.run_id)


def opened(visit: Callable[..., Page], width: int = 1280) -> Page:
    page = visit("/pt/", "pt", width=width, height=1000)
    open_tab(page, "inside", "pt")
    page.locator("#inside-run input").click()
    page.get_by_role("option").filter(has_text=NAME).locator("visible=true").first.click()
    return page


def test_a_slider_is_answered_from_what_was_measured_before(visit: Callable[..., Page], swept_run: str) -> None:
    page = opened(visit)
    effects = page.locator("#inside-effects")
    expect(effects).to_contain_text("4,0000", timeout=PATIENCE)
    expect(page.locator("#inside-chart .scatterlayer path.point").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#inside-answer")).to_contain_text(HTML_NAME)
    strength = page.locator("#inside-strength input[type=range]")
    strength.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(effects).to_contain_text("2,2974", timeout=PATIENCE)
    expect(effects).to_contain_text("entre pontos medidos")
    assert foreign_numbers(page, "pt") == []
    rank = page.locator("#inside-rank input[type=range]")
    rank.focus()
    page.keyboard.press("ArrowLeft")
    expect(effects).to_contain_text("há dois controles girados", timeout=PATIENCE)
    page.screenshot(path=screenshot("inside-pt.png"), full_page=True)


def test_a_control_that_has_ended_meanwhile_is_told_when_the_tab_is_opened_again(
    visit: Callable[..., Page], runs_dir: Path, swept_run: str
) -> None:
    store = RunStore(runs_dir)
    config = {"name": f"{NAME} · shuffled", "data": {"dataset": "notes-to-json", "shuffled_answers": True}}
    control = store.create(RunConfig.from_values(config), {})
    write_origin(control, Origin(kind="control", run_id=swept_run, name=NAME))
    try:
        page = visit("/en/")
        open_tab(page, "inside", "en")
        page.locator("#inside-run input").click()
        page.get_by_role("option").filter(has_text=NAME).locator("visible=true").first.click()
        said = page.locator("#inside-control")
        expect(said).to_contain_text("Once it has finished", timeout=PATIENCE)
        start = page.locator("#inside-control-start")
        expect(start).to_be_hidden()
        control.finish({"status": "finished", "steps": 1, "seconds": 1.0})
        open_tab(page, "runs", "en")
        open_tab(page, "inside", "en")
        expect(said).to_contain_text("which has finished", timeout=PATIENCE)
        expect(start).to_be_hidden()
        control.finish({"status": "stopped"})
        open_tab(page, "runs", "en")
        open_tab(page, "inside", "en")
        expect(said).to_contain_text("This run itself took", timeout=PATIENCE)  # a control that was given up is none
        expect(start).to_be_visible()
        held: list[Route] = []  # what the page asks by itself, too: it could be told of the control before the click
        page.route(QUESTIONS, lambda route: held.append(route))
        with page.expect_request(QUESTIONS):
            start.click()
        control.finish({"status": "finished", "steps": 1, "seconds": 1.0})  # as if another window had trained one
        page.route(QUESTIONS, lambda route: route.continue_())  # the newer rule holds
        for route in held:
            route.continue_()
        expect(page.locator(".toast-message-text")).to_contain_text("has its control already", timeout=PATIENCE)
        expect(start).to_be_hidden(timeout=PATIENCE)
    finally:
        store.delete(control.run_id)


def test_a_number_between_two_places_of_its_slider_is_named_and_keeps_what_was_measured(
    visit: Callable[..., Page], swept_run: str
) -> None:
    page = opened(visit)
    row = page.locator("#inside-effects tbody tr").nth(1)
    number = page.locator("#inside-strength input[type=number]")
    number.fill("0.35")
    expect(row).to_contain_text("entre pontos medidos", timeout=PATIENCE)
    for typed in ("0.37", "-0.37", "0.1235", "1.2345"):  # as the server names them, who rounds 0.1235 up
        number.fill(typed)
        expect(row.locator("th, td").first).to_have_text(turned({"strength": float(typed)}, "pt"), timeout=10 * SECONDS)
    expect(row).to_contain_text("solte e ele será")
    # In the place of the server's answer, which takes a model. The page draws its row again, and leaves this one.
    row.evaluate("(row) => (row.cells[1].textContent = 'medido')")
    number.dispatch_event("input")
    page.wait_for_timeout(300)
    expect(row).to_contain_text("medido")
    number.fill("0.3")
    expect(row).to_contain_text("entre pontos medidos")


def test_on_a_phone_the_buttons_of_a_chart_cover_neither_its_legend_nor_its_title(
    visit: Callable[..., Page], swept_run: str
) -> None:
    page = opened(visit, width=390)
    chart = page.locator("#inside-chart")
    expect(chart.locator(".legend")).to_be_visible(timeout=PATIENCE)
    bars, *words = (chart.locator(part).bounding_box() for part in (".modebar", ".legend", ".gtitle"))
    assert bars is not None
    assert bars["height"] > 10
    for word in words:
        assert word is not None
        assert bars["y"] + bars["height"] <= word["y"]
    box = chart.bounding_box()
    assert box is not None
    assert box["y"] <= bars["y"]  # inside its own block, and nothing above is covered


def test_what_both_models_thought_of_at_a_token_is_read_with_the_keyboard_and_by_touch(
    visit: Callable[..., Page], runs_dir: Path, swept_run: str
) -> None:
    likeliest = tuple(Guess(f"{HTML_NAME}{number}", 0.2) for number in range(5))
    tokens = tuple(ShiftedToken(f"t{rank}", rank, likeliest, likeliest) for rank in (1, 2, 3))
    answers.KEPT.keep(RunStore(runs_dir).open(swept_run), Answers((Shift("p", tokens),), (Shift("p", tokens),), 1))
    page = opened(visit)
    fold = page.locator("#inside-answers > button")
    fold.click()
    own, control = (page.locator("#inside-answers-said .shift-answer").nth(number) for number in (0, 1))
    expect(own.get_by_role("button")).to_have_text(["t1", "t2", "t3"], timeout=PATIENCE)
    told = own.locator(".shift-told")
    expect(told).to_be_hidden()
    own.get_by_role("button", name="t1").focus()
    for key, rank in (("ArrowRight", 2), ("End", 3), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        expect(told).to_contain_text(f"Posição {rank} para a base")
    expect(told).to_contain_text(f"Adaptador: “{HTML_NAME}0” 20%, “{HTML_NAME}1” 20%")
    expect(told.locator("img")).to_have_count(0)
    page.keyboard.press("Tab")  # an answer is one stop
    expect(control.locator(".shift-told")).to_contain_text("Posição 1 para a base")
    page.keyboard.press("Shift+Tab")
    expect(own.get_by_role("button", name="t2")).to_be_focused()
    own.get_by_role("button", name="t3").dispatch_event("click")  # a finger's
    expect(told).to_contain_text("Posição 3 para a base")
    expect(own.locator("[aria-current]")).to_have_text("t3")
    assert findings(page) == []
    page.screenshot(path=screenshot("inside-tokens-pt.png"), full_page=True)


def test_keys_that_rest_let_a_slider_go_as_the_pointer_does(visit: Callable[..., Page], swept_run: str) -> None:
    page = opened(visit)
    expect(page.locator("#inside-effects")).to_contain_text("4,0000", timeout=PATIENCE)
    page.evaluate(
        "() => { window.asked = 0; document.getElementById('inside-exact')"
        ".addEventListener('click', (event) => { window.asked += 1; event.stopImmediatePropagation(); }, true); }"
    )
    page.locator("#inside-strength input[type=range]").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => window.asked > 0")
    page.wait_for_timeout(700)
    assert page.evaluate("() => window.asked") == 1


def test_on_a_phone_the_words_over_a_table_are_read_without_scrolling_sideways(
    visit: Callable[..., Page], swept_run: str
) -> None:
    page = opened(visit, width=390)
    caption = page.locator("#inside-effects caption")
    expect(caption).to_contain_text("KL(base", timeout=PATIENCE)
    frame, words, table = (
        page.locator(f"#inside-effects {part}").bounding_box() for part in (".grid-scroll", "caption", "table")
    )
    assert frame
    assert words
    assert table
    assert table["width"] > frame["width"], "the figures do scroll"
    assert words["x"] >= frame["x"]
    assert words["x"] + words["width"] <= frame["x"] + frame["width"]
    assert words["width"] > frame["width"] / 2

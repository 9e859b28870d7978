"""A run that is watched while it trains: its curve grows, nothing is asked while nobody looks, and its end is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from playground.runs.folder import RunFolder, RunStore
from playground.train.events import RunFinished, to_values
from tests.browser.conftest import HTML_NAME, PATIENCE, SECONDS, add_run, open_tab
from tests.events import evaluated, started, stepped

pytestmark = pytest.mark.browser

STEPS = 20  # that `add_run` has taken
HIDE = "state => { window.shownState = state; document.dispatchEvent(new Event('visibilitychange')); }"
CAN_BE_HIDDEN = "Object.defineProperty(document, 'visibilityState', { get: () => window.shownState ?? 'visible' });"

NOTE_PAUSES = """(() => {
    window.pauses = [];
    const real = window.setTimeout;
    window.setTimeout = (work, pause, ...rest) => {
        if (work?.name === "look" && pause <= 1500) pauses.push(pause); // the header's looks are further apart
        return real(work, pause, ...rest);
    };
})()"""


@pytest.fixture
def run(runs_dir: Path) -> Iterator[RunFolder]:
    """One that trains, as far as the page can tell: this process holds it."""
    folder = add_run(RunStore(runs_dir), HTML_NAME, rank=8, slowness=5)
    folder.append(started(total_steps=100))
    claim = folder.claim_or_refuse()
    yield folder
    claim.release()


def end(folder: RunFolder) -> None:
    finished = RunFinished(
        status="finished", reason="", reason_pt="", steps=26, best_step=25, eval_loss_base=2.1, eval_loss=0.125,
        train_loss=0.1, seconds=9.0, examples_per_second=3.0, peak_memory_bytes=10**9,
    )  # fmt: skip
    folder.append(to_values(finished))
    folder.finish({"status": "finished", "steps": 26, "eval_loss_base": 2.1, "eval_loss": 0.125, "seconds": 9.0})


def test_a_watched_curve_grows_rests_while_nobody_looks_and_ends_with_the_run(
    visit: Callable[..., Page], run: RunFolder
) -> None:
    page = visit(f"/en/?run={run.run_id}")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "component_server" in request.url:
            asked.append(request.post_data_json["fn_name"])

    page.evaluate(CAN_BE_HIDDEN)
    page.on("request", note)
    points = page.locator("[data-chart=loss] .scatterlayer path.point")
    expect(points).to_have_count(STEPS + 1, timeout=PATIENCE)  # and the base's loss
    status = page.locator("#pp-views .pp-status")
    expect(status).to_contain_text(HTML_NAME)
    expect(page.locator("#pp-views .pp-stop")).to_be_visible()
    expect(page.get_by_role("progressbar", name=HTML_NAME).first).to_have_attribute("aria-valuenow", "20")

    run.append(stepped(21))
    expect(points).to_have_count(STEPS + 2, timeout=PATIENCE)
    expect(status).to_contain_text("step 21 of 100")
    run.append(evaluated(21, 0.125))
    answers = {"prompt": "q", "reference": "r", "base": "b", "adapter": HTML_NAME}
    run.append({"event": "SampleLogged", "step": 21, **answers})
    expect(page.locator("#pp-views .pp-samples mark")).to_have_text(HTML_NAME, timeout=PATIENCE)
    expect(page.locator("[data-chart=loss] .main-svg").first).to_have_attribute("aria-label", re.compile(r"0\.125"))

    page.evaluate(HIDE, "hidden")
    page.wait_for_timeout(1 * SECONDS)  # what was asked before is answered
    asked.clear()
    run.append(stepped(22))
    page.wait_for_timeout(5 * SECONDS)
    assert asked == []
    expect(points).to_have_count(STEPS + 3)
    page.evaluate(HIDE, "visible")
    expect(points).to_have_count(STEPS + 4, timeout=PATIENCE)

    open_tab(page, "runs", "en")
    page.wait_for_timeout(1 * SECONDS)
    asked.clear()
    run.append(stepped(23))
    page.wait_for_timeout(4 * SECONDS)
    assert "news" not in asked
    open_tab(page, "train", "en")
    expect(points).to_have_count(STEPS + 5, timeout=PATIENCE)

    page.locator("#pp-views").get_by_label("by time").check()
    expect(page.locator("[data-chart=loss] .xtitle")).to_have_text("seconds", timeout=PATIENCE)
    end(run)
    expect(page.locator("#pp-views .pp-finished")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#pp-views .pp-result")).to_contain_text("0.125")
    expect(page.locator("#pp-views .pp-stop")).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("#live-ask")).to_be_visible(timeout=PATIENCE)
    asked.clear()
    page.wait_for_timeout(4 * SECONDS)
    assert "news" not in asked
    assert page.locator("img[src=x]").count() == 0


def test_until_the_first_point_is_there_a_page_looks_more_often(visit: Callable[..., Page], runs_dir: Path) -> None:
    folder = add_run(RunStore(runs_dir), "nothing yet", rank=8, slowness=5)
    (folder.path / "events.jsonl").write_text("", encoding="utf-8")
    folder.append(started(total_steps=100))
    claim = folder.claim_or_refuse()
    try:
        page = visit(f"/en/?run={folder.run_id}")
        page.evaluate(NOTE_PAUSES)
        page.wait_for_function("pauses.length >= 3", timeout=PATIENCE)
        assert max(page.evaluate("pauses")) <= 400
        folder.append(evaluated(0, 2.0))
        expect(page.locator("[data-chart=loss] .scatterlayer path.point")).to_have_count(1, timeout=PATIENCE)
        page.wait_for_function("Math.max(...pauses) > 400", timeout=PATIENCE)
    finally:
        claim.release()

"""A page that waits for nothing draws nothing: without a GPU each frame is taken from the training."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from playground.runs.folder import RunStore
from tests.browser.conftest import PATIENCE, SECONDS, open_tab

pytestmark = pytest.mark.browser
WATCHED_SECONDS = 3


def frames_a_second(chromium: Browser, page: Page) -> float:
    """How often the page asked to be drawn, by the browser's own record."""
    chromium.start_tracing(page=page, categories=["devtools.timeline"])
    page.wait_for_timeout(WATCHED_SECONDS * SECONDS)
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    return sum(event.get("name") == "FireAnimationFrame" for event in events) / WATCHED_SECONDS


def test_a_page_whose_events_have_been_answered_draws_no_more_frames(
    chromium: Browser, visit: Callable[..., Page], runs_dir: Path
) -> None:
    run = next(folder for folder in RunStore(runs_dir) if (folder.summary() or {}).get("status") == "finished")
    page = visit(f"/en/?run={run.run_id}")
    expect(page.locator("[data-chart=loss] .main-svg").first).to_be_visible(timeout=PATIENCE)
    for tab in ("runs", "compare", "verdict", "race", "train"):
        open_tab(page, tab, "en")
    page.wait_for_timeout(5 * SECONDS)
    assert frames_a_second(chromium, page) < 5

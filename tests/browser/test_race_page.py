"""A race in a real browser: its table and charts appear, an axis can be changed, a click opens a run; it is deleted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.race.charts import AXES
from playground.race.config import RaceConfig
from playground.race.folder import RaceStore
from playground.runs.folder import RunStore
from playground.ui.texts import t
from tests.browser.conftest import HTML_NAME, PATIENCE, open_tab, screenshot
from tests.browser.written_numbers import foreign_numbers
from tests.events import evaluated, started, stepped

pytestmark = pytest.mark.browser
NAME = "raced before"
# Trainable parameters, held-out loss, bytes: each of the first three is best at something, the last at nothing.
FIELD = ((2_442_240, 0.31, 9_800_000), (737_280, 0.44, 2_950_000), (18_432, 0.62, 74_000), (800_000, 0.7, 9_900_000))
METHODS = ("lora", "prefix_tuning", "prompt_tuning", "p_tuning")


@pytest.fixture
def race_id(runs_dir: Path) -> Iterator[str]:
    """A race of four that ended long ago, one of them with a hostile name; gone after the test."""
    entrants = [{"method": method} for method in METHODS]
    entrants[1]["name"] = HTML_NAME
    values = {"name": NAME, "data": {"dataset": "notes-to-json"}, "race": {"entrants": entrants, "seeds": 2}}
    race, store = RaceStore(runs_dir).create(RaceConfig.from_values(values)), RunStore(runs_dir)
    made = []
    for entrant, seed in race.config.starts():
        parameters, loss, size = FIELD[METHODS.index(entrant.method.method)]
        run = store.create(race.config.config_of(entrant, seed), {})
        race.remember(entrant, seed, run.run_id)
        made.append(run.run_id)
        run.append(started(trainable_parameters=parameters, base_bytes=269 * 10**6))
        for step in range(0, 61, 20):
            value = loss + (2.1 - loss) * (1 - step / 60) ** 2 + (seed - 42) / 50
            run.append(evaluated(step, value, seconds=step * 1.5))
        for step in range(1, 61):
            run.append(stepped(step, examples_per_second=5.0 + parameters / 10**6))
        run.adapter.mkdir()
        (run.adapter / "adapter_model.safetensors").write_bytes(bytes(size))
        run.finish({
            "status": "finished", "steps": 60, "best_step": 60, "eval_loss_base": 2.1, "seconds": 90.0,
            "eval_loss": loss + (seed - 42) / 50, "memory_above_base_bytes": 300 * parameters,
        })  # fmt: skip
    yield race.race_id
    for run_id in made:
        store.delete(run_id)
    shutil.rmtree(race.path.parent)


def test_a_race_is_shown_measured_opened_and_deleted(visit: Callable[..., Page], race_id: str, runs_dir: Path) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "race", "pt")
    page.locator("#race-earlier input").click()
    page.get_by_role("option").filter(has_text=NAME).locator("visible=true").first.click()
    expect(page.locator("#race-status")).to_contain_text("8", timeout=PATIENCE)
    expect(page.locator("#race-table")).to_contain_text(HTML_NAME)
    expect(page.locator("#race-curves .scatterlayer path.point")).to_have_count(16, timeout=PATIENCE)
    points = page.locator("#race-pareto .scatterlayer path.point")
    expect(points).to_have_count(4 + 3, timeout=PATIENCE)  # the entrants, and rings around three of them

    assert foreign_numbers(page, "pt") == []
    page.locator("#race-cost").get_by_label(AXES["peak_memory_bytes"][0].to("pt")).click()
    title = page.locator("#race-pareto .xtitle")
    expect(title).to_contain_text(AXES["peak_memory_bytes"][0].to("pt"), timeout=PATIENCE)

    last = points.last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("tab", name=t("tab_train", "pt"), exact=True).first).to_have_attribute(
        "aria-selected", "true", timeout=PATIENCE
    )
    expect(page).to_have_url(re.compile("run="), timeout=PATIENCE)
    open_tab(page, "race", "pt")
    expect(page.locator("#race-status")).to_be_visible()
    page.screenshot(path=screenshot("race-pt.png"), full_page=True)

    runs = [folder.run_id for folder in RunStore(runs_dir)]
    page.locator("#race-delete").click()
    page.locator("#race-delete-no").click()
    expect(page.locator("#race-delete-yes")).to_be_hidden(timeout=PATIENCE)
    page.locator("#race-delete").click()
    page.locator("#race-delete-yes").click()
    expect(page.locator("#race-body")).to_be_hidden(timeout=PATIENCE)
    assert race_id not in [race.race_id for race in RaceStore(runs_dir)]
    assert [folder.run_id for folder in RunStore(runs_dir)] == runs

"""A verdict in a real browser: it comes back with its run, and a clicked point opens its sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.config import RunConfig
from playground.runs.folder import RunStore
from playground.verdict.files import to_json
from playground.verdict.judge import System, TestSet, judge
from playground.verdict.leakage import Pair
from tests.browser.conftest import HTML_NAME, PATIENCE, open_tab
from tests.browser.written_numbers import foreign_numbers

pytestmark = pytest.mark.browser
NAME = "judged before"


@pytest.fixture
def judged_run(runs_dir: Path) -> Iterator[str]:
    """A translation run with a kept verdict on six sentences whose points lie apart; gone after the test."""
    store = RunStore(runs_dir)
    data = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}
    folder = store.create(RunConfig.from_values({"name": NAME, "base_model": "m2m100-mini", "data": data}), {})
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
    folder.finish({"status": "finished", "steps": 1, "seconds": 1.0})
    words = "o gato preto dorme na casa grande".split()  # noqa: SIM905
    pairs = tuple(Pair(f"{HTML_NAME} {place}", " ".join(words)) for place in range(6))
    base = System("m2m100-mini", None, tuple(" ".join(words[: place + 1]) for place in range(6)), "beam:4")
    outputs = tuple(" ".join(words[: 6 - place]) for place in range(6))
    adapter = System(HTML_NAME, folder.run_id, outputs, "beam:4")
    verdict = judge(TestSet("six", "en", "pt", pairs), base, [adapter])
    (folder.path / "verdict-20261124-120000-000001.json").write_text(to_json(verdict), encoding="utf-8")
    yield folder.run_id
    store.delete(folder.run_id)


def test_a_kept_verdict_is_shown_and_a_clicked_point_opens_its_sentence(
    visit: Callable[..., Page], judged_run: str
) -> None:
    page = visit("/pt/", "pt", height=1000)
    open_tab(page, "verdict", "pt")
    page.locator("#verdict-runs input").click()
    page.get_by_role("option").filter(has_text=NAME).locator("visible=true").first.click()
    summary = page.locator("#verdict-summary")
    expect(summary).to_contain_text("95%", timeout=PATIENCE)
    expect(summary).to_contain_text(HTML_NAME)
    assert foreign_numbers(page, "pt") == []
    points = page.locator("#verdict-scatter .scatterlayer path.point")
    expect(points).to_have_count(6, timeout=PATIENCE)
    for place in (4, 1):
        points.nth(place).scroll_into_view_if_needed()
        box = points.nth(place).bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#verdict-number input")).to_have_value(str(place + 1))
        expect(page.locator("#verdict-sentence")).to_contain_text(f"{HTML_NAME} {place}", timeout=PATIENCE)
    page.locator("#verdict-number input").fill("3")
    expect(page.locator("#verdict-sentence")).to_contain_text(f"{HTML_NAME} 2", timeout=PATIENCE)

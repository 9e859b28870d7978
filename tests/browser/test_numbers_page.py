"""Every number of the page has the marks of its language: 2.049 is two thousand in Portuguese, and two in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.numbers import decimal
from playground.runs.folder import RunStore
from playground.texts import LANGUAGES, Language
from playground.train.events import RunFinished, ScoreLogged, to_values
from playground.ui.page import TABS
from tests.browser.conftest import PATIENCE, add_run, open_tab
from tests.browser.written_numbers import ambiguous_numbers, foreign_numbers, numbers_with_marks, swapped
from tests.events import evaluated, started

pytestmark = pytest.mark.browser
NAME = "many numbers"
BASE_LOSS, LOSS = 2.049, 1.234


@pytest.fixture
def run_id(runs_dir: Path) -> Iterator[str]:
    """A run that ended, with every kind of number that its page shows; gone after the test."""
    store = RunStore(runs_dir)
    folder = add_run(store, NAME, rank=3, slowness=6)
    folder.append(started(trainable_parameters=2_442_240, total_parameters=134_515_008, train_examples=1_440))
    for step, loss, score in ((0, BASE_LOSS, 40.5), (20, LOSS, 52.25)):
        folder.append(evaluated(step, loss, seconds=step * 60.5))
        folder.append(to_values(ScoreLogged(
            step=step, sentences=8, chrf=score, bleu=score / 2, general_sentences=8, general_chrf=61.1,
            general_bleu=30.5, seconds=step * 60.5,
        )))  # fmt: skip
    summary = {"steps": 20, "best_step": 20, "eval_loss_base": BASE_LOSS, "eval_loss": LOSS, "seconds": 1_234.5}
    ended = RunFinished(
        status="finished", reason="", reason_pt="", train_loss=LOSS, examples_per_second=1.5, peak_memory_bytes=10**9,
        **summary,
    )  # fmt: skip
    folder.append(to_values(ended))
    folder.finish({"status": "finished", **summary})
    yield folder.run_id
    store.delete(folder.run_id)


def test_every_number_has_the_marks_of_the_page_s_language(visit: Callable[..., Page], run_id: str) -> None:
    """Also of those that are numbers in both languages, but not the same: a page says what its twin says."""
    ambiguous: dict[Language, set[str]] = {}
    for language in LANGUAGES:
        page = visit(f"/{language}/", language)
        foreign = {}
        for name in TABS:
            open_tab(page, name, language)
            if name == "runs":
                choose_two(page)
                ambiguous[language] = ambiguous_numbers(page)
            unfold(page)
            foreign[name] = foreign_numbers(page, language)
        page = visit(f"/{language}/?run={run_id}", language)
        result = page.locator("#pp-views .pp-result").filter(has_text=decimal(LOSS, 3, language))
        expect(result).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#pp-views .js-plotly-plot .xtitle").first).to_be_visible(timeout=PATIENCE)
        foreign["live"] = foreign_numbers(page, language)
        ambiguous[language] |= ambiguous_numbers(page)
        assert foreign == dict.fromkeys((*TABS, "live"), [])
    assert {"2.049", "1.234", "1,440"} <= ambiguous["en"]
    assert ambiguous["pt"] == swapped(ambiguous["en"])


def test_a_number_in_the_marks_of_the_other_language_is_found(visit: Callable[..., Page]) -> None:
    """The search that the other tests believe."""
    page = visit("/en/")
    shown = (
        "<p>0,31 and 1.5 in 1,234,567 of Apache-2.0</p><svg><text>2,5e-5</text></svg><b title='7,7%'>−3.25</b>"
        "<input placeholder='0,001'><code>9,9</code><p hidden>8,8</p>"
    )
    page.evaluate("(html) => { document.body.innerHTML = html }", shown)
    assert foreign_numbers(page, "en") == ["0,001", "0,31", "7,7"]
    assert foreign_numbers(page, "pt") == ["1,234,567", "1.5", "3.25"]
    assert "9,9" not in numbers_with_marks(page)


def choose_two(page: Page) -> None:
    """Two runs, so that their curves and the settings in which they differ are shown."""
    for name in (NAME, "A higher rank"):
        page.locator("#runs-table tbody tr").filter(has_text=name).first.click(timeout=PATIENCE)
        expect(page.locator("#runs-chosen")).to_contain_text(name)
    expect(page.get_by_role("rowheader", name="method.params.r")).to_be_visible(timeout=PATIENCE)


def unfold(page: Page) -> None:
    """What is folded away is read as well."""
    folds = page.locator("button.label-wrap:not(.open):visible")
    while folds.count():
        folds.first.click()

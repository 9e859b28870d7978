"""What a visitor does, in a real browser: find the language, train, stop, come back, compare."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from playground.catalog.presets import load_preset
from playground.texts import LANGUAGES, Language
from playground.ui.runs.table_view import LOOK_AGAIN
from playground.ui.texts import t
from playground.ui.theme import LANG
from tests.browser.conftest import HTML_NAME, PATIENCE, open_tab, screenshot, wait_until_drawn

pytestmark = pytest.mark.browser

PRESET = "quicktour"
SHOWN = 300  # ms after an answer, in which the page draws what came


def row(page: Page, name: str) -> Locator:
    """The row of a run; a click into it ticks it, or lets it go."""
    return page.locator("#runs-table tbody tr").filter(has_text=name).first


def is_of_rows(response: Response) -> bool:
    """Of the table, which asks for its rows itself."""
    return "component_server" in response.url


def points(page: Page, inside: str) -> Locator:
    return page.locator(f"{inside} .js-plotly-plot").first.locator(".scatterlayer path.point")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_s_language_decides_the_page_and_the_visitor_can_change_it(
    visit: Callable[..., Page], language: Language
) -> None:
    page = visit("/", language)
    assert urlparse(page.url).path == f"/{language}/"
    expect(page.locator("html")).to_have_attribute("lang", LANG[language])
    other: Language = "pt" if language == "en" else "en"
    page.get_by_text(LANGUAGES[other], exact=True).first.click()
    expect(page.get_by_role("tab", name=t("tab_runs", other))).to_be_visible(timeout=PATIENCE)
    assert urlparse(page.url).path == f"/{other}/"
    expect(page.locator("html")).to_have_attribute("lang", LANG[other])  # whatever the browser speaks


def test_runs_are_laid_over_each_other_and_hostile_names_are_text(visit: Callable[..., Page]) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "runs", "pt")
    row(page, HTML_NAME).click(timeout=PATIENCE)
    expect(page.locator("#runs-chosen")).to_contain_text(HTML_NAME)
    row(page, "Too large").click()
    expect(page.get_by_text("The disk is full <script>alert(2)</script>")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("rowheader", name="method.params.r")).to_be_visible()
    expect(points(page, "#runs-curves").first).to_be_visible(timeout=PATIENCE)
    assert page.locator("img[src=x]").count() == 0


def test_an_adapter_is_downloaded_under_its_run_s_name(visit: Callable[..., Page]) -> None:
    page = visit("/en/")
    open_tab(page, "runs", "en")
    for name, slug in (("A higher rank", "a-higher-rank"), (HTML_NAME, "img-src-x-onerror-alert-1")):
        row(page, name).click(timeout=PATIENCE)
        expect(page.locator("#runs-download")).to_be_enabled(timeout=PATIENCE)
        with page.expect_download(timeout=PATIENCE) as download:
            page.locator("#runs-download").click()
        assert download.value.suggested_filename.endswith(f"-{slug}-adapter.zip")
        row(page, name).click()
        expect(page.locator("#runs-download")).to_be_disabled(timeout=PATIENCE)


def test_search_rename_and_delete(visit: Callable[..., Page], runs_dir: Path) -> None:
    page = visit("/en/")
    open_tab(page, "runs", "en")
    page.locator("#runs-search input").fill("failed")
    expect(page.locator("#runs-table tbody tr")).to_have_count(1, timeout=PATIENCE)
    for old, new in (("Too large", "Renamed <b>run</b>"), ("Renamed <b>run</b>", "Too large")):
        row(page, old).get_by_role("button", name=f"Rename: {old}").click(timeout=PATIENCE)
        name = row(page, "failed").get_by_role("textbox", name="New name")
        expect(name).to_have_value(old)
        name.fill(new)
        name.press("Enter")
        expect(row(page, new)).to_be_visible(timeout=PATIENCE)
    row(page, "Too large").click()
    before = len(list(runs_dir.iterdir()))
    page.locator("#runs-delete").click(timeout=PATIENCE)
    page.locator("#runs-delete-no").click()
    expect(page.locator("#runs-delete-yes")).to_be_hidden()
    assert len(list(runs_dir.iterdir())) == before


def test_a_row_is_not_replaced_while_it_is_pressed(visit: Callable[..., Page]) -> None:
    page = visit("/en/")
    open_tab(page, "runs", "en")
    row(page, "Too large").get_by_role("button", name="Rename").hover(timeout=PATIENCE)
    look_again = partial(page.evaluate, LOOK_AGAIN)
    page.mouse.down()
    with page.expect_response(is_of_rows, timeout=PATIENCE):
        look_again()
    page.wait_for_timeout(SHOWN)
    page.mouse.up()
    name = row(page, "failed").get_by_role("textbox", name="New name")
    expect(name).to_have_value("Too large")
    with page.expect_response(is_of_rows, timeout=PATIENCE):  # what came while it was written is asked for anew
        name.press("Escape")
    row(page, "Too large").hover()
    page.mouse.down()
    with page.expect_response(is_of_rows, timeout=PATIENCE):
        look_again()
    with page.expect_response(is_of_rows, timeout=PATIENCE):
        page.mouse.up()
    expect(row(page, "Too large").get_by_role("checkbox")).to_be_checked()


def test_the_keyboard_sorts_filters_and_ticks_and_a_screen_reader_is_told(visit: Callable[..., Page]) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "runs", "pt")
    expect(row(page, "A higher rank").get_by_role("img", name="Perda no treino: de")).to_be_visible(timeout=PATIENCE)
    heading = page.get_by_role("columnheader", name="Nome")
    heading.get_by_role("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("rowheader").first).to_contain_text(HTML_NAME, timeout=PATIENCE)
    page.get_by_label("Mostrar só: Estado").select_option("failed")
    expect(page.locator("#runs-table tbody tr")).to_have_count(1, timeout=PATIENCE)
    page.get_by_label("Escolher todas as execuções desta página").press("Space")
    expect(page.get_by_role("checkbox", name="Escolher Too large")).to_be_checked()
    page.get_by_label("Mostrar só: Estado").select_option("")
    expect(row(page, HTML_NAME)).to_be_visible(timeout=PATIENCE)
    assert row(page, HTML_NAME).locator("td").last.inner_text() == row(page, HTML_NAME).get_attribute("data-run")
    expect(page.locator("#runs-delete")).to_be_enabled(timeout=PATIENCE)
    page.get_by_role("button", name="Desmarcar Too large").press("Enter")
    expect(page.locator("#runs-actions")).to_be_hidden()


@pytest.mark.slow
def test_the_first_preset_trains_stops_comes_back_and_is_compared(visit: Callable[..., Page]) -> None:
    page = visit("/", "pt")
    guess = load_preset(PRESET).lesson.question.choices[1].text.to("pt")
    page.locator(f"#pp-guess-{PRESET}").get_by_label(guess, exact=True).check()
    page.locator(f"#pp-run-{PRESET}").click()
    lesson = page.locator("#live-lesson")
    expect(lesson).to_contain_text(f"{t('lesson_guess', 'pt')}: {guess}", timeout=PATIENCE)
    training = points(page, "#pp-views")
    expect(training.nth(2)).to_be_visible(timeout=PATIENCE)  # the base's loss and two steps
    page.locator(".pp-stop:visible").first.click()
    expect(page.locator("#pp-views .pp-stopped")).to_be_visible(timeout=PATIENCE)
    drawn = training.count()
    run_id = parse_qs(urlparse(page.url).query)["run"][0]
    expect(lesson.locator(".pp-reveal")).to_be_visible(timeout=PATIENCE)

    page.reload(wait_until="domcontentloaded")
    wait_until_drawn(page)
    expect(page.locator("#pp-views .pp-stopped")).to_be_visible(timeout=PATIENCE)
    expect(training).to_have_count(drawn, timeout=PATIENCE)

    open_tab(page, "runs", "pt")
    row(page, run_id).or_(row(page, PRESET)).first.click(timeout=PATIENCE)
    expect(page.locator("#runs-ask")).to_be_enabled(timeout=PATIENCE)
    page.locator("#runs-ask").click()
    prompts = page.locator("#compare-prompts textarea")
    expect(prompts).to_have_value(re.compile(r"^([^\n]+\n){3}[^\n]+$"), timeout=PATIENCE)
    compare(page, "pt")
    page.screenshot(path=screenshot("compare-answers-pt.png"), full_page=True)


def compare(page: Page, language: Language) -> None:
    """On the Compare tab with one run chosen: two held-out prompts, base and adapter, scores, download."""
    page.get_by_text(t("compare_decoding", language)).click()
    page.get_by_label(t("compare_max_new_tokens", language)).first.fill("24")
    page.get_by_label(t("compare_count", language)).first.fill("2")
    page.locator("#compare-take").click()
    expect(page.locator("#compare-prompts textarea")).to_have_value(re.compile(r"^[^\n]+\n[^\n]+$"), timeout=PATIENCE)
    page.locator("#compare-start").click()
    columns = page.locator("#compare-answers article")
    expect(columns).to_have_count(4, timeout=PATIENCE)
    expect(page.locator("#compare-scores table")).to_contain_text("JSON", timeout=PATIENCE)
    expect(page.locator("#compare-status")).to_contain_text(t("compare_done", language, total=4), timeout=PATIENCE)
    expect(columns.first).to_contain_text(t("compare_base_column", language))
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator("#compare-download").click()
    assert download.value.suggested_filename == "comparison.csv"

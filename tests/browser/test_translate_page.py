"""What a visitor does on the Translate tab: first click, an adapter beside the base, a long file, stop, download."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from defusedxml import ElementTree
from playwright.sync_api import Locator, Page, expect

from playground.catalog.languages import language_name
from playground.config import RunConfig
from playground.runs.folder import RunStore
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot

pytestmark = pytest.mark.browser
NAME = "Everyday <i>words</i>"


@pytest.fixture(scope="module")
def adapter(runs_dir: Path) -> str:
    """The name of a run on the embedded translation model, whose adapter writes something else than the base."""
    import peft
    import torch

    from playground.model.load import load_base

    settings = {
        "name": NAME,
        "base_model": "m2m100-mini",
        "data": {"dataset": "notes-to-json", "source_language": "en", "target_language": "pt"},
    }
    folder = RunStore(runs_dir).create(RunConfig.from_values(settings), {})
    torch.manual_seed(1)
    config = peft.LoraConfig(r=4, lora_alpha=20, target_modules=["fc1", "fc2"], init_lora_weights=False)
    peft.get_peft_model(load_base("m2m100-mini").model, config).save_pretrained(folder.adapter)
    folder.finish({"status": "finished", "steps": 1})
    return NAME


def translate(page: Page) -> None:
    page.locator("#translate-start").click()
    expect(status(page)).to_contain_text("✓", timeout=PATIENCE)
    expect(page.locator("#translate-start")).to_be_enabled()


def status(page: Page) -> Locator:
    return page.locator("#translate-status")


def choose(page: Page, box: str, name: str) -> None:
    """Type the beginning of a language's name and take what is offered."""
    page.locator(f"{box} input").click()
    page.locator(f"{box} input").fill(name[:5])
    page.get_by_role("option").filter(has_text=name).click()


def downloaded(page: Page, button: str) -> str:
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator(button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_the_first_click_translates_the_example_and_both_files_hold_it(visit: Callable[..., Page]) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "translate", "pt")
    translate(page)
    result = page.locator("#translate-result")
    expect(result.locator("tbody tr")).to_have_count(5)
    expect(result).to_contain_text("Ocorreu um erro ao carregar a página.")
    expect(result.get_by_role("meter")).to_have_count(5)
    pane = page.locator("#translate-pane-0 textarea")
    expect(pane).to_have_value(re.compile(r"^Ocorreu um erro ao carregar a página\.\n.+\n\n- .+\n- "))
    assert downloaded(page, "#translate-tsv").splitlines()[1].startswith("An error occurred")
    memory = ElementTree.fromstring(downloaded(page, "#translate-tmx").encode())
    assert len(memory.findall(".//tu")) == 5
    page.screenshot(path=screenshot("translated-pt.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_languages_are_found_by_name_swapped_and_the_example_follows(visit: Callable[..., Page]) -> None:
    page = visit("/en/", "en")
    open_tab(page, "translate", "en")
    galician, spanish = language_name("gl", "en"), language_name("es", "en")
    choose(page, "#translate-to", galician)
    expect(page.locator("#translate-to input")).to_have_value(t("translate_untrained", "en", name=galician))
    choose(page, "#translate-to", spanish)
    page.locator("#translate-swap").click()
    expect(page.locator("#translate-from input")).to_have_value(spanish)
    expect(page.locator("#translate-text textarea")).to_have_value(re.compile("Se ha producido"))


def test_an_adapter_stands_beside_the_base_with_what_it_changed(visit: Callable[..., Page], adapter: str) -> None:
    page = visit("/en/")
    open_tab(page, "translate", "en")
    page.locator("#translate-runs input").click()
    page.get_by_role("option").filter(has_text=adapter).click()
    page.keyboard.press("Escape")
    translate(page)
    result = page.locator("#translate-result")
    expect(result.locator("thead th").nth(2)).to_have_text(adapter)
    expect(result.locator("tbody td")).to_have_count(10)
    expect(result.locator("ins").first).to_be_visible()
    assert page.locator("#translate-result i", has_text="words").count() == 0
    expect(page.locator("#translate-tmx-column")).to_be_visible()
    page.screenshot(path=screenshot("translated-adapter-en.png"), full_page=True)


def test_a_file_of_lines_stops_at_once_and_keeps_what_is_translated(visit: Callable[..., Page], tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(f"Open file {number} and save it." for number in range(3000)), encoding="utf-8")
    page = visit("/en/")
    open_tab(page, "translate", "en")
    page.get_by_text(t("translate_file_heading", "en")).click()
    page.locator("#translate-file input[type=file]").set_input_files(path)
    expect(page.get_by_text(t("translate_file_chosen", "en"))).to_be_visible(timeout=PATIENCE)
    page.locator("#translate-start").click()
    expect(status(page)).to_contain_text(re.compile(r"[1-9]\d* of 3,000"), timeout=PATIENCE)
    page.locator("#translate-stop").click()
    expect(status(page)).to_contain_text("■", timeout=PATIENCE)
    expect(page.locator("#translate-start")).to_be_enabled(timeout=PATIENCE)
    lines = downloaded(page, "#translate-tsv").splitlines()
    assert len(lines) == 3001
    assert 0 < sum(bool(line.split("\t")[1]) for line in lines[1:]) < 3000

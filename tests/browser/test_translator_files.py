"""A translator's files in the browser: a memory to train on, a file to fill in, a file to judge by."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.catalog.languages import language_name
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, open_tab, screenshot

pytestmark = pytest.mark.browser
UNITS = """<?xml version='1.0' encoding='UTF-8'?>\r
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\r
  <file original='menu' source-language="pt" target-language="en" datatype="plaintext"><body>\r
    <!-- {seen} -->\r
    <trans-unit id="1"><source>Salve o arquivo.</source>{first}<note>um &amp; dois</note></trans-unit>\r
    <trans-unit id="2"><source>Abra o arquivo.</source><target state='final'>Open it!</target></trans-unit>\r
    <trans-unit id="3"><source>Aperte <x id="1"/> agora.</source></trans-unit>\r
  </body></file>\r
</xliff>\r
"""


def memory(folder: Path) -> Path:
    path = folder / "memory.tmx"
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>Close window {n}.</seg></tuv><tuv xml:lang="pt"><seg>Feche a janela {n}.</seg>'
        "</tuv></tu>"
        for n in range(40)
    )
    path.write_text(
        f'<tmx version="1.4"><header srclang="en"/><body>{units}</body></tmx>', encoding="utf-8"
    )  # fmt: skip
    return path


def test_a_memory_chooses_the_model_and_the_languages_and_says_what_its_pairs_can_show(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "train", "pt")
    expect(page.locator("#pp-source-language")).to_be_hidden()
    with page.expect_file_chooser() as chooser:
        page.locator("#pp-upload").click()
    chooser.value.set_files(memory(tmp_path))
    model = page.get_by_label(t("base_model_label", "pt"), exact=True).first
    expect(model).to_have_value("M2M100 mini", timeout=PATIENCE)
    expect(page.locator("#pp-source-language input")).to_have_value(language_name("en", "pt"))
    expect(page.locator("#pp-target-language input")).to_have_value(language_name("pt", "pt"))
    expect(page.locator("#pp-pairs")).to_contain_text(re.compile(r"40 .*→.*: 6 .*chrF"), timeout=PATIENCE)
    page.screenshot(path=screenshot("translator-upload-pt.png"), full_page=True)
    page.get_by_role("tab", name=t("view_yaml", "pt")).click()
    expect(page.locator("#pp-yaml")).to_contain_text("source_language: en")
    expect(page.locator("#pp-yaml")).to_contain_text("base_model: m2m100-mini")


def test_an_xliff_file_comes_back_with_nothing_but_its_target_changed(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit("/en/")
    open_tab(page, "translate", "en")
    page.get_by_text(t("translate_file_heading", "en")).click()
    path = tmp_path / "menu item.xlf"
    original = UNITS.format(seen="para <target>", first="").encode()
    path.write_bytes(original)
    page.locator("#translate-file input[type=file]").set_input_files(path)
    note = page.locator("#translate-file-note")
    expect(note).to_contain_text("Texts to translate: 1.", timeout=PATIENCE)
    expect(note).to_contain_text("1 with markup inside the sentence")
    expect(note).to_contain_text("Portuguese → English: the languages above were changed to it.")
    expect(page.locator("#translate-from input")).to_have_value("Portuguese")
    page.locator("#translate-start").click()
    expect(page.locator("#translate-status")).to_contain_text("Filled in: 1.", timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator("#translate-filled").click()
    assert download.value.suggested_filename == "menu item.en.xlf"
    filled = Path(download.value.path()).read_bytes()
    state = b'state="needs-review-translation" state-qualifier="leveraged-mt"'
    [target] = re.findall(rb"<target %s>([^<]+)</target>" % state, filled)
    assert b"file" in target.lower()
    assert filled == original.replace(
        b"<source>Salve o arquivo.</source>",
        b"<source>Salve o arquivo.</source><target %s>%s</target>" % (state, target),
    )
    page.screenshot(path=screenshot("translator-filled.png"), full_page=True)


def test_a_test_file_of_three_languages_asks_which_two(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit("/pt/", "pt")
    open_tab(page, "verdict", "pt")
    page.get_by_label(t("verdict_test_file", "pt")).check()
    path = tmp_path / "test.tsv"
    path.write_text("en\tpt\tes\nThe cat.\tO gato.\tEl gato.\n", encoding="utf-8")
    page.locator("#verdict-file input[type=file]").set_input_files(path)
    expect(page.locator("#verdict-from input")).to_have_value("Inglês", timeout=PATIENCE)
    expect(page.locator("#verdict-to input")).to_have_value("Português")
    expect(page.locator("#verdict-file-note")).to_contain_text("Inglês, Português, Espanhol")

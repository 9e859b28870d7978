"""A model and a data set of the Hub, clicked through in a real browser against a stand-in of the Hub."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from playground.runs.folder import RunStore
from playground.texts import Language
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, ROOT, open_tab, screenshot, wait_until_it_answers
from tests.browser.test_browser import row
from tests.hub_standin import HubStandIn, files_in, serving
from tests.tiny import save_tiny

SIZE = "391\N{NO-BREAK SPACE}kB"
pytestmark = pytest.mark.browser
README = """---
license: cc-by-4.0
configs:
- config_name: capitals
  data_files: [{split: train, path: capitals/train-*}, {split: test, path: capitals/test-*}]
- config_name: rivers
  data_files: [{split: train, path: rivers/train-*}, {split: test, path: rivers/test-*}]
---
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubStandIn]:
    tiny = files_in(save_tiny(tmp_path_factory.mktemp("tiny")))
    with serving() as server:
        server.add("me/tiny", tiny, licence="mit", bytes_per_second=50_000)
        server.add("me/endless", tiny, bytes_per_second=10_000)
        server.add("me/locked", tiny, gated=True)
        server.add("me/cut", tiny, fault="cut")
        server.renamed["me/old"] = "me/tiny"
        for fault in ("private", "limited", "broken"):
            server.add(f"me/{fault}", tiny, fault=fault)
        files = {"README.md": README.encode()}
        for subset in ("capitals", "rivers"):
            for split in ("train", "test"):
                rows = ({"prompt": f"{subset} {split} {n}?", "completion": f"Answer {n}."} for n in range(12))
                files[f"{subset}/{split}-0.jsonl"] = "\n".join(map(json.dumps, rows)).encode()
        server.add("me/places", files, kind="dataset", licence="cc-by-4.0")
        server.add("me/locked", files, kind="dataset", gated=True)
        server.add("me/late", files, kind="dataset", fault="late")
        yield server


@pytest.fixture(scope="module")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-page") / "runs"


@pytest.fixture(scope="module")
def address(hub: HubStandIn, runs_dir: Path) -> Iterator[str]:
    """The app, whose Hub is the stand-in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (runs_dir.parent / "app.log").open("w", encoding="utf-8")
    command = [sys.executable, "app.py", "--port", str(port), "--runs-dir", str(runs_dir)]
    environment = hub.environment(runs_dir.parent / "home")
    with log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=environment) as app:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/en/", app, Path(log.name))
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


def field(page: Page, key: str, language: Language) -> Locator:
    return page.get_by_label(t(key, language), exact=True).locator("visible=true").first


def type_into(page: Page, key: str, text: str, language: Language) -> None:
    box = field(page, key, language)
    box.click()
    box.fill(text)
    box.press("Enter")
    box.press("Tab")


def train(page: Page, language: Language) -> None:
    page.get_by_role("button", name=t("train_button", language), exact=True).click()


def few_steps(page: Page, language: Language) -> None:
    type_into(page, "max_steps_label", "2", language)
    type_into(page, "eval_every_label", "2", language)


def test_a_model_and_a_data_set_of_the_hub_from_their_ids_to_a_comparison(
    visit: Callable[..., Page], runs_dir: Path
) -> None:
    page = visit("/en/", "en")
    open_tab(page, "train", "en")
    about = page.locator("#pp-model-about")
    type_into(page, "base_model_label", "me/tiny", "en")
    expect(about).to_contain_text("391 kB", timeout=PATIENCE)
    expect(about).to_contain_text(t("hub_licence", "en", licence="mit"))
    expect(about).to_contain_text(t("model_not_gated", "en"))
    type_into(page, "dataset_label", "me/places", "en")
    expect(page.get_by_text(t("subset_choose", "en"))).to_be_visible(timeout=PATIENCE)
    field(page, "dataset_label", "en").press("Enter")  # the Hub is asked once more, and meanwhile a part chosen
    field(page, "subset_label", "en").click()
    page.get_by_role("option", name="rivers").click()
    expect(field(page, "split_label", "en")).to_have_value("train", timeout=PATIENCE)
    page.screenshot(path=screenshot("hub-form-en.png"))
    page.get_by_role("tab", name=t("view_data", "en"), exact=True).locator("visible=true").first.click()
    expect(page.get_by_text("rivers train 0?").first).to_be_visible(timeout=PATIENCE)
    few_steps(page, "en")
    page.wait_for_timeout(4000)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if re.search(r"queue/join|run/predict", sent.url) else None)
    page.wait_for_timeout(3000)
    assert asked == [], "nobody touches the form, and it asks the server"
    train(page, "en")
    done = re.compile(re.escape(t("download_progress", "en", done="#", total=SIZE)).replace("\\#", ".*"))
    expect(page.get_by_text(done).first).to_be_visible(timeout=PATIENCE)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=screenshot("hub-download-en.png"))
    expect(page.get_by_text(t("status_finished", "en")).locator("visible=true").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshot("hub-finished-en.png"))
    newest = next(iter(RunStore(runs_dir)))
    data = newest.config.data
    assert (data.dataset, data.subset, data.split) == ("me/places", "rivers", "train")
    summary = newest.summary()
    assert summary is not None
    assert (summary["status"], summary["steps"]) == ("finished", 2)
    open_tab(page, "runs", "en")
    row(page, newest.run_id).or_(row(page, "me/places")).first.click(timeout=PATIENCE)
    expect(page.locator("#runs-ask")).to_be_enabled(timeout=PATIENCE)
    page.locator("#runs-ask").click()
    prompts = page.locator("#compare-prompts textarea")
    expect(prompts).not_to_have_value("", timeout=PATIENCE)  # those that come along
    prompts.fill("rivers train 0?")
    page.locator("#compare-start").click()
    expect(page.locator("#compare-status")).to_contain_text(t("compare_done", "en", done=2, total=2), timeout=PATIENCE)
    page.screenshot(path=screenshot("hub-compared-en.png"))

    page = visit("/pt/", "pt")  # where the model is on the machine
    open_tab(page, "train", "pt")
    type_into(page, "base_model_label", "me/tiny", "pt")
    here = t("model_here", "pt", model="me/tiny")
    expect(page.locator("#pp-model-about")).to_contain_text(here, timeout=PATIENCE)


def test_what_the_hub_refuses_is_said_and_the_next_click_works(visit: Callable[..., Page]) -> None:
    page = visit("/en/")
    open_tab(page, "train", "en")
    about = page.locator("#pp-model-about")
    type_into(page, "base_model_label", "me/locked", "en")
    expect(about).to_contain_text("gated: yes", timeout=PATIENCE)
    type_into(page, "base_model_label", "me/nowhere", "en")
    expect(about).to_contain_text("has no model me/nowhere", timeout=PATIENCE)
    page.screenshot(path=screenshot("hub-missing.png"))
    for model, said in (
        ("me/private", "or it is private"),
        ("me/limited", "Try again in 30 seconds"),
        ("me/broken", "HTTP 500"),
        ("me/old", "now called me/tiny"),
    ):
        type_into(page, "base_model_label", model, "en")
        expect(about).to_contain_text(said, timeout=PATIENCE)
    type_into(page, "dataset_label", "me/locked", "en")
    expect(page.get_by_text("its owner asks for consent").first).to_be_visible(timeout=PATIENCE)
    type_into(page, "dataset_label", "me/nothing", "en")
    expect(page.get_by_text("there is no such data set").first).to_be_visible(timeout=PATIENCE)
    type_into(page, "dataset_label", "me/places", "en")
    expect(page.get_by_text(t("subset_choose", "en"))).to_be_visible(timeout=PATIENCE)
    type_into(page, "base_model_label", "me/endless", "en")
    expect(about).to_contain_text("391 kB", timeout=PATIENCE)


def test_what_is_typed_while_another_data_set_is_being_refused_is_looked_at(
    visit: Callable[..., Page], hub: HubStandIn
) -> None:
    page = visit("/en/")
    open_tab(page, "train", "en")
    type_into(page, "dataset_label", "me/late", "en")
    page.wait_for_timeout(1000)  # for the page to have asked
    type_into(page, "dataset_label", "me/places", "en")
    page.wait_for_timeout(1000)
    hub.let_go.set()
    expect(page.locator(".toast-body.error").first).to_contain_text("me/late", timeout=PATIENCE)
    expect(page.get_by_text(t("subset_choose", "en"))).to_be_visible(timeout=PATIENCE)


def test_a_gated_model_fails_its_run_and_a_download_is_stopped(visit: Callable[..., Page], runs_dir: Path) -> None:
    page = visit("/en/")
    open_tab(page, "train", "en")
    few_steps(page, "en")
    type_into(page, "base_model_label", "me/locked", "en")
    expect(page.locator("#pp-model-about")).to_contain_text("gated: yes", timeout=PATIENCE)
    train(page, "en")
    expect(page.get_by_text("asks for its licence to be accepted").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshot("hub-gated.png"))
    type_into(page, "base_model_label", "me/endless", "en")
    expect(page.locator("#pp-model-about")).to_contain_text("391 kB", timeout=PATIENCE)
    train(page, "en")
    expect(page.get_by_text(re.compile(r"Downloading: .* of 391\skB")).first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=t("stop", "en"), exact=True).locator("visible=true").first.click()
    expect(page.get_by_text(t("status_stopped", "en")).locator("visible=true").first).to_be_visible(timeout=PATIENCE)
    summary = next(iter(RunStore(runs_dir))).summary()
    assert summary is not None
    assert summary["status"] == "stopped"
    assert not list((runs_dir.parent / "home").rglob("*.incomplete"))


def test_a_download_that_is_cut_off_goes_on_and_its_run_finishes(
    visit: Callable[..., Page], runs_dir: Path, hub: HubStandIn
) -> None:
    page = visit("/en/")
    open_tab(page, "train", "en")
    few_steps(page, "en")
    type_into(page, "base_model_label", "me/cut", "en")
    expect(page.locator("#pp-model-about")).to_contain_text("391 kB", timeout=PATIENCE)
    train(page, "en")
    expect(page.get_by_text(t("status_finished", "en")).locator("visible=true").first).to_be_visible(timeout=PATIENCE)
    newest = next(iter(RunStore(runs_dir)))
    assert newest.config.base_model == "me/cut"
    assert newest.summary() is not None
    assert any(asked.startswith("model.safetensors bytes=") for asked in hub.ranges)

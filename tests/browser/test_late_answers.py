"""An answer of the server that comes late leaves alone what the visitor has chosen meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, Response, Route, expect

from playground.config import RunConfig
from playground.race.config import RaceConfig
from playground.race.folder import RaceStore
from playground.runs.folder import RunStore
from tests.browser.conftest import PATIENCE, SECONDS, add_run, open_tab, served

pytestmark = pytest.mark.browser
NAME = "chosen meanwhile"
QUESTIONS = re.compile(r"/gradio_api/(queue/join|run/)")  # each says what the form holds as it is asked
TRANSLATION = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}


def add_to(store: RunStore, tab: str, name: str) -> None:
    """One more of what the tab's picker offers: a run with an adapter, or a race."""
    if tab == "race":
        race = {"entrants": ["lora", "prompt_tuning"]}
        values = {"name": name, "data": {"dataset": "notes-to-json"}, "race": race}
        RaceStore(store.root).create(RaceConfig.from_values(values))
    elif tab == "compare":
        add_run(store, name, rank=4, slowness=4).finish({"status": "finished", "steps": 20})
    else:
        values = {"name": name, "base_model": "m2m100-mini", "data": TRANSLATION}
        folder = store.create(RunConfig.from_values(values), {})
        folder.adapter.mkdir()
        (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
        (folder.adapter / "adapter_model.safetensors").write_bytes(b"1")
        folder.finish({"status": "finished", "steps": 1})


@pytest.fixture(scope="module")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = RunStore(tmp_path_factory.mktemp("late") / "runs")
    for tab in ("compare", "translate", "race"):
        add_to(store, tab, NAME)
    return store.root


@pytest.fixture(scope="module")
def address(runs_dir: Path) -> Iterator[str]:
    with served(runs_dir) as url:
        yield url


@contextmanager
def asked_late(page: Page) -> Iterator[None]:
    """What the page asks inside the block goes to the server when the block has ended, one after the other."""
    held: list[Route] = []
    page.route(QUESTIONS, lambda route: held.append(route))
    yield
    page.route(QUESTIONS, lambda route: route.continue_())  # the newer rule holds
    assert held, "nothing was asked"
    for route in held:
        with page.expect_event("response", partial(answers, route.request), timeout=PATIENCE):
            route.continue_()


def answers(question: Request, response: Response) -> bool:
    return response.request == question


@pytest.mark.parametrize("tab", ["compare", "translate", "verdict", "race"])
def test_what_is_chosen_before_its_tab_was_answered_stays_chosen(
    visit: Callable[..., Page], runs_dir: Path, tab: str
) -> None:
    picker = "#race-earlier" if tab == "race" else f"#{tab}-runs"
    page = visit("/en/")

    def offered(name: str) -> Locator:
        return page.get_by_role("option").filter(has_text=name).locator("visible=true")

    open_tab(page, tab, "en")
    page.locator(f"{picker} input").click()
    expect(offered(NAME)).to_have_count(1, timeout=PATIENCE)  # the list is filled
    page.keyboard.press("Escape")
    open_tab(page, "start", "en")
    new = f"new to {tab}"
    with asked_late(page):
        open_tab(page, tab, "en")
        page.locator(f"{picker} input").click()
        offered(NAME).click()
        page.locator(f"{picker} input").blur()  # a list opens when its field is entered
        add_to(RunStore(runs_dir), tab, new)
    for _ in range(PATIENCE // SECONDS):
        page.locator(f"{picker} input").click()
        page.wait_for_timeout(SECONDS)
        if offered(new).count():  # the late answer is there: nothing else brings this one
            break
        page.locator(f"{picker} input").blur()  # an answer may have closed the list: it opens when entered anew
    else:
        pytest.fail("the late answer never came")
    page.keyboard.press("Escape")
    if tab == "race":
        expect(page.locator(f"{picker} input")).to_have_value(re.compile(NAME))
    else:
        expect(page.locator(f"{picker} .token")).to_contain_text(NAME)

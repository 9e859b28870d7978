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
from playground.ui.texts import t
from tests.browser.conftest import PATIENCE, QUESTIONS, SECONDS, add_run, open_tab, served

pytestmark = pytest.mark.browser
NAME = "chosen meanwhile"
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
    add_to(store, "inside", name_in("inside"))
    (folder,) = store
    folder.path.rename(store.root / f"20250101{folder.run_id[8:]}")  # never the newest, which Inside chooses itself
    for tab in ("compare", "translate", "race"):
        add_to(store, tab, NAME)
    return store.root


def name_in(tab: str) -> str:
    """Inside offers every run; of its own name there is one."""
    return "looked into meanwhile" if tab == "inside" else NAME


@pytest.fixture(scope="module")
def address(runs_dir: Path) -> Iterator[str]:
    with served(runs_dir) as url:
        yield url


@contextmanager
def opened_and_asked_late(page: Page, tab: str) -> Iterator[None]:
    """What the page asks as the tab opens, and in the block, goes to the server when the block has ended, in turn."""
    held: list[Route] = []
    page.route(QUESTIONS, lambda route: held.append(route))
    for _ in range(PATIENCE // SECONDS):  # gradio does not ask again what it has asked and was not answered yet
        open_tab(page, "start", "en")
        open_tab(page, tab, "en")
        page.wait_for_timeout(SECONDS)
        if any(opens(tab, route.request) for route in held):
            break
    else:
        pytest.fail("the tab was opened and nothing was asked")
    yield
    page.route(QUESTIONS, lambda route: route.continue_())  # the newer rule holds
    for route in held:
        with page.expect_event("response", partial(answers, route.request), timeout=PATIENCE):
            route.continue_()


def opens(tab: str, question: Request) -> bool:
    """Of a click on a tab gradio sends which one it was."""
    clicked = (question.post_data_json or {}).get("event_data")
    return isinstance(clicked, dict) and clicked.get("value") == t(f"tab_{tab}", "en")


def answers(question: Request, response: Response) -> bool:
    return response.request == question


@pytest.mark.parametrize("tab", ["compare", "translate", "verdict", "race", "inside"])
def test_what_is_chosen_before_its_tab_was_answered_stays_chosen(
    visit: Callable[..., Page], runs_dir: Path, tab: str
) -> None:
    picker = {"race": "#race-earlier", "inside": "#inside-run"}.get(tab, f"#{tab}-runs")
    chosen = name_in(tab)
    page = visit("/en/")

    def offered(name: str) -> Locator:
        return page.get_by_role("option").filter(has_text=name).locator("visible=true")

    open_tab(page, tab, "en")
    page.locator(f"{picker} input").click()
    expect(offered(chosen)).to_have_count(1, timeout=PATIENCE)  # the list is filled
    page.keyboard.press("Escape")
    new = f"new to {tab}"
    with opened_and_asked_late(page, tab):
        page.locator(f"{picker} input").click()
        offered(chosen).click()
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
    if tab in ("race", "inside"):
        expect(page.locator(f"{picker} input")).to_have_value(re.compile(chosen))
    else:
        expect(page.locator(f"{picker} .token")).to_contain_text(chosen)

"""Deleting a race on its tab: asked first, refused while it is under way, and its runs stay."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.race.config import RaceConfig
from playground.race.folder import RaceFolder
from playground.service import Playground
from playground.texts import LANGUAGES
from playground.ui.race import events as race_events
from playground.ui.race import tab as race_tab
from playground.ui.shell import Shell
from tests.ui.compare.test_tab import HTML_NAME, Page, event


@pytest.fixture(params=LANGUAGES)
def tab(request: pytest.FixtureRequest, playground: Playground) -> gr.Blocks:
    with gr.Blocks() as blocks:
        with gr.Tabs() as tabs, gr.Tab("race", id="race"):
            built = race_tab.build(request.param)
        race_events.wire(built, playground, request.param, Shell(tabs=tabs, watched=gr.State(None)))
    return blocks


@pytest.fixture
def races(playground: Playground, values: dict[str, Any]) -> list[RaceFolder]:
    """Two races with a finished run each, the first with a hostile name."""
    values.pop("method")
    values["race"] = {"entrants": ["lora", "prefix_tuning"]}
    made = []
    for name in (HTML_NAME, "kept"):
        race = playground.races.store.create(RaceConfig.from_values({**values, "name": name}))
        entrant = race.config.entrants[0]
        run = playground.store.create(race.config.config_of(entrant, 42), {})
        run.finish({"status": "finished", "steps": 4})
        race.remember(entrant, 42, run.run_id)
        made.append(race)
    return made


def test_deleting_asks_first_takes_the_race_alone_and_leaves_its_runs(
    tab: gr.Blocks, playground: Playground, races: list[RaceFolder]
) -> None:
    race, kept = races
    runs = {info.run_id for info in playground.list_runs()}
    pending, question, confirm = event(tab, "ask").fn(race.race_id)
    assert confirm.visible
    assert "img" not in Page(question).tags
    assert HTML_NAME in Page(question).text
    assert race.path.exists()
    nothing, confirm, earlier, current = event(tab, "delete").fn(pending, race.race_id)
    assert (nothing, current, confirm.visible) == (None, None, False)
    assert [value for _, value in earlier.choices] == [kept.race_id]
    assert not race.path.exists()
    assert len(runs) == 2
    assert {info.run_id for info in playground.list_runs()} == runs


def test_the_race_that_the_question_named_is_deleted_and_another_that_is_shown_by_now_stays_shown(
    tab: gr.Blocks, playground: Playground, races: list[RaceFolder]
) -> None:
    race, kept = races
    pending, *_ = event(tab, "ask").fn(race.race_id)
    *_, earlier, current = event(tab, "delete").fn(pending, kept.race_id)
    assert (earlier.value, current) == (kept.race_id, kept.race_id)
    assert [found.race_id for found in playground.list_races()] == [kept.race_id]


def test_a_race_under_way_is_neither_asked_about_nor_deleted(
    tab: gr.Blocks, playground: Playground, races: list[RaceFolder]
) -> None:
    race, _ = races
    claim = race.claim()  # as the process that runs it does
    assert claim
    with claim:
        for name, given in (("ask", [race.race_id]), ("delete", [race.race_id, race.race_id])):
            with pytest.raises(gr.Error):
                event(tab, name).fn(*given)
        with pytest.raises(RunError, match="under way: stop it"):
            playground.races.delete(race.race_id)
        assert race.path.exists()
    playground.races.delete(race.race_id)
    with pytest.raises(RunError, match="no race"):
        playground.races.delete(race.race_id)


def test_without_a_race_nothing_is_asked(tab: gr.Blocks) -> None:
    assert not isinstance(event(tab, "ask").fn(None)[2], gr.Column)

"""Deleting a race on its tab: asked first, refused while it is under way, and its runs stay."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.race.config import RaceConfig
from playground.race.folder import RaceFolder
from playground.service import Playground
from playground.ui.race.tab import RaceTab
from tests.ui.compare.test_tab import HTML_NAME, Page, event

Built = tuple[gr.Blocks, RaceTab]


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
    built: Built, playground: Playground, races: list[RaceFolder]
) -> None:
    blocks, tab = built
    race, kept = races
    pending, text, confirm = tab.deletion.pending, tab.deletion.text, tab.deletion.question
    runs = {info.run_id for info in playground.list_runs()}
    asked = event(blocks, "ask").fn(race.race_id)
    assert asked[confirm].visible
    assert "img" not in Page(asked[text]).tags
    assert HTML_NAME in Page(asked[text]).text
    assert race.path.exists()
    deleted = event(blocks, "confirm").fn(asked[pending], current=race.race_id)
    assert (deleted[pending], deleted[tab.current], deleted[confirm].visible) == (None, None, False)
    assert [value for _, value in deleted[tab.earlier].choices] == [kept.race_id]
    assert not race.path.exists()
    assert len(runs) == 2
    assert {info.run_id for info in playground.list_runs()} == runs


def test_the_race_that_the_question_named_is_deleted_and_another_that_is_shown_by_now_stays_shown(
    built: Built, playground: Playground, races: list[RaceFolder]
) -> None:
    blocks, tab = built
    race, kept = races
    asked = event(blocks, "ask").fn(race.race_id)
    deleted = event(blocks, "confirm").fn(asked[tab.deletion.pending], current=kept.race_id)
    assert (deleted[tab.earlier].value, deleted[tab.current]) == (kept.race_id, kept.race_id)
    assert [found.race_id for found in playground.list_races()] == [kept.race_id]


def test_a_race_under_way_is_neither_asked_about_nor_deleted(
    built: Built, playground: Playground, races: list[RaceFolder]
) -> None:
    race, _ = races
    ask, confirm = (event(built[0], name).fn for name in ("ask", "confirm"))
    claim = race.claim()  # as the process that runs it does
    assert claim
    with claim:
        with pytest.raises(gr.Error):
            ask(race.race_id)
        with pytest.raises(gr.Error):
            confirm(race.race_id, current=race.race_id)
        with pytest.raises(RunError, match="under way: stop it"):
            playground.races.delete(race.race_id)
        assert race.path.exists()
    playground.races.delete(race.race_id)
    with pytest.raises(RunError, match="no race"):
        playground.races.delete(race.race_id)


def test_without_a_race_nothing_is_asked(built: Built) -> None:
    assert event(built[0], "ask").fn(None) == gr.skip()

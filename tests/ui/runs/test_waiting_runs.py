from __future__ import annotations

import pytest

from playground.config import RunConfig
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.runs import tab as runs_tab
from playground.ui.runs.table_view import rows_of
from playground.ui.texts import t
from tests.held_training import HeldTraining
from tests.ui.runs.test_tab import event, tab_in
from tests.ui.runs.test_table import ASKED


@pytest.fixture
def waiting(playground: Playground) -> list[str]:
    """Two runs that an earlier process had queued."""
    config = RunConfig.from_values({"data": {"dataset": "notes-to-json"}})
    folders = [playground.store.create(config, {}) for _ in range(2)]
    for folder in folders:
        folder.wait_in_line(playground.store.next_place())
    return [folder.run_id for folder in folders]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_is_there_only_when_runs_wait_and_counts_them(
    playground: Playground, waiting: list[str], language: Language
) -> None:
    _, tab = tab_in(playground, language)
    button = tab.offer_waiting()
    assert button.visible
    assert "(2)" in str(button.value)
    for run_id in waiting:
        playground.delete_run(run_id)
    assert not tab.offer_waiting().visible


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_waits_is_told_in_words_and_can_be_resumed_alone(
    playground: Playground, waiting: list[str], language: Language
) -> None:
    _, tab = tab_in(playground, language)
    rows = rows_of(playground, ASKED, language)["rows"]
    assert {row["cells"]["status"] for row in rows} == {t("runs_status_waiting", language)}
    assert tab.show_details(chosen=waiting[:1], axis="step")[tab.resume].interactive


def test_one_click_queues_them_all_and_takes_the_button_away(
    playground: Playground, training: HeldTraining, waiting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(runs_tab.gr, "Info", told.append)
    blocks, tab = tab_in(playground)
    event(blocks, "resume_waiting")()
    assert told == ["In the queue again: 2"]
    assert not tab.offer_waiting().visible
    training.let_go()
    for run_id in waiting:
        assert playground.worker.wait(run_id, timeout=20)
        assert playground.run_info(run_id).status == "finished"

"""Which kinds a run is offered as, and that an answer takes no choice back."""

from __future__ import annotations

import gradio as gr
import pytest

from playground.config import RunConfig
from playground.export.kinds import KINDS
from playground.export.steps import Step
from playground.export.told import STAGES
from playground.service import Playground
from playground.ui.export.html import step_html
from playground.ui.export.panel import TakeAway, VerifyPanel


@pytest.fixture
def panel(playground: Playground) -> TakeAway:
    with gr.Blocks():
        return TakeAway(playground, "en")


def add_run(playground: Playground, method: str) -> str:
    values = {"name": "<b>", "data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    return playground.store.create(RunConfig.from_values(values), {}).run_id


def test_what_fits_is_offered_and_a_choice_that_fits_is_not_sent_back(playground: Playground, panel: TakeAway) -> None:
    run_id = add_run(playground, "lora")
    kept = panel.offer(chosen=[run_id], is_open=True, kind="merged")[panel.kind]
    assert "value" not in kept.constructor_args
    offered = [name for _, name in kept.choices]
    assert {"peft", "merged"} <= set(offered) < set(KINDS)
    assert "lora" not in offered
    moved = panel.offer(chosen=[run_id], is_open=True, kind="lora")
    assert moved[panel.kind].value == "peft"
    assert "already" in moved[panel.refused]


def test_a_closed_panel_and_no_run_ask_nothing(playground: Playground, panel: TakeAway) -> None:
    run_id = add_run(playground, "lora")
    for chosen, is_open in (([run_id], False), ([], True), ([run_id, run_id + "x"], True)):
        assert panel.offer(chosen=chosen, is_open=is_open, kind="peft")[panel.refused] == ""


def test_nothing_to_take_or_verify_is_refused(playground: Playground, panel: TakeAway) -> None:
    fields = {"kind": "peft", "repo_id": "", "token": "", "is_public": False}
    with pytest.raises(Exception, match="exactly one"):
        panel.check(chosen=[], **fields)
    with pytest.raises(Exception, match="not ended"):
        panel.check(chosen=[add_run(playground, "lora")], **fields)
    with gr.Blocks():
        verify = VerifyPanel(playground, "en")
    for file in (None, "", ["/etc/passwd"], 3):
        with pytest.raises(Exception, match="zip first"):
            verify.check(file=file)


def test_what_is_being_done_is_said_in_words_and_with_how_much_of_it() -> None:
    counted, uncounted = step_html(Step("asking", 3, 12), "pt"), step_html(Step("merging"), "pt")
    assert STAGES["asking"].pt in counted
    assert 'aria-valuenow="25"' in counted
    assert uncounted.startswith(f'<p role="status">{STAGES["merging"].pt}</p><div')
    assert "aria-valuenow" not in uncounted
    assert 'role="progressbar"' in uncounted

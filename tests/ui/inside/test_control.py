"""The control of the run that is looked into: who is offered one, and what is told of it."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.runs.origin import Origin, write_origin
from playground.service import Playground
from playground.ui.inside.tab import InsideTab


@pytest.fixture
def tab_class() -> type:
    return InsideTab


def test_a_run_s_control_is_told_and_one_that_is_a_control_says_so(tab: Any, add_run: Any) -> None:
    control = tab.control
    assert control.show_control(run=None)[control.said] == ""
    for run, words, can_train in (
        (add_run(), "This run itself took", True),
        (add_run(shuffled_answers=True), "it is a control", False),
    ):
        shown = control.show_control(run=run)
        assert words in shown[control.said]
        assert shown[control.start].visible is can_train
    with pytest.raises(RunError):
        control.train_control(run=None)


@pytest.mark.parametrize(("status", "can_train"), [("interrupted", False), ("finished", False), ("stopped", True)])
def test_a_second_control_is_not_offered_unless_the_first_was_given_up(
    tab: Any, add_run: Any, playground: Playground, status: Any, can_train: bool
) -> None:
    run_id, control_id = add_run(name="one"), add_run(name="its control", shuffled_answers=True)
    control = playground.store.open(control_id)
    write_origin(control, Origin(kind="control", run_id=run_id, name="one"))
    if status == "interrupted":
        (control.path / "summary.json").unlink()
    else:
        control.finish({"status": status})
    shown = tab.control.show_control(run=run_id)
    assert shown[tab.control.start].visible is can_train
    assert ("its control" in shown[tab.control.said]) is not can_train


@pytest.mark.parametrize("kind", ["kept", "brought"])
def test_a_run_that_was_not_trained_has_no_control_and_no_button_for_one(
    tab: Any, add_run: Any, playground: Playground, kind: Any
) -> None:
    run_id = add_run(shuffled_answers=kind == "kept")  # kept of a run that is itself a control
    write_origin(playground.store.open(run_id), Origin(kind=kind, run_id="another", name="another"))
    shown = tab.control.show_control(run=run_id)
    assert not shown[tab.control.start].visible
    assert "it has no control" in shown[tab.control.said]
    assert "took" not in shown[tab.control.said]


def test_how_far_a_control_is_is_told_anew_when_the_tab_opens_and_after_a_press_that_is_refused(
    built: tuple[gr.Blocks, Any],
) -> None:
    blocks, tab = built
    shows = [block for block in blocks.fns.values() if block.name == "show_control"]
    assert all(block.outputs == [tab.control.start, tab.control.said] for block in shows)
    before = [blocks.fns[block.trigger_after] for block in shows]
    events = [{event for _, event in block.targets} for block in before]
    assert events == [{"change", "select"}, {"click"}, {"click"}]
    assert [block.trigger_only_on_success for block in shows] == [False, True, False]
    assert [block.trigger_only_on_failure for block in shows] == [False, False, True]

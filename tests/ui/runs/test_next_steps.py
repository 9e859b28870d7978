"""From a run to what comes next: only what its adapter can do is offered, and everything is chosen on arrival."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.runs.folder import RunFolder
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.service.visitor import Visitor
from playground.ui.page import build_ui
from playground.ui.runs import next_steps
from playground.ui.runs.tab import RunsTab
from playground.ui.train.live import view as live_view

ANA, BEN = Visitor("ana"), Visitor("ben")
PAIRS = {"dataset": "everyday-phrases", "source_language": "pt", "target_language": "en"}
ANSWERS: dict[str, Any] = {"data": {"dataset": "notes-to-json"}}
TRANSLATES: dict[str, Any] = {"base_model": "m2m100-mini", "data": PAIRS}
UNLISTED: dict[str, Any] = {"base_model": "owner/translator", "data": PAIRS}


@dataclass
class Caller:
    """Who calls right now."""

    visitor: Visitor

    def __call__(self) -> Visitor:
        return self.visitor


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller(ANA)


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory, caller: Caller) -> Playground:
    return Playground(tmp_path_factory.mktemp("next") / "runs", visitor=caller)


@pytest.fixture(scope="module")
def page(playground: Playground) -> gr.Blocks:
    return build_ui(playground, "en")


@pytest.fixture(autouse=True)
def ana_calls(caller: Caller) -> None:
    caller.visitor = ANA


def run_of(playground: Playground, settings: dict[str, Any], *, adapter: bool = True) -> RunFolder:
    folder = playground.store.create(playground.check(settings), {}, "ana")
    if adapter:
        folder.adapter.mkdir()
        (folder.adapter / "adapter_model.safetensors").write_bytes(b"x")
    folder.finish({"status": "finished", "steps": 1, "seconds": 1.0})
    return folder


def infos(playground: Playground, *folders: RunFolder) -> list[RunInfo]:
    return [playground.run_info(folder.run_id) for folder in folders]


def event(page: gr.Blocks, name: str) -> Callable[..., Any]:
    fn: Callable[..., Any] = next(found.fn for found in page.fns.values() if found.name == name)
    return fn


def opened(page: gr.Blocks, name: str, chosen: Any) -> dict[str, Any]:
    """What a button fills, by the id of each element."""
    filled = event(page, name)(chosen)
    return {getattr(component, "elem_id", None) or "tabs": value for component, value in filled.items()}


@pytest.mark.parametrize(
    ("settings", "steps"),
    [(ANSWERS, {"ask"}), (TRANSLATES, {"translate", "judge"}), (UNLISTED, {"translate", "judge"}),
     ({**TRANSLATES, "data": {"dataset": "notes-to-json"}}, {"translate"})],
)  # fmt: skip
def test_what_is_offered_is_what_the_model_and_its_data_can_do(
    playground: Playground, settings: dict[str, Any], steps: set[str]
) -> None:
    assert next_steps.possible(playground, infos(playground, run_of(playground, settings))) == steps | {"inside"}


def test_nothing_is_offered_without_an_adapter_for_too_many_or_for_different_bases(playground: Playground) -> None:
    none = run_of(playground, ANSWERS, adapter=False)
    answers, translates = run_of(playground, ANSWERS), run_of(playground, TRANSLATES)
    for folders in ([], [none], [answers, translates], [answers] * 4):
        assert not next_steps.possible(playground, infos(playground, *folders))
    assert next_steps.possible(playground, infos(playground, none, answers, answers)) == {"ask"}


def shown_beside(playground: Playground, run_id: str) -> list[bool]:
    """Which of the buttons the live view shows beside a run."""
    with gr.Blocks():
        view = live_view.LiveView(playground, "en")
    shown = view.show(run_id)
    return [shown[button].visible for button in view.next.buttons]


def test_the_live_view_offers_them_once_a_run_of_the_visitor_s_own_has_ended(
    playground: Playground, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = run_of(playground, TRANSLATES).run_id
    assert shown_beside(playground, run_id) == [False, True, True, True]
    assert shown_beside(playground, run_of(playground, ANSWERS, adapter=False).run_id) == [False] * 4
    caller.visitor = BEN
    assert shown_beside(playground, run_id) == [False] * 4
    caller.visitor = ANA
    monkeypatch.setattr(type(playground.queue), "status", lambda *_: "running")
    assert shown_beside(playground, run_id) == [False] * 4


def test_asking_both_models_opens_the_comparison_with_the_run_and_four_prompts_it_did_not_train_on(
    page: gr.Blocks, playground: Playground
) -> None:
    run_id = run_of(playground, ANSWERS).run_id
    shown = opened(page, "ask_both", run_id)
    assert shown["compare-runs"].value == [run_id]
    assert shown["tabs"].selected == "compare"
    (count,) = (value for item, value in event(page, "ask_both")(run_id).items() if isinstance(item, gr.Slider))
    prompts, known, metrics = event(page, "take_prompts")(chosen=[run_id], count=count).values()
    assert len(prompts.splitlines()) == len(known) == 4
    assert "valid_json" in metrics


@pytest.mark.parametrize("settings", [TRANSLATES, UNLISTED])
def test_translating_with_it_opens_the_tab_with_base_adapter_and_languages(
    page: gr.Blocks, playground: Playground, settings: dict[str, Any]
) -> None:
    run_id = run_of(playground, settings).run_id
    shown = opened(page, "translate_with", run_id)
    assert shown["translate-model"] == settings["base_model"]
    assert shown["translate-runs"].value == [run_id]
    assert (shown["translate-from"].value, shown["translate-to"].value) == ("pt", "en")
    # The model's own event comes after it, and leaves what was chosen.
    (follow,) = (found.fn for found in page.fns.values() if found.name == "follow_model" and len(found.outputs) == 6)
    after = follow(model=settings["base_model"], source="pt", target="en", runs=[run_id])
    left = [item.elem_id for item, box in after.items() if isinstance(box, gr.Dropdown)]
    assert left == ["translate-runs", "translate-from", "translate-to"]
    assert not any("value" in box.constructor_args for box in after.values() if isinstance(box, gr.Dropdown))


def test_asking_for_a_verdict_opens_the_tab_with_the_run_and_what_it_held_out(
    page: gr.Blocks, playground: Playground
) -> None:
    run_id = run_of(playground, TRANSLATES).run_id
    shown = opened(page, "ask_for_verdict", run_id)
    assert shown["verdict-runs"].value == [run_id]
    assert (shown["verdict-test"], shown["verdict-accept"]) == ("held_out", False)


def test_looking_inside_opens_the_tab_with_the_run_chosen(page: gr.Blocks, playground: Playground) -> None:
    older, run_id = run_of(playground, ANSWERS).run_id, run_of(playground, TRANSLATES).run_id
    for chosen in (older, run_id):
        shown = opened(page, "look_inside", chosen)
        assert (shown["inside-run"].value, shown["tabs"].selected) == (chosen, "inside")


@pytest.mark.parametrize("name", ["ask_both", "translate_with", "ask_for_verdict", "look_inside"])
def test_a_run_of_somebody_else_a_deleted_one_and_a_made_up_one_open_nothing(
    page: gr.Blocks, playground: Playground, caller: Caller, name: str
) -> None:
    anas, gone = run_of(playground, TRANSLATES).run_id, run_of(playground, TRANSLATES)
    playground.delete_run(gone.run_id)
    caller.visitor = BEN
    for run_id in (anas, gone.run_id, "../../etc", "<img src=x>", [anas], [], None):
        with pytest.raises(gr.Error):
            opened(page, name, run_id)


def test_of_several_chosen_runs_those_with_an_adapter_are_taken_along(playground: Playground) -> None:
    folders = [run_of(playground, ANSWERS), run_of(playground, ANSWERS, adapter=False), run_of(playground, ANSWERS)]
    ids = [folder.run_id for folder in folders]
    assert next_steps.with_adapter(playground, ids) == [ids[0], ids[2]]
    with pytest.raises(RunError):
        next_steps.with_adapter(playground, [ids[1]])
    with gr.Blocks():
        tab = RunsTab(playground, "en")
    shown = tab.show_details(chosen=ids, axis="step")
    assert [shown[button].interactive for button in tab.next.buttons] == [True, False, False, False]

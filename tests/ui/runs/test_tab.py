from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import gradio as gr
import pytest

from playground.config import RunConfig
from playground.errors import RunError
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.texts import LANGUAGES, Language
from playground.ui.parts.tables import html_table
from playground.ui.runs.chosen import MAX_CHOSEN, chosen_ids, only
from playground.ui.runs.tab import RunsTab
from playground.ui.texts import t

HTML_NAME = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"


class Page(HTMLParser):
    """The tags and the text that a browser would make of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def add_run(playground: Playground, name: str, status: str = "finished", seed: int = 42, **summary: Any) -> RunFolder:
    settings = {"name": name, "seed": seed, "data": {"dataset": "notes-to-json"}}
    folder = playground.store.create(RunConfig.from_values(settings), {})
    folder.append({"event": "EvalLogged", "step": 0, "loss": 2.0, "perplexity": 7.4, "seconds": 0.0})
    folder.finish({"status": status, "steps": 4, "eval_loss_base": 2.0, "eval_loss": 0.5, "seconds": 3.2, **summary})
    return folder


def tab_in(playground: Playground, language: Language = "en") -> tuple[gr.Blocks, RunsTab]:
    with gr.Blocks() as blocks:
        with gr.Tabs(), gr.Tab("runs") as item:
            tab = RunsTab(playground, language)
        tab.connect(blocks, item)
    return blocks, tab


def details(tab: RunsTab, *chosen: RunFolder) -> dict[Any, Any]:
    return tab.show_details(chosen=[run.run_id for run in chosen], axis="step")


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, playground: Playground) -> gr.Blocks:
    return tab_in(playground, request.param)[0]


@pytest.fixture
def tab(playground: Playground) -> RunsTab:
    return tab_in(playground)[1]


def event(page: gr.Blocks, name: str) -> Any:
    """The handler called `name`, as the page calls it."""
    found, *_ = [block.fn for block in page.fns.values() if getattr(block.fn, "__name__", "") == name]
    return found


def test_the_tab_is_built_and_no_event_of_it_is_part_of_the_public_api(page: gr.Blocks) -> None:
    assert page.fns
    assert {block.api_visibility for block in page.fns.values()} == {"private"}


def test_a_status_differs_by_its_sign_and_not_only_by_its_word() -> None:
    statuses = ("queued", "running", "finished", "stopped", "failed", "interrupted", "waiting")
    for language in LANGUAGES:
        assert len({t(f"runs_status_{status}", language).split()[0] for status in statuses}) == len(statuses)


def test_runs_that_are_gone_cannot_be_chosen_from_elsewhere(playground: Playground, tab: RunsTab) -> None:
    folder, gone = add_run(playground, "first"), add_run(playground, "second")
    playground.delete_run(gone.run_id)
    assert tab.existing([gone.run_id, folder.run_id, "../secret"]) == [folder.run_id]


def test_one_chosen_run_can_be_opened_and_deleted(playground: Playground, tab: RunsTab) -> None:
    folder = add_run(playground, "first")
    shown = details(tab, folder)
    assert shown[tab.current] == folder.run_id
    assert all(shown[button].interactive for button in (tab.open, tab.use, tab.delete))
    assert not shown[tab.download].interactive  # it has no adapter
    assert not shown[tab.resume].interactive  # it ended by itself


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_a_run_that_did_not_reach_its_end_can_be_resumed(playground: Playground, tab: RunsTab, status: str) -> None:
    assert details(tab, add_run(playground, "first", status=status))[tab.resume].interactive


def test_several_chosen_runs_show_curves_and_differences(playground: Playground, tab: RunsTab) -> None:
    shown = details(tab, add_run(playground, HTML_NAME, seed=1), add_run(playground, "second", seed=2))
    assert shown[tab.current] is None
    assert shown[tab.curves].visible
    grid = Page(shown[tab.differences])
    assert "img" not in grid.tags
    for text in (HTML_NAME, "second", "seed", "1", "2"):
        assert text in grid.text


def test_equal_runs_are_said_to_be_equal(playground: Playground, tab: RunsTab) -> None:
    shown = details(tab, add_run(playground, "same"), add_run(playground, "same"))
    assert "equal settings" in shown[tab.differences]


def test_the_error_of_a_failed_run_is_shown_as_text(playground: Playground, tab: RunsTab) -> None:
    folder = add_run(playground, HTML_NAME, status="failed", error=f"No space left {SCRIPT}")
    shown = Page(details(tab, folder)[tab.failures].value)
    assert not {"script", "img"} & set(shown.tags)
    assert f"No space left {SCRIPT}" in shown.text


def test_a_foreign_id_is_refused_by_every_action(page: gr.Blocks, told: list[str]) -> None:
    calls: dict[str, dict[str, Any]] = {"resume_run": {}, "export": {}, "ask": {}}
    for chosen in (["../secret"], ["<img src=x>"], {"a": 1}, 7, [["a"]], [None], ["x"] * (MAX_CHOSEN + 1)):
        for name, others in calls.items():
            with pytest.raises(gr.Error):
                event(page, name)(chosen=chosen, **others)
        with pytest.raises(gr.Error):
            event(page, "confirm")(chosen)
        assert event(page, "show_details")(chosen=chosen, axis="step") == gr.skip()
        assert told.pop()


def test_deleting_asks_first_and_names_the_runs_as_text(playground: Playground) -> None:
    page, tab = tab_in(playground)
    folder, kept = add_run(playground, HTML_NAME), add_run(playground, "kept")
    asked = event(page, "ask")([folder.run_id])
    assert folder.path.exists()
    assert asked[tab.deletion.question].visible
    question = Page(asked[tab.deletion.text])
    assert "img" not in question.tags
    assert HTML_NAME in question.text
    pending = asked[tab.deletion.pending]
    deleted = event(page, "confirm")(pending)
    assert [info.run_id for info in playground.list_runs()] == [kept.run_id]
    assert (deleted[tab.deletion.pending], deleted[tab.deletion.question].visible) == (None, False)


def renamed(told: Any) -> gr.EventData:
    return gr.EventData(None, told)


def test_renaming_changes_the_name_in_the_list(page: gr.Blocks, playground: Playground) -> None:
    folder = add_run(playground, "first")
    event(page, "rename_run")(renamed({"run_id": folder.run_id, "name": "second"}))
    assert playground.run_info(folder.run_id).name == "second"


@pytest.mark.parametrize("name", ["", "x" * 121, 7, None, ["a"], {"b": 1}])
def test_a_name_that_no_run_may_have_is_refused_in_words(page: gr.Blocks, playground: Playground, name: Any) -> None:
    folder = add_run(playground, "first")
    event_data = [renamed({"run_id": folder.run_id, "name": name}), renamed({"run_id": folder.run_id}), renamed(None)]
    event_data += [renamed({"run_id": "../secret", "name": "x"}), renamed([]), renamed("x")]
    for told in event_data[0 if name in ("", "x" * 121) else 1 :]:
        with pytest.raises(gr.Error):
            event(page, "rename_run")(told)
    assert playground.run_info(folder.run_id).name == "first"


def test_an_action_for_one_run_refuses_none_and_several() -> None:
    assert only(["a"]) == "a"
    for chosen in ([], ["a", "b"]):
        with pytest.raises(RunError, match="exactly one"):
            only(chosen)


def test_each_chosen_run_counts_once() -> None:
    assert chosen_ids(["a", "b", "a"]) == ["a", "b"]
    assert [chosen_ids(nothing) for nothing in (None, "", [])] == [[], [], []]
    assert chosen_ids("a") == ["a"]


def test_every_cell_and_heading_of_a_table_is_text() -> None:
    table = Page(html_table([HTML_NAME], [[HTML_NAME], [SCRIPT]], caption=SCRIPT))
    assert not {"script", "img"} & set(table.tags)
    assert table.text == SCRIPT + HTML_NAME + HTML_NAME + SCRIPT


def test_a_damaged_run_is_listed_with_its_reason_and_can_only_be_deleted(playground: Playground) -> None:
    page, tab = tab_in(playground)
    whole, broken = add_run(playground, "whole"), add_run(playground, "broken")
    (broken.path / "config.yaml").write_bytes(bytes(50))
    (broken.path / "events.jsonl").write_bytes(bytes(50) + b"\n{}\n")
    shown = details(tab, broken, whole)
    text = Page(shown[tab.failures].value).text
    assert f"“{broken.run_id}” is damaged:" in text
    assert "can only be deleted" in text
    assert shown[tab.delete].interactive
    alone = details(tab, broken)
    assert not any(alone[button].interactive for button in (tab.use, tab.resume, tab.download, *tab.next.buttons))
    event(page, "confirm")([broken.run_id])
    assert [info.run_id for info in playground.list_runs()] == [whole.run_id]


def test_after_a_deletion_that_is_refused_half_way_the_table_looks_again(playground: Playground) -> None:
    page, tab = tab_in(playground)
    gone, kept = add_run(playground, "gone"), add_run(playground, "kept")
    with pytest.raises(gr.Error):
        event(page, "confirm")([gone.run_id, "../secret", kept.run_id])
    failures = [block for block in page.fns.values() if block.trigger_only_on_failure]
    (refused,) = [block for block in failures if block.fn == tab.deletion.withdraw]
    assert refused.fn()[tab.deletion.pending] is None
    (after,) = [block for block in page.fns.values() if block.trigger_after == refused._id]
    assert "pp-runs-changed" in str(after.js)
    assert tab.existing([gone.run_id, kept.run_id]) == [kept.run_id]

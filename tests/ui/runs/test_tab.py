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
from playground.ui.runs import tab as runs_tab
from playground.ui.runs import table as runs_table
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


def details(playground: Playground, chosen: list[str], language: Language = "en") -> dict[str, Any]:
    """What the tab shows for the chosen runs, by the component's name."""
    names = (
        "current", "open", "use", "ask", "translate", "judge", "resume", "download", "delete", "rename", "confirm",
        "failures", "axis", "curves", "differences",
    )  # fmt: skip
    return dict(zip(names, runs_tab.show_details(playground, chosen, "step", language), strict=True))


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, playground: Playground) -> gr.Blocks:
    with gr.Blocks() as blocks:
        tab = runs_tab.build(request.param)
        runs_tab.wire(tab, playground, request.param)
    return blocks


def event(page: gr.Blocks, name: str) -> Any:
    """The handler called `name`, as the page calls it."""
    (found,) = [block.fn for block in page.fns.values() if getattr(block.fn, "__name__", "") == name]
    return found


def test_the_tab_is_built_and_no_event_of_it_is_part_of_the_public_api(page: gr.Blocks) -> None:
    assert page.fns
    assert {block.api_visibility for block in page.fns.values()} == {"private"}


def test_the_outputs_named_details_are_those_that_show_details_fills(playground: Playground) -> None:
    with gr.Blocks():
        tab = runs_tab.build("en")
    assert len(tab.details) == len(details(playground, []))
    assert len(tab.listing) == len(runs_tab.list_runs(playground, "", [], "en"))


def test_no_run_yet_says_where_to_start(playground: Playground) -> None:
    count, rows, _ = runs_tab.list_runs(playground, "", [], "en")
    assert "Start tab" in count
    assert rows["data"] == []


def test_html_in_a_search_comes_back_as_text(playground: Playground) -> None:
    add_run(playground, "first")
    count, rows, _ = runs_tab.list_runs(playground, HTML_NAME, [], "en")
    assert "img" not in Page(count).tags
    assert rows["data"] == []


def test_a_row_tells_name_status_in_words_losses_and_id(playground: Playground) -> None:
    folder = add_run(playground, HTML_NAME)
    _, table, _ = runs_tab.list_runs(playground, "", [], "pt")
    (row,) = table["data"]
    assert row[:8] == [HTML_NAME, "✓ concluída", "LoRA", "notes-to-json", 4, 2.0, 0.5, 3.2]
    assert row[-1] == folder.run_id


def test_cells_of_the_table_are_never_read_as_html_or_markdown() -> None:
    assert set(runs_table.COLUMNS.values()) <= {"str", "number"}


def test_a_status_differs_by_its_sign_and_not_only_by_its_word() -> None:
    statuses = ("queued", "running", "finished", "stopped", "failed", "interrupted", "waiting")
    for language in LANGUAGES:
        assert len({t(f"runs_status_{status}", language).split()[0] for status in statuses}) == len(statuses)


def test_runs_that_are_gone_are_no_longer_chosen(playground: Playground) -> None:
    folder = add_run(playground, "first")
    _, _, dropdown = runs_tab.list_runs(playground, "", [folder.run_id, "../secret"], "en")
    assert dropdown.value == [folder.run_id]


def test_a_search_hides_rows_but_not_what_is_chosen(playground: Playground) -> None:
    first, second = add_run(playground, "alpha"), add_run(playground, "beta")
    _, rows, dropdown = runs_tab.list_runs(playground, "beta", [first.run_id], "en")
    assert [row[-1] for row in rows["data"]] == [second.run_id]
    assert dropdown.value == [first.run_id]


def test_one_chosen_run_can_be_opened_renamed_and_deleted(playground: Playground) -> None:
    folder = add_run(playground, "first")
    shown = details(playground, [folder.run_id])
    assert shown["current"] == folder.run_id
    assert all(shown[name].interactive for name in ("open", "use", "rename", "delete"))
    assert not shown["download"].interactive  # it has no adapter
    assert not shown["resume"].interactive  # it ended by itself


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_a_run_that_did_not_reach_its_end_can_be_resumed(playground: Playground, status: str) -> None:
    folder = add_run(playground, "first", status=status)
    assert details(playground, [folder.run_id])["resume"].interactive


def test_several_chosen_runs_show_curves_and_differences(playground: Playground) -> None:
    runs = [add_run(playground, HTML_NAME, seed=1), add_run(playground, "second", seed=2)]
    shown = details(playground, [run.run_id for run in runs])
    assert shown["current"] is None
    assert shown["curves"].visible
    grid = Page(shown["differences"])
    assert "img" not in grid.tags
    for text in (HTML_NAME, "second", "seed", "1", "2"):
        assert text in grid.text


def test_equal_runs_are_said_to_be_equal(playground: Playground) -> None:
    runs = [add_run(playground, "same"), add_run(playground, "same")]
    assert "equal settings" in details(playground, [run.run_id for run in runs])["differences"]


def test_the_error_of_a_failed_run_is_shown_as_text(playground: Playground) -> None:
    folder = add_run(playground, HTML_NAME, status="failed", error=f"No space left {SCRIPT}")
    shown = Page(details(playground, [folder.run_id])["failures"].value)
    assert not {"script", "img"} & set(shown.tags)
    assert f"No space left {SCRIPT}" in shown.text


def test_a_foreign_id_is_refused_by_every_action(page: gr.Blocks) -> None:
    for name in ("details", "resume", "rename", "export", "ask"):
        arguments = {"details": ["step"], "rename": ["new"]}.get(name, [])
        with pytest.raises(gr.Error):
            event(page, name)(["../secret"], *arguments)
    with pytest.raises(gr.Error):
        event(page, "delete")(["../secret"], "", [])


def test_deleting_asks_first_and_names_the_runs_as_text(page: gr.Blocks, playground: Playground) -> None:
    folder, kept = add_run(playground, HTML_NAME), add_run(playground, "kept")
    pending, question, group = event(page, "ask")([folder.run_id])
    assert folder.path.exists()
    assert group.visible
    assert "img" not in Page(question).tags
    assert HTML_NAME in Page(question).text
    event(page, "delete")(pending, "", [folder.run_id, kept.run_id])
    assert [info.name for info in playground.list_runs()] == ["kept"]


def test_renaming_changes_the_name_in_the_list(page: gr.Blocks, playground: Playground) -> None:
    folder = add_run(playground, "first")
    event(page, "rename")([folder.run_id], "second")
    assert playground.run_info(folder.run_id).name == "second"


def test_an_action_for_one_run_refuses_none_and_several() -> None:
    assert runs_tab.only(["a"]) == "a"
    for chosen in ([], ["a", "b"]):
        with pytest.raises(RunError, match="exactly one"):
            runs_tab.only(chosen)


def test_a_click_on_a_row_chooses_it_and_a_second_click_lets_it_go(page: gr.Blocks) -> None:
    click = gr.SelectData(None, {"index": [0, 0], "value": "x", "row_value": ["name", "id-1"]})
    assert event(page, "toggle")(click, []) == ["id-1"]
    assert event(page, "toggle")(click, ["id-0", "id-1"]) == ["id-0"]


def test_every_cell_and_heading_of_a_table_is_text() -> None:
    table = Page(html_table([HTML_NAME], [[HTML_NAME], [SCRIPT]], caption=SCRIPT))
    assert not {"script", "img"} & set(table.tags)
    assert table.text == SCRIPT + HTML_NAME + HTML_NAME + SCRIPT


def test_a_damaged_run_is_listed_with_its_reason_and_can_only_be_deleted(
    page: gr.Blocks, playground: Playground
) -> None:
    whole, broken = add_run(playground, "whole"), add_run(playground, "broken")
    (broken.path / "config.yaml").write_bytes(bytes(50))
    (broken.path / "events.jsonl").write_bytes(bytes(50) + b"\n{}\n")
    _, rows, _ = runs_tab.list_runs(playground, "", [], "pt")
    assert {row[-1]: row[1] for row in rows["data"]} == {whole.run_id: "✓ concluída", broken.run_id: "⚠ danificada"}
    shown = details(playground, [broken.run_id, whole.run_id], "en")
    text = Page(shown["failures"].value).text
    assert f"“{broken.run_id}” is damaged:" in text
    assert "can only be deleted" in text
    assert shown["delete"].interactive
    alone = details(playground, [broken.run_id])
    assert not any(alone[name].interactive for name in ("use", "ask", "translate", "judge", "resume", "download"))
    event(page, "delete")([broken.run_id], "", [])
    assert [info.run_id for info in playground.list_runs()] == [whole.run_id]


def test_after_a_deletion_that_is_refused_half_way_the_list_says_what_is_left(
    page: gr.Blocks, playground: Playground
) -> None:
    gone, kept = add_run(playground, "gone"), add_run(playground, "kept")
    with pytest.raises(gr.Error):
        event(page, "delete")([gone.run_id, "../secret", kept.run_id], "", [])
    (refused,) = [block for block in page.fns.values() if block.trigger_only_on_failure]
    pending, _, _, rows, _ = refused.fn("", [gone.run_id, kept.run_id])
    assert (pending, [row[-1] for row in rows["data"]]) == ([], [kept.run_id])

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.compare.adapters import Column
from playground.compare.answers import CompareRequest, CompareUpdate
from playground.compare.charts import score_figure
from playground.data.example import Message
from playground.errors import PlaygroundError, RunError
from playground.service import Playground
from playground.texts import LANGUAGES
from playground.ui.compare.html import answers_html, diff_html, scores_html, status_html
from playground.ui.compare.tab import CompareTab, csv_button, read_prompts, write_prompts
from tests.ui.parts.job_events import clicked, first_values, job_events

HTML_NAME = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"


class Page(HTMLParser):
    """The tags a browser would make of some HTML, and its text, also by tag."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.inside.setdefault(self._open[-1], []).append(data)


def update(**changes: Any) -> CompareUpdate:
    values: dict[str, Any] = {
        "columns": [Column("smollm2", None), Column(HTML_NAME, "20250101-000000-abcdef")],
        "prompts": ["two eggs"],
        "references": ['{"eggs": 2}'],
        "answers": [["I like eggs", f"I want eggs {SCRIPT}"]],
        "scores": [{"valid_json": 0.0, "perplexity": 9.5}, {"valid_json": 100.0, "perplexity": 1.25}],
        "is_final": True,
    }
    return CompareUpdate(**{**values, **changes})


FORM: dict[str, Any] = {
    "base_model": "smollm2-135m-instruct", "runs": [], "prompts": "hello", "known": {}, "metrics": (),
    "max_new_tokens": 8, "temperature": 0, "top_p": 1, "seed": 42, "marks": "added",
}  # fmt: skip


def request_of(tab: CompareTab, **changes: Any) -> CompareRequest:
    return tab.check(**{**FORM, **changes}).request


def event(blocks: gr.Blocks, name: str) -> Any:
    """The wired event whose handler is called `name`."""
    (found,) = [block for block in blocks.fns.values() if getattr(block.fn, "__name__", "") == name]
    return found


def test_no_event_of_the_tab_is_part_of_the_public_api(built: tuple[gr.Blocks, CompareTab]) -> None:
    assert {block.api_visibility for block in built[0].fns.values()} == {"private"}


def test_a_stopped_comparison_keeps_what_is_written_and_ends_the_model(
    built: tuple[gr.Blocks, CompareTab], playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []

    def answers(*_: Any) -> Iterator[CompareUpdate]:
        try:
            while True:
                yield update(is_final=False)
        finally:
            ended.append(True)

    monkeypatch.setattr(Playground, "compare", answers)
    blocks, tab = built
    visitor, events = SimpleNamespace(session_hash="one"), job_events(blocks, tab.start)
    events.start(visitor, **FORM)
    work = events.work(visitor)
    assert tab.download not in next(work)
    clicked(blocks, tab.stop)(visitor)
    *_, last = work
    assert ended == [True]
    assert "■" in last[tab.status]
    assert last[tab.download].visible


def test_the_first_click_asks_the_listed_model_what_was_typed(built: tuple[gr.Blocks, CompareTab]) -> None:
    blocks, tab = built
    request = tab.check(**first_values(blocks, tab.start) | {"prompts": "one\ntwo"}).request
    assert request.prompts == ("one", "two")
    assert request.decoding.seed == 42
    assert request.base_model == "smollm2-135m-instruct"


def test_prompts_are_read_one_a_line_and_written_back() -> None:
    prompts = ["first", "with\na break", "açúcar"]
    assert read_prompts(write_prompts(prompts)) == prompts
    assert read_prompts("\n  one  \n\n two\n") == ["one", "two"]


@pytest.mark.parametrize("text", ["", "  \n \n"])
def test_no_prompt_is_refused_with_what_to_do(tab: CompareTab, text: str) -> None:
    with pytest.raises(RunError, match="Type one a line"):
        request_of(tab, prompts=text)


def test_a_prompt_that_was_edited_loses_its_reference_and_context(tab: CompareTab) -> None:
    request = request_of(tab, prompts="known\nknown, edited", known={"known": ("answer", [("system", "Be brief.")])})
    assert request.references == ("answer", None)
    assert request.contexts == ((Message("system", "Be brief."),), ())


def test_the_base_model_is_that_of_the_chosen_runs(tab: CompareTab, add_run: Callable[..., str]) -> None:
    run_ids = [add_run("owner/model"), add_run("owner/model")]
    assert request_of(tab, runs=run_ids).base_model == "owner/model"


def test_runs_of_different_base_models_are_refused_and_named(tab: CompareTab, add_run: Callable[..., str]) -> None:
    run_ids = [add_run("owner/one"), add_run("owner/two")]
    with pytest.raises(RunError, match="owner/one, owner/two"):
        request_of(tab, runs=run_ids)


def test_a_foreign_run_id_is_refused(tab: CompareTab) -> None:
    with pytest.raises(RunError):
        request_of(tab, runs=["../secret"])


@pytest.mark.parametrize(
    "changes",
    [
        {"max_new_tokens": 0},
        {"temperature": 9},
        {"top_p": 0},
        {"seed": -1},
        {"prompts": "a\n" * 65},
        {"metrics": ("x",)},
    ],
)
def test_values_out_of_bounds_are_refused(tab: CompareTab, changes: dict[str, Any]) -> None:
    with pytest.raises(PlaygroundError):
        request_of(tab, **changes)


@pytest.mark.parametrize("marks", ["added", "both", "none"])
def test_names_prompts_and_answers_are_shown_as_text(marks: Any) -> None:
    hostile = update(prompts=[SCRIPT], references=[SCRIPT], answers=[[SCRIPT, f"x {HTML_NAME} {SCRIPT}"]])
    for language in LANGUAGES:
        shown = Page(answers_html(hostile, marks, language))
        assert not {"script", "img"} & set(shown.tags)
        assert shown.text.count(SCRIPT) >= 3
        assert HTML_NAME in shown.text


def test_added_words_are_marked_and_removed_ones_only_on_request() -> None:
    base, other = "the red <b>cat", "the blue <b>cat"
    added = Page(f"<p>{diff_html(base, other, removed=False)}</p>")
    assert added.inside["ins"] == ["blue"]
    assert "del" not in added.tags
    both = Page(f"<p>{diff_html(base, other, removed=True)}</p>")
    assert (both.inside["ins"], both.inside["del"]) == (["blue"], ["red"])
    assert "b" not in both.tags


def test_without_removed_words_the_marked_text_is_the_answer_itself() -> None:
    base, other = "one two three\nfour", "one 2 three\n\nfour five <i>"
    assert Page(f"<p>{diff_html(base, other, removed=False)}</p>").text == other


def test_the_base_and_an_answer_to_an_empty_base_bear_no_marks() -> None:
    shown = Page(answers_html(update(answers=[["", "new words"]]), "added", "en"))
    assert "ins" not in shown.tags
    assert "(empty answer)" in shown.text


def test_an_answer_that_has_not_begun_is_not_called_empty() -> None:
    assert "empty" not in answers_html(update(answers=[["", ""]], is_final=False), "added", "en")


def test_the_base_column_is_named_in_the_page_s_language_and_adapters_by_their_run() -> None:
    headings = Page(answers_html(update(), "added", "pt")).inside["h3"]
    assert headings == ["Base", HTML_NAME]


def test_the_best_score_of_a_row_is_marked_whichever_direction_is_better() -> None:
    shown = Page(scores_html(update(), "en"))
    assert [text.strip() for text in shown.inside["strong"]] == ["100.00", "1.25"]
    assert "img" not in shown.tags


def test_equal_scores_have_no_best_and_no_score_has_no_table() -> None:
    assert "★" not in scores_html(update(scores=[{"valid_json": 50.0}, {"valid_json": 50.0}]), "en")
    assert scores_html(update(scores=[{}, {}]), "en") == ""


def test_the_chart_has_one_panel_a_metric_and_one_bar_a_column() -> None:
    figure = score_figure(["Base", HTML_NAME], [{"a": 1.0, "b": 2.0}, {"a": 3.0}], "en")
    assert [list(bar.y) for bar in figure.data] == [[1.0, 3.0], [2.0, None]]
    assert "<img" not in figure.to_json()


def test_the_status_counts_answers_that_have_begun() -> None:
    half = update(answers=[["x", ""]], is_final=False)
    assert "1 of 2" in status_html(half, "en")
    assert "1 de 2" in status_html(half, "pt")
    assert "Done" in status_html(update(), "en")


def test_the_downloaded_table_holds_every_answer_and_no_formula() -> None:
    button = csv_button(update(answers=[["=1+1", "ação"]]))
    rows = list(csv.reader(io.StringIO(Path(str(button.value["path"])).read_text(encoding="utf-8"))))
    assert len(rows) == 2
    assert rows[1][:2] == ["two eggs", '{"eggs": 2}']
    assert not rows[1][2].startswith("=")
    assert rows[1][3] == "ação"


def test_nothing_to_download_before_there_is_an_answer() -> None:
    assert not csv_button(None).visible

"""Start and stop buttons by the page's table of events; what they look like is asked in tests/browser/test_job.py."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.errors import RunError
from playground.service import Playground
from playground.texts import LANGUAGES, Language, Text
from playground.ui.page import build_ui
from playground.ui.parts import job
from tests.ui.parts.job_events import changed, clicked, job_events, leaves

UI = Path(job.__file__).parents[1]
REFUSED = Text("Type a number.", "Digite um número.")


class Counter:
    """A page that counts up to the number in its box, and what it has counted."""

    def __init__(self) -> None:
        with gr.Blocks() as self.page:
            self.start, self.stop = gr.Button("Start"), gr.Button("Stop", interactive=False)
            self.status, self.box, self.chosen = gr.HTML(), gr.Textbox(), gr.Dropdown(["2", "4"], value="4")
            counting = job.Job(
                self.start,
                self.stop,
                "pt",
                check=self.check,
                begin=lambda _: {self.status: "begun"},
                work=self.count,
                fail=lambda limit: {self.status: f"failed before {limit}"},
            )
            counting.wire(self.page, [self.status], inputs=[self.box])
            counting.leaves_with(self.chosen, str, lambda chosen: {self.status: f"kept of {chosen}"})

    def check(self, text: str) -> int:
        if not text.isdigit():
            raise RunError(REFUSED)
        return int(text)

    def count(self, limit: int, should_stop: Callable[[], bool]) -> Iterator[str]:
        for number in range(limit):
            if should_stop():
                return
            if number == 3:
                raise RunError(REFUSED)
            yield str(number)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def visitor(name: str) -> Any:
    return SimpleNamespace(session_hash=name)


def pressable(counter: Counter, shown: dict[Any, Any]) -> tuple[bool, bool]:
    return shown[counter.start].interactive, shown[counter.stop].interactive


def test_a_refused_form_changes_nothing_and_begins_nothing(counter: Counter) -> None:
    events = job_events(counter.page, counter.start)
    with pytest.raises(gr.Error, match="Digite um número"):
        events.start(visitor("one"), "three")
    assert list(events.work(visitor("one"))) == []


def test_both_buttons_change_when_the_work_begins_and_again_when_it_ends_well_or_badly(counter: Counter) -> None:
    events, one = job_events(counter.page, counter.start), visitor("one")
    assert pressable(counter, events.start(one, "2")) == (False, True)
    assert list(events.work(one)) == ["0", "1"]
    assert pressable(counter, events.success(one)) == (True, False)
    events.start(one, "9")
    with pytest.raises(gr.Error):
        list(events.work(one))
    failed = events.failure(one)
    assert pressable(counter, failed) == (True, False)
    assert failed[counter.status] == "failed before 9"


def test_a_stop_reaches_the_work_of_its_own_page_alone(counter: Counter) -> None:
    events, one, other = job_events(counter.page, counter.start), visitor("one"), visitor("other")
    for page in (one, other):
        events.start(page, "2")
    clicked(counter.page, counter.stop)(one)
    assert list(events.work(one)) == []
    assert list(events.work(other)) == ["0", "1"]


def test_a_page_that_starts_again_before_its_button_is_disabled_has_one_work_that_stops(counter: Counter) -> None:
    events, one = job_events(counter.page, counter.start), visitor("one")
    events.start(one, "2")
    work = events.work(one)
    assert next(work) == "0"
    again = events.start(one, "5")
    assert set(again) == {counter.start}
    assert again[counter.start].interactive is False
    assert list(events.work(one)) == []
    clicked(counter.page, counter.stop)(one)
    assert list(work) == []
    events.success(one)
    events.start(one, "1")
    assert list(events.work(one)) == ["0"]


def test_work_of_every_page_ends_with_the_server(counter: Counter) -> None:
    events = job_events(counter.page, counter.start)
    going_on = []
    for name in ("one", "two"):
        events.start(visitor(name), "2")
        going_on.append(events.work(visitor(name)))
        assert next(going_on[-1]) == "0"
    job.stop_all()
    assert [list(work) for work in going_on] == [[], []]


def test_work_of_a_closed_page_ends_or_never_begins(counter: Counter) -> None:
    events, [leave] = job_events(counter.page, counter.start), leaves(counter.page)
    events.start(visitor("one"), "2")
    work = events.work(visitor("one"))
    assert next(work) == "0"
    leave(visitor("one"))
    assert list(work) == []
    events.start(visitor("two"), "2")
    leave(visitor("two"))
    assert list(events.work(visitor("two"))) == []


def test_a_stop_that_comes_before_the_work_is_kept_and_one_without_work_does_no_harm(counter: Counter) -> None:
    events, one = job_events(counter.page, counter.start), visitor("one")
    clicked(counter.page, counter.stop)(one)
    events.start(one, "2")
    clicked(counter.page, counter.stop)(one)
    assert list(events.work(one)) == []
    events.success(one)
    events.start(one, "2")
    assert list(events.work(one)) == ["0", "1"]


def test_work_of_which_something_else_is_chosen_shows_nothing_more_and_gives_the_buttons_back(counter: Counter) -> None:
    events, one = job_events(counter.page, counter.start), visitor("one")
    choose = changed(counter.page, counter.chosen)
    choose(one, "4")  # before anything is begun
    events.start(one, "4")
    work = events.work(one)
    assert next(work) == "0"
    choose(one, "4")  # the list was filled anew
    choose(visitor("other"), "2")
    assert next(work) == "1"
    choose(one, "2")
    assert events.start(one, "2")[counter.start].interactive is False  # until what was left has ended
    assert list(work) == []
    ended = events.success(one)
    assert pressable(counter, ended) == (True, False)
    assert ended[counter.status] == "kept of 2"  # what was counted last may have come after the choice


def test_work_that_was_left_and_then_fails_says_nothing_of_itself_where_something_else_is_shown(
    counter: Counter,
) -> None:
    events, one = job_events(counter.page, counter.start), visitor("one")
    events.start(one, "9")
    changed(counter.page, counter.chosen)(one, "2")
    failed = events.failure(one)
    assert pressable(counter, failed) == (True, False)
    assert failed[counter.status] == "kept of 2"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_may_be_refused_goes_through_the_queue(tmp_path: Path, language: Language) -> None:
    """Of an event past the queue the page shows no error."""
    page = build_ui(Playground(tmp_path / "runs"), language)
    past = {block.name for block in page.fns.values() if not block.queue and hasattr(block.fn, "__wrapped__")}
    assert past == set()


def test_no_button_is_enabled_or_disabled_outside_the_job_but_by_what_is_chosen() -> None:
    found = {
        f"{path.name}: {function.name}"
        for path in UI.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and not function.name.lstrip("_").startswith(("build", "lay_out"))
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "gr.Button"
        if any(keyword.arg == "interactive" for keyword in call.keywords)
    }
    own = {"job.py: _buttons", "job.py: wire_stop", "job.py: stop", "job.py: stop_button"}
    assert found - own == {"tab.py: show_details", "next_steps.py: enabled", "next_steps.py: offered"}

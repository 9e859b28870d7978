"""The panel on the Runs tab: what it sends, what it shows, how it ends; and that nothing of a stranger's is HTML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from playground.errors import BusyError, ModelError, PlaygroundError, RunError
from playground.export.bring.bring import Brought
from playground.service import Playground
from playground.service.visitor import Visitor
from playground.texts import LANGUAGES, Language, Text
from playground.train.events import Downloading, StageChanged
from playground.ui.bring.panel import BringPanel
from playground.ui.runs.tab import RunsTab
from playground.ui.texts import t
from tests.export.bring.adapters import nothing_left, zipped
from tests.export.bring.conftest import lora, plain_causal
from tests.ui.compare.test_tab import SCRIPT, Page
from tests.ui.parts.job_events import JobEvents, first_values, job_events

__all__ = ["lora", "plain_causal"]
REQUEST: Any = SimpleNamespace(session_hash="page")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def page(playground: Playground, language: Language) -> tuple[gr.Blocks, RunsTab]:
    with gr.Blocks() as blocks:
        with gr.Tab() as item:
            tab = RunsTab(playground, language)
        tab.connect(blocks, item)
    return blocks, tab


def click(events: JobEvents, **form: Any) -> list[dict[Any, Any]]:
    """All that a click shows, to its end, good or bad."""
    shown = [events.start(REQUEST, **form)]
    try:
        shown += list(events.work(REQUEST))
        shown.append(events.success(REQUEST))
    except gr.Error as error:
        shown += [events.failure(REQUEST), {"error": str(error)}]
    return shown


def test_an_adapter_becomes_the_ticked_run(
    page: tuple[gr.Blocks, RunsTab], lora: Path, tiny_model: str, tiny_data: str, playground: Playground,
    language: Language, tmp_path: Path,
) -> None:  # fmt: skip
    """After a refused click the next one works, and both buttons are as before each time."""
    blocks, tab = page
    panel, events = tab.bring, job_events(blocks, tab.bring.start)
    form = first_values(blocks, panel.start)
    with pytest.raises(gr.Error):
        events.start(REQUEST, **form)
    form |= {"files": [str(zipped(lora, tmp_path / "mine.zip"))], "base": "smollm2-135m-instruct", "dataset": tiny_data}
    *_, failed, error = click(events, **form)
    assert "smollm2-135m-instruct" in error["error"]
    assert t("bring_failed", language) in failed[panel.status]
    assert (failed[panel.start].interactive, failed[panel.stop].interactive) == (True, False)
    assert nothing_left(playground)
    *_, last, buttons = click(events, **{**form, "base": tiny_model})
    (run,) = playground.list_runs()
    assert last[panel.chosen] == [run.run_id]
    assert run.name in Page(last[panel.status]).text
    assert (buttons[panel.start].interactive, buttons[panel.stop].interactive) == (True, False)


def test_a_stop_and_a_wait_are_said(
    page: tuple[gr.Blocks, RunsTab], language: Language, playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks, tab = page

    def bring(*_: Any) -> Iterator[Any]:
        yield Downloading(done_bytes=5_000_000, total_bytes=10_000_000, seconds=1.0, silent_seconds=0.0)
        yield StageChanged(stage="loading_model")
        yield BusyError(Text(SCRIPT, SCRIPT))

    monkeypatch.setattr(playground, "bring_adapter", bring)
    shown = click(job_events(blocks, tab.bring.start), **first_values(blocks, tab.bring.start) | {"hub_id": "a/b"})
    said = [item[tab.bring.status] for item in shown if tab.bring.status in item]
    assert 'aria-valuenow="50"' in said[1]
    assert t("bring_measuring", language) in Page(said[2]).text
    assert SCRIPT in Page(said[3]).text
    assert "script" not in Page(said[3]).tags
    assert t("bring_stopped", language) in said[-1]


def test_what_came_with_it_is_shown_as_text(tab: RunsTab, playground: Playground, add_run: Any) -> None:
    brought = Brought(
        run_id=add_run(), name=SCRIPT, base_model=SCRIPT, method=SCRIPT, dataset=SCRIPT, eval_loss_base=2.5,
        eval_loss=1.25, warnings=(Text(SCRIPT, SCRIPT),),
    )  # fmt: skip
    html = Page(tab.bring.done(brought))
    assert set(html.tags) == {"p"}
    assert html.text.count(SCRIPT) == 4
    assert "1.250" in html.text


@pytest.fixture
def tab_class() -> type:
    return RunsTab


@pytest.mark.parametrize(
    "form",
    [
        {"hub_id": "../../etc"}, {"hub_id": "x" * 100_000}, {"hub_id": SCRIPT}, {"hub_id": "a/b", "files": ["/x"]},
        {"files": ["/etc/passwd"]}, {"files": ["\0"]}, {"files": ["a"] * 1000}, {"files": ["."]},
        {"hub_id": "a/b", "base": "/etc"}, {"hub_id": "a/b", "base": "../.."},
    ],
)  # fmt: skip
def test_hostile_values_end_in_a_message(tab: RunsTab, playground: Playground, form: dict[str, Any]) -> None:
    playground.visitor = lambda: Visitor("ana")
    values = {"files": None, "hub_id": "", "base": None, "dataset": None, "source": None, "target": None, **form}
    with pytest.raises(PlaygroundError):
        list(tab.bring.work(tab.bring.check(**values), lambda: False))
    assert nothing_left(playground)


def test_a_hostile_data_set_is_refused(
    tab: RunsTab, playground: Playground, lora: Path, tiny_model: str, tmp_path: Path
) -> None:
    playground.visitor = lambda: Visitor("ana", names_model_folders=True)
    path = str(zipped(lora, tmp_path / "a.zip"))
    for dataset in ("/etc/passwd", "upload:../x", SCRIPT, "\ud800", "x" * 10_000):
        values = {"files": [path], "hub_id": "", "base": tiny_model, "dataset": dataset, "source": "", "target": ""}
        with pytest.raises(PlaygroundError):
            list(tab.bring.work(tab.bring.check(**values), lambda: False))
    assert nothing_left(playground)


@pytest.mark.parametrize(
    ("chosen", "steps", "error"),
    [([], 5, RunError), (["x"], 5, RunError), (["a", "b"], 5, RunError), (None, 5, RunError), (["x"], None, RunError)],
)
def test_training_on_needs_one_run_and_steps(tab: RunsTab, chosen: Any, steps: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        tab.bring.train_on.train_on(chosen=chosen, steps=steps, rate=None)


@pytest.mark.parametrize(("steps", "rate"), [(0, None), (10**30, None), (5, -1.0), (5, float("nan")), (5, 1e9)])
def test_training_on_within_bounds(tab: RunsTab, add_run: Any, steps: int, rate: float | None) -> None:
    with pytest.raises(PlaygroundError, match="need attention"):
        tab.bring.train_on.train_on(chosen=[add_run()], steps=steps, rate=rate)


def test_it_is_one_panel_of_the_runs_tab(tab: RunsTab) -> None:
    assert isinstance(tab.bring, BringPanel)
    assert tab.bring.chosen is tab.chosen
    with pytest.raises(ModelError):
        tab.bring.check(files=None, hub_id="", base="", dataset="", source="", target="")

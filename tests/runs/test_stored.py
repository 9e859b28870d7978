"""Runs that earlier versions left on disk open as their makers left them.

`stored/` holds two, written by hand as these versions wrote them: one of the first, whose settings, events and summary
say less, and one of the last before the package was sorted into rooms. The adapters are far smaller than real ones.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from playground.compare.adapters import open_runs
from playground.service import Playground

STORED = Path(__file__).with_name("stored")
FIRST, LAST = "20261124-073000-3fa9c1-notes-to-json", "20261126-061500-0c4d5e6f7a8b-notes-to-json"
BASE = "smollm2-135m-instruct"


@pytest.fixture
def stored(tmp_path: Path) -> Playground:
    shutil.copytree(STORED, tmp_path / "runs")
    return Playground(tmp_path / "runs")


def test_stored_runs_stand_in_the_list_with_their_results(stored: Playground) -> None:
    last, first = stored.list_runs()
    assert (first.run_id, first.name, first.status, first.steps) == (FIRST, "Notes to JSON", "finished", 4)
    assert (last.run_id, last.name, last.status, last.steps) == (LAST, "A slower rate", "stopped", 2)
    for info, eval_loss in ((first, 1.5), (last, 2.0)):
        assert (info.base_model, info.task, info.dataset, info.method) == (BASE, "causal_lm", "notes-to-json", "lora")
        assert (info.eval_loss_base, info.eval_loss, info.error, info.has_adapter) == (2.5, eval_loss, "", True)
    assert [info.run_id for info in stored.list_runs("slower")] == [LAST]


def test_the_live_view_has_every_step_and_evaluation_of_a_stored_run(stored: Playground) -> None:
    for run_id, status, steps, losses in (
        (FIRST, "finished", [1, 2, 3, 4], [2.5, 1.9, 1.5]),
        (LAST, "stopped", [1, 2], [2.5, 2.0]),
    ):
        progress = stored.progress(run_id)
        assert (progress.status, progress.is_live) == (status, False)
        assert [event["step"] for event in progress.events if event["event"] == "StepLogged"] == steps
        assert [event["loss"] for event in progress.events if event["event"] == "EvalLogged"] == losses
        named = [event["event"] for event in progress.events]
        assert (named.count("RunStarted"), named.count("RunFinished")) == (1, 1)


def test_the_settings_of_stored_runs_are_compared(stored: Playground) -> None:
    found = dict(stored.differences([FIRST, LAST]))
    assert found["training.learning_rate"] == [0.001, 0.0005]
    assert "data.dataset" not in found


@pytest.mark.parametrize("run_id", [FIRST, LAST])
def test_the_settings_of_a_stored_run_can_be_used_again(stored: Playground, run_id: str) -> None:
    reused = stored.settings_of(run_id)
    assert reused.left_out == ()
    config = stored.check(reused.values)
    assert (config.base_model, config.method.params["r"], config.training.max_steps) == (BASE, 1, 4)


def test_the_adapters_of_stored_runs_are_taken_for_a_comparison_and_taken_away(
    stored: Playground, tmp_path: Path
) -> None:
    assert [folder.run_id for folder in open_runs(stored.store, BASE, [FIRST, LAST])] == [FIRST, LAST]
    with ZipFile(stored.export_adapter(FIRST, tmp_path)) as archive:
        assert {"adapter_config.json", "adapter_model.safetensors"} <= set(archive.namelist())
    stored.rename_run(FIRST, "The very first")
    stored.delete_run(LAST)
    assert [info.name for info in stored.list_runs()] == ["The very first"]

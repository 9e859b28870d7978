"""Killed without warning, at any moment: what is on the disk, and what the run comes to when it goes on."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from playground.data.stream.file import WHOLE_ROWS
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.train.checkpoint import Checkpoints, recover_adapter
from tests.data.stream.files import json_lines, pairs
from tests.faults.broken_runs import Harness, Outcome, Unbroken, leftovers, steps_kept

NewRun = Callable[[], RunFolder]
MOMENTS = 20


def moments(unbroken: Unbroken) -> list[int]:
    """20 of a run's operations, always the same ones."""
    return sorted(random.Random(9).sample(range(1, len(unbroken.operations) + 1), MOMENTS))


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_run_killed_at_any_moment_goes_on_to_the_result_of_an_unbroken_one(
    harness: Harness, new_run: NewRun, unbroken: Unbroken, moment: int
) -> None:
    """Every other time the power is cut: then what was not synced is only half there."""
    number, fault = moments(unbroken)[moment], ("kill", "cut")[moment % 2]
    folder = new_run()
    assert harness.train(folder, **{fault: number})["signal"] == signal.SIGKILL
    logged = max((event["step"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"), default=0)
    assert steps_kept(folder.path) >= logged - 1, "more is lost than what came after the last checkpoint"
    status = Playground(runs_dir=folder.path.parent).run_info(folder.run_id).status
    assert status == ("interrupted" if folder.summary() is None else "finished")
    harness.train(folder)
    assert Outcome.of(folder) == unbroken.outcome
    assert leftovers(folder.path) == []


def test_a_run_killed_again_and_again_still_ends_as_an_unbroken_one(
    harness: Harness, new_run: NewRun, unbroken: Unbroken
) -> None:
    folder = new_run()
    killed = [harness.train(folder, kill=number)["signal"] for number in (60, 55, 50, 45)]
    assert killed == [signal.SIGKILL] * 4
    harness.train(folder)
    assert Outcome.of(folder) == unbroken.outcome


def test_a_checkpoint_by_time_between_two_evaluations_is_where_the_run_goes_on(
    harness: Harness, new_run: NewRun, unbroken: Unbroken
) -> None:
    pointers = [place for place, name in enumerate(unbroken.operations, 1) if name.startswith("rename .newest")]
    folder = new_run()
    harness.train(folder, kill=pointers[2] + 2)
    assert steps_kept(folder.path) == 3
    harness.train(folder)
    resumed = [event for event in folder.read_since(0)[0] if event["event"] == "Resumed"]
    assert [(event["step"], event["damaged"]) for event in resumed] == [(3, 0)]
    assert Outcome.of(folder) == unbroken.outcome


def test_a_run_on_a_stream_that_is_killed_goes_on_with_the_rows_of_an_unbroken_one(
    harness: Harness, new_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    json_lines(path, pairs(WHOLE_ROWS + 50))
    whole, broken = (new_run(data={"dataset": str(path)}) for _ in range(2))
    operations = harness.train(whole)["operations"]
    pointers = [place for place, name in enumerate(operations, 1) if name.startswith("rename .newest")]
    assert harness.train(broken, kill=pointers[2] + 2)["signal"] == signal.SIGKILL
    assert steps_kept(broken.path) == 3
    harness.train(broken)
    events = {event["event"]: event for event in broken.read_since(0)[0]}
    assert (events["RunStarted"]["is_streamed"], events["Resumed"]["step"]) == (True, 3)
    assert Outcome.of(broken) == Outcome.of(whole)


# --- every moment of a checkpoint, without the training around it -----------------------------------


@pytest.mark.parametrize("fault", ["kill", "cut"])
def test_between_any_two_operations_of_a_checkpoint_two_whole_ones_remain(
    harness: Harness, tmp_path: Path, fault: str
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for steps in (1, 2):
        harness.do("checkpoint", before, {"steps": steps})
    count, found = each_moment(harness, before, "checkpoint", {"steps": 3}, fault)
    kept = []
    for folder in found:
        kept.append(steps_kept(folder))
        Checkpoints(folder).sweep()
        harness.do("checkpoint", folder, {"steps": 4})
        assert steps_kept(folder) == 4
        assert leftovers(folder) == []
        assert len(list((folder / "checkpoints").glob("0*"))) == 2
    assert count > 20
    assert set(kept) == {2, 3}
    assert kept == sorted(kept), "once the new one counts, it counts"


@pytest.mark.parametrize("fault", ["kill", "cut"])
@pytest.mark.parametrize("settings_change", [False, True], ids=["weights", "settings too"])
def test_between_any_two_operations_of_saving_an_adapter_one_can_be_read(
    harness: Harness, tmp_path: Path, fault: str, settings_change: bool
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    harness.do("adapter", before, {"value": 1.0})
    if settings_change:  # as AdaLoRA's ranks do
        with (before / "adapter" / "adapter_config.json").open("a") as stream:
            stream.write("\n")
    count, found = each_moment(harness, before, "adapter", {"value": 2.0}, fault)
    values = []
    for folder in found:
        values.append(adapter_value(RunFolder(folder).adapter))
        if not settings_change:
            assert adapter_value(folder / "adapter") == values[-1], "there at every moment, for whoever asks for it"
        recover_adapter(folder / "adapter")
        assert adapter_value(folder / "adapter") == values[-1]
    assert count > 15
    assert set(values) == {1.0, 2.0}
    assert values == sorted(values)


def each_moment(harness: Harness, before: Path, job: str, values: dict[str, Any], fault: str) -> tuple[int, list[Path]]:
    """Copies of the folder `before` in which the job was broken off before its 1st, 2nd … operation, and how many."""
    whole = shutil.copytree(before, before.with_name("whole"))
    count = len(harness.do(job, whole, values)["operations"])
    folders = [shutil.copytree(before, before.with_name(str(number))) for number in range(1, count + 1)]
    for number, folder in enumerate(folders, 1):
        assert harness.do(job, folder, values, **{fault: number})["signal"] == signal.SIGKILL
    return count, [*folders, whole]


def adapter_value(folder: Path) -> float:
    assert (folder / "adapter_config.json").read_text().strip().endswith("}")
    tensors = load_file(folder / "adapter_model.safetensors").values()
    [value] = {value for tensor in tensors for value in tensor.flatten().tolist()}
    return value

"""A disk that is full from some write on: what is said, what is kept, and what the run comes to once there is room."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.faults.broken_runs import Harness, Outcome, Unbroken, leftovers, steps_kept

NewRun = Callable[[], RunFolder]
# Where a run writes, by the first time it does; each write of a checkpoint and an adapter has its turn further below.
WRITES = [
    "open events.jsonl", "fsync events.jsonl", "mkdir checkpoints", "mkdir .000001", "save weights.safetensors",
    "write optimizer.safetensors", "open progress.json", "fsync weights.safetensors", "rename .000001",
    "open .newest", "rename .newest", "mkdir ..adapter-new", "write adapter_model.safetensors",
    "open adapter_config.json", "rename ..adapter-new", "rename .adapter-new", "mkdir .000002", "rename .000003",
    "rename adapter_model.safetensors", "mkdir .000004", "open .summary.json", "fsync .summary.json",
    "rename .summary.json",
]  # fmt: skip


def plain(operation: str) -> str:
    """Without the chance part of a temporary name."""
    return re.sub(r"\.[a-z0-9_]{8}\.tmp$", "", operation)


@pytest.mark.parametrize("write", WRITES)
def test_a_disk_that_is_full_at_any_write_fails_the_run_clearly_and_loses_nothing(
    harness: Harness, new_run: NewRun, unbroken: Unbroken, write: str
) -> None:
    number = [plain(operation) for operation in unbroken.operations].index(write) + 1
    folder = new_run()
    answer = harness.train(folder, full=number)
    playground = Playground(runs_dir=folder.path.parent)
    info = playground.run_info(folder.run_id)
    if answer["result"]["status"] == "finished":  # only the last event found no room
        assert write == "rename .summary.json"
    else:
        assert answer["result"]["status"] == "failed"
        assert "The disk is full" in answer["result"]["error"]
        assert "O disco está cheio" in answer["result"]["error_pt"]
        assert info.status == "interrupted", "the end itself found no room, so the run counts as broken off"
    assert not playground.store.open(folder.run_id).is_claimed()
    assert leftovers(folder.path) == []
    logged = max((event["step"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"), default=0)
    assert steps_kept(folder.path) >= logged - 1, "more is lost than what came after the last checkpoint"
    harness.train(folder)
    assert Outcome.of(folder) == unbroken.outcome
    assert leftovers(folder.path) == []


@pytest.mark.parametrize(("job", "first", "second"), [
    ("checkpoint", {"steps": 1}, {"steps": 2}),
    ("adapter", {"value": 1.0}, {"value": 2.0}),
])  # fmt: skip
def test_a_save_that_finds_no_room_leaves_what_was_there_and_nothing_else(
    harness: Harness, tmp_path: Path, job: str, first: dict[str, float], second: dict[str, float]
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    harness.do(job, before, first)
    operations = harness.do(job, shutil.copytree(before, tmp_path / "whole"), second)["operations"]
    failed = 0
    for number, operation in enumerate(operations, 1):
        folder = shutil.copytree(before, tmp_path / str(number))
        answer = harness.do(job, folder, second, full=number)
        if operation.startswith(("remove", "rmdir")):
            continue
        failed += answer["result"] is not None
        assert answer["result"] is None or answer["disk_full"], answer["result"]
        assert leftovers(folder) == [], operation
        if job == "checkpoint":
            assert steps_kept(folder) in (1, 2)
        else:
            assert {path.name for path in (folder / "adapter").iterdir()} == {
                "README.md", "adapter_config.json", "adapter_model.safetensors",
            }  # fmt: skip
    assert failed > 10

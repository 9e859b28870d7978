"""Checkpoints that a disk gave back otherwise than it got them: the older one counts, and the reader is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.runs.folder import RunFolder
from tests.faults.broken_runs import Harness, Outcome, Unbroken, leftovers

NewRun = Callable[[], RunFolder]


def truncated(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


def one_bit_off(folder: Path) -> None:
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "weights cut short": truncated("weights.safetensors"),
    "optimizer cut short": truncated("optimizer.safetensors"),
    "progress cut short": truncated("progress.json"),
    "progress empty": lambda folder: (folder / "progress.json").write_bytes(b""),
    "progress of zeros": lambda folder: (folder / "progress.json").write_bytes(bytes(100)),
    "progress of another kind": lambda folder: (folder / "progress.json").write_text("[]"),
    "progress without a step": lambda folder: (folder / "progress.json").write_text("{}"),
    "weights missing": lambda folder: (folder / "weights.safetensors").unlink(),
    "progress missing": lambda folder: (folder / "progress.json").unlink(),
    "one bit of the weights": one_bit_off,
    "all gone": lambda folder: [path.unlink() for path in folder.iterdir()],
}
POINTERS = {"empty": b"", "of zeros": bytes(6), "to nothing": b"000099", "elsewhere": b"../../etc", "not text": b"\xff"}


@pytest.fixture(scope="module")
def at_three(harness: Harness, new_run: NewRun, unbroken: Unbroken) -> RunFolder:
    """A run killed after its third step: checkpoints of steps 2 and 3."""
    pointers = [place for place, name in enumerate(unbroken.operations, 1) if name.startswith("rename .newest")]
    folder = new_run()
    harness.train(folder, kill=pointers[2] + 6)  # when the oldest has gone
    assert sorted(path.name for path in (folder.path / "checkpoints").iterdir()) == ["000002", "000003", "newest"]
    return folder


@pytest.fixture
def broken(at_three: RunFolder, tmp_path: Path) -> RunFolder:
    return RunFolder(shutil.copytree(at_three.path, tmp_path / at_three.run_id))


def resumed(folder: RunFolder) -> list[tuple[int, int]]:
    events = folder.read_since(0)[0]
    return [(event["step"], event["damaged"]) for event in events if event["event"] == "Resumed"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(
    harness: Harness, unbroken: Unbroken, broken: RunFolder, damage: str
) -> None:
    DAMAGES[damage](broken.path / "checkpoints" / "000003")
    assert harness.train(broken)["result"]["status"] == "finished"
    assert resumed(broken) == [(2, 1)]
    assert Outcome.of(broken) == unbroken.outcome
    assert leftovers(broken.path) == []


def test_with_both_damaged_the_run_starts_over_and_says_so(
    harness: Harness, unbroken: Unbroken, broken: RunFolder
) -> None:
    for name in ("000002", "000003"):
        one_bit_off(broken.path / "checkpoints" / name)
    assert harness.train(broken)["result"]["status"] == "finished"
    assert resumed(broken) == [(0, 2)]
    assert Outcome.of(broken) == unbroken.outcome


@pytest.mark.parametrize("pointer", [*POINTERS, "missing"])
def test_a_damaged_pointer_costs_nothing(harness: Harness, unbroken: Unbroken, broken: RunFolder, pointer: str) -> None:
    path = broken.path / "checkpoints" / "newest"
    path.unlink()
    if pointer in POINTERS:
        path.write_bytes(POINTERS[pointer])
    harness.train(broken)
    assert resumed(broken) == [(3, 0)]
    assert Outcome.of(broken) == unbroken.outcome


def test_damaged_lines_among_the_events_cost_those_lines_alone(
    harness: Harness, unbroken: Unbroken, broken: RunFolder
) -> None:
    """After a power cut the file may hold zeros where the last lines were."""
    events = broken.path / "events.jsonl"
    events.write_bytes(events.read_bytes() + bytes(500) + b"\n" + b'{"event": "StepLogged"}\n' + bytes(20))
    harness.train(broken)
    assert Outcome.of(broken) == unbroken.outcome

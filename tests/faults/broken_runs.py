"""Runs in children of the harness, and all that a run comes to."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.runs.folder import RunFolder
from playground.train.checkpoint import Checkpoints


@dataclass(frozen=True)
class Harness:
    """Lets a child do one of `harness.Jobs` in a folder; the answer is that of `harness._in_child`."""

    process: subprocess.Popen[str]
    answers: Any

    def train(self, folder: RunFolder, **fault: int) -> dict[str, Any]:
        """A run to its end, or to the fault of the disk (see `Disk`)."""
        return self.do("train", folder.path, **fault)

    def do(self, job: str, folder: Path, values: dict[str, Any] | None = None, **fault: int) -> dict[str, Any]:
        asked = {"job": job, "folder": str(folder), "values": values or {}, "fault": fault}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.answers.readline()
        assert line, "the harness has ended"
        answer: dict[str, Any] = json.loads(line)
        assert answer["signal"] or "result" in answer, "the child ended without a word: its traceback is above"
        return answer


@dataclass(frozen=True)
class Outcome:
    """All that a run comes to, but for how long it took."""

    status: str
    losses: list[tuple[str, int, float]]
    samples: list[tuple[int, str]]
    best_step: int
    eval_loss: float
    adapter: bytes

    @classmethod
    def of(cls, folder: RunFolder) -> Outcome:
        events, summary = folder.read_since(0)[0], folder.summary() or {}
        weights = folder.path / "adapter" / "adapter_model.safetensors"
        return cls(
            status=summary.get("status", ""),
            losses=[(event["event"], event["step"], event["loss"]) for event in events if "loss" in event],
            samples=[(event["step"], event["adapter"]) for event in events if event["event"] == "SampleLogged"],
            best_step=summary.get("best_step", -1),
            eval_loss=summary.get("eval_loss", -1.0),
            adapter=weights.read_bytes() if weights.exists() else b"",
        )


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing happened to, and what it did to the disk on the way."""

    outcome: Outcome
    operations: list[str]


def steps_kept(folder: Path) -> int:
    """The step after which the run would go on; every checkpoint that counts must be whole."""
    checkpoints = Checkpoints(folder)
    found = checkpoints.read()
    assert checkpoints.damaged == 0
    return found.progress["steps"] if found else 0


def leftovers(folder: Path) -> list[str]:
    """What was being written, or stood aside."""
    return [path.name for path in folder.rglob(".*")]

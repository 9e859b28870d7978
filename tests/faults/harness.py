"""A process with libraries and base model loaded, which forks a child for every run: nobody waits for imports.

Started by conftest.py. Each line it reads asks for one job, as JSON; each line it writes says how the child ended.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peft.peft_model
import torch
from peft import LoraConfig, PeftModel, get_peft_model

from playground.files import is_disk_full
from playground.model import load
from playground.model.in_memory import base_in_memory
from playground.runs import session
from playground.runs.folder import RunFolder
from playground.train import checkpoint, sample
from tests.faults.disk import Disk
from tests.tiny import tiny_causal


def main(base_model: str, reply: int) -> None:
    torch.set_num_threads(1)
    load.choose_device = lambda: (torch.device("cpu"), torch.float32, "cpu_fp32")
    base_in_memory(base_model)
    sample.SAMPLE_TOKENS = 4
    jobs = Jobs()
    # What is here stays: a child that collects garbage would copy all of it to write down that it looked.
    gc.collect()
    gc.freeze()
    answers = os.fdopen(reply, "w")
    for line in sys.stdin:
        answers.write(json.dumps(_in_child(jobs, json.loads(line))) + "\n")
        answers.flush()


class Jobs:
    """What a child can be asked for; each returns what it has to tell."""

    def __init__(self) -> None:
        self.model: PeftModel = get_peft_model(tiny_causal(1), LoraConfig(r=2, target_modules=["q_proj"]))
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(trained)
        for parameter in trained:
            parameter.grad = torch.ones_like(parameter)
        self.optimizer.step()

    def train(self, folder: Path) -> Any:
        """A whole run, with a checkpoint after every step."""
        checkpoint.SECONDS_BETWEEN, checkpoint.SHARE_OF_TIME = 0.0, float("inf")
        PeftModel.create_or_update_model_card = lambda *_: None  # a sixth of the time of so short a run
        return session.run(RunFolder(folder), lambda: False)

    def checkpoint(self, folder: Path, steps: int) -> None:
        checkpoints = checkpoint.Checkpoints(folder)
        checkpoints.read()
        checkpoints.save(self.model, self.optimizer, {"steps": steps})

    def adapter(self, folder: Path, value: float) -> None:
        """An adapter all of whose weights are `value`."""
        with torch.no_grad():
            for parameter in self.model.parameters():
                if parameter.requires_grad:
                    parameter.fill_(value)
        checkpoint.save_adapter(self.model, folder / "adapter")


def _in_child(jobs: Jobs, asked: dict[str, Any]) -> dict[str, Any]:
    """`signal`: what ended the child, 0 if it ended by itself; then also what it has to tell."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, json.dumps(_do(getattr(jobs, asked["job"]), asked)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        told = stream.read()
    _, status = os.waitpid(child, 0)
    return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, **(json.loads(told) if told else {})}


def _do(job: Callable[..., Any], asked: dict[str, Any]) -> dict[str, Any]:
    folder = Path(asked["folder"])
    disk = Disk(folder, **asked["fault"])
    for module, name in ((checkpoint, "save_file"), (peft.peft_model, "safe_save_file")):
        setattr(module, name, disk.wrap(getattr(module, name)))
    try:
        result, disk_full = job(folder, **asked["values"]), False
    except Exception as error:  # noqa: BLE001 - told to the test
        result, disk_full = f"{type(error).__name__}: {error}", is_disk_full(error)
    disk.armed = False
    return {"result": result, "disk_full": disk_full, "operations": disk.operations}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

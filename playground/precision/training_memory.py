"""Peak memory of two training steps, each time in a process of its own.

The program loads its libraries, notes how much memory that took, loads the base, attaches LoRA and takes two steps of
training exactly as a run does. Reported is what the base and the steps took above the libraries: resident memory on a
processor, allocated memory on a GPU. For resident memory to mean memory in use,

- each measurement has a fresh process, as freed memory may stay with the one that freed it;
- the C library gives freed memory back at once (MALLOC_MMAP_THRESHOLD_, where it is glibc);
- the weights are copied out of the mapped file: else pages of it would count that nobody needs any more (the originals
  of quantized weights), and those would not that nobody has read yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from playground.errors import ModelError
from playground.texts import Text

ROOT = Path(__file__).resolve().parents[2]
STEPS = 2
BATCH_SIZE = 4
DATA = {
    "causal_lm": {"dataset": "notes-to-json"},
    "seq2seq_lm": {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"},
}
ENDED = Text(
    "training it in a process of its own ended with status {status}: {reason}",
    "o treino em um processo próprio terminou com status {status}: {reason}",
)


class StoppedError(Exception):
    """Asked for, and no failure."""


@dataclass(frozen=True, kw_only=True)
class TrainingMemory:
    """Bytes above what the libraries take: with the base loaded, and at the peak of two steps."""

    precision: str
    loaded_bytes: int
    peak_bytes: int
    steps: int
    batch_size: int
    loss: float


def training_memory(source: str, task: str, precision: str, should_stop: Callable[[], bool]) -> TrainingMemory:
    """Measure in a fresh process. Raises StoppedError when asked to stop, ModelError when the process fails."""
    command = [sys.executable, "-m", "playground.precision.training_memory", source, task, precision]
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"}
    environment |= {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=0.3)
                    break
                except subprocess.TimeoutExpired:
                    if should_stop():
                        raise StoppedError from None
        finally:
            process.kill()  # does nothing to one that has ended
    if process.returncode:
        reason = (err.strip().splitlines() or [""])[-1]
        raise ModelError(ENDED, status=process.returncode, reason=reason[-200:])
    return TypeAdapter(TrainingMemory).validate_json(out.splitlines()[-1])


def measure(source: str, task: str, precision_name: str) -> TrainingMemory:
    """In this process, which should be a fresh one."""
    import bitsandbytes  # noqa: F401 - loaded before the memory of the libraries is noted

    from playground.catalog.precisions import PRECISIONS
    from playground.catalog.resolve import resolve
    from playground.config import RunConfig
    from playground.data.read import load_split
    from playground.model.load import load_base
    from playground.train.events import StepLogged
    from playground.train.loop import local_accelerator
    from playground.train.memory import PeakMemory, memory_bytes
    from playground.train.prepare import prepare_on

    precision = PRECISIONS[precision_name]
    training = {"max_steps": STEPS, "batch_size": BATCH_SIZE, "eval_examples": 1, "eval_every": STEPS}
    values = {"name": "memory", "base_model": source, "data": DATA[task], "training": training}
    config = resolve(RunConfig.from_values(values | {"method": {"method": "lora"}}))
    accelerator = local_accelerator()  # made before the libraries' memory is noted
    split = load_split(config.data, config.seed)
    before = memory_bytes()
    base = load_base(source, precision.quantization, precision.double_quant, precision.dtype)
    for parameter in base.model.parameters():
        parameter.data = parameter.data.clone()
    prepared = prepare_on(base, config, split)
    loaded = memory_bytes()
    loss = 0.0
    with PeakMemory(interval=0.005) as peak:
        for event in prepared.train(accelerator=accelerator):
            loss = event.loss if isinstance(event, StepLogged) else loss
    return TrainingMemory(
        precision=precision_name,
        loaded_bytes=max(0, loaded - before),
        peak_bytes=max(0, peak.bytes - before),
        steps=STEPS,
        batch_size=BATCH_SIZE,
        loss=loss,
    )


if __name__ == "__main__":
    result = measure(*sys.argv[1:])
    sys.stdout.write(json.dumps(asdict(result)) + "\n")

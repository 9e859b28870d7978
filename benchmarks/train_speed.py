"""Our training loop against a plain PEFT + PyTorch loop: examples a second, first loss, peak memory.

    python benchmarks/train_speed.py [--dataset notes-to-json|varied|…] [--dtype float32] [--steps 6] [--rounds 2]

The plain loop is what a careful script does: random batches padded to their longest example,
`model(input_ids, attention_mask, labels).loss`, AdamW. Ours is the one that every run takes. Both
use the same base, dtype, adapter, seed and examples. Each measurement is a process of its own
(peak memory is a process's), and the two loops alternate, so that a slow minute of the machine
hits both.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from playground.data.encode import Item
    from playground.data.example import Example
    from playground.train.prepare import Prepared

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

BATCH_SIZE = 8


def examples_of(dataset: str) -> list[Example]:
    """The training examples of a data set; `varied` joins one to six notes and asks for as many answers.

    The included sets have examples of much the same length. Real instruction data has not: in
    `varied` the longest example is about five times the shortest.
    """
    from playground.config import DataConfig
    from playground.data.example import Example, Message
    from playground.data.read import load_split

    if dataset != "varied":
        return load_split(DataConfig(dataset=dataset), 42).train
    notes = load_split(DataConfig(dataset="notes-to-json"), 42).train
    random = Random(42)
    joined = []
    while len(joined) < 120:
        part = random.sample(notes, random.randint(1, 6))
        prompt, completion = ("\n".join(texts) for texts in zip(*((e.prompt, e.completion) for e in part), strict=True))
        joined.append(Example((Message("user", prompt),), completion))
    return joined


def measure(loop: str, dataset: str, steps: int, dtype: str | None) -> dict[str, float]:
    """One loop in this process: warm up with one step, then time `steps` more."""
    from playground.catalog.resolve import resolve
    from playground.config import RunConfig
    from playground.data.example import Split
    from playground.model.load import load_base
    from playground.train.prepare import prepare_on

    training = {"batch_size": BATCH_SIZE, "max_steps": steps + 1, "eval_every": 100_000, "eval_examples": BATCH_SIZE}
    data = {"dataset": "notes-to-json", "max_tokens": 512}
    config = resolve(RunConfig.from_values({"data": data, "training": training}))
    examples = examples_of(dataset)
    split = Split(examples, examples[:BATCH_SIZE], metrics=())
    prepared = prepare_on(load_base(config.base_model, dtype=dtype), config, split)
    first_loss, seconds = (ours if loop == "ours" else plain)(prepared)
    return {
        "examples_per_second": steps * BATCH_SIZE / seconds,
        "first_loss": first_loss,
        "peak_memory_bytes": peak_memory_bytes(prepared.base.device),
    }


def peak_memory_bytes(device: torch.device) -> int:
    """Of this process; on a GPU, what PyTorch held there."""
    import torch

    if device.type == "cuda":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def ours(prepared: Prepared) -> tuple[float, float]:
    """The loss of the first examples before training, and the seconds of all steps but the first."""
    from playground.train.events import EvalLogged

    before, _, *timed = prepared.train()
    assert isinstance(before, EvalLogged)
    timed.pop()  # the last evaluation
    return before.loss, sum(BATCH_SIZE / event.examples_per_second for event in timed)


def plain(prepared: Prepared) -> tuple[float, float]:
    """As `ours`, with the examples of the same steps in random batches."""
    import torch

    from playground.data.batches import collate, step_order

    model, items, config = prepared.model, prepared.train_items.items, prepared.config
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3)
    order = step_order([item.length for item in items], BATCH_SIZE, config.seed)
    warm_up, *steps = ([items[index] for index in indices] for indices in islice(order, config.training.max_steps))
    timed = [item for step in steps for item in step]
    Random(config.seed).shuffle(timed)

    def loss_of(batch_items: list[Item]) -> torch.Tensor:
        batch = collate(batch_items, prepared.base.tokenizer.pad_token_id, prepared.base.device)
        return model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss

    def step(batch_items: list[Item]) -> None:
        loss_of(batch_items).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    model.train()
    with torch.no_grad():
        first_loss = float(loss_of(list(prepared.held_out.items)))
    step(warm_up)
    wait_for(prepared.base.device)
    started = time.perf_counter()
    for start in range(0, len(timed), BATCH_SIZE):
        step(timed[start : start + BATCH_SIZE])
    wait_for(prepared.base.device)
    return first_loss, time.perf_counter() - started


def wait_for(device: torch.device) -> None:
    """A GPU works on while this program is told that the step is done."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)


def in_a_process(loop: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", loop, "--dataset", options.dataset, "--steps", str(options.steps)]
    if options.dtype:
        command += ["--dtype", options.dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    for _ in range(options.rounds):
        for loop in found:
            found[loop].append(in_a_process(loop, options))
    speed = {loop: statistics.median(run["examples_per_second"] for run in runs) for loop, runs in found.items()}
    memory = {loop: max(run["peak_memory_bytes"] for run in runs) for loop, runs in found.items()}
    return {
        "dataset": options.dataset,
        "plain_examples_per_second": speed["plain"],
        "our_examples_per_second": speed["ours"],
        "speed_ratio": speed["ours"] / speed["plain"],
        "memory_ratio": memory["ours"] / memory["plain"],
        "plain_peak_memory_bytes": memory["plain"],
        "our_peak_memory_bytes": memory["ours"],
        "first_loss_ratio": found["ours"][0]["first_loss"] / found["plain"][0]["first_loss"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="notes-to-json")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dtype", help="of the base; without it, the machine's own choice")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=["plain", "ours"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measure(arguments.child, arguments.dataset, arguments.steps, arguments.dtype)))
        return
    result = compare(arguments)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:28} {value:.4g}" if isinstance(value, float) else f"{name:28} {value}")


if __name__ == "__main__":
    main()

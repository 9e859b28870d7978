"""Our training loop against a plain PEFT + PyTorch loop: examples a second, first loss, peak memory.

    python benchmarks/train_speed.py [--dataset notes-to-json|varied|…] [--dtype float32] [--steps 6] [--rounds 2]
                                     [--limit]

The plain loop is what a careful script does: random batches padded to their longest example,
`model(input_ids, attention_mask, labels).loss`, AdamW. Ours is the one that every run takes. Both
use the same base, dtype, adapter, seed and examples. Each measurement is a process of its own
(peak memory is a process's), and the two loops alternate, so that a slow minute of the machine
hits both.

`--limit` sets what our steps do beside what the processor can: the FLOPs of the matrix products that they execute, a
second, over those of the fastest square product in the base's dtype, measured before and after the steps in the same
process. The FLOPs are counted in a second pass over the same steps, which is not timed. What PyTorch's own attention
does on a processor is not in its counter; on rows that are short enough our attention is products, which are counted.
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

    from playground.data.example import Example
    from playground.model.load import BaseModel
    from playground.train.prepare import Prepared

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from plain_loop import PlainLoop

BATCH_SIZE = 8
SQUARES = (512, 1024, 2048)  # sides of the products that show what the processor can


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


def measure(loop: str, dataset: str, steps: int, dtype: str | None, limit: bool) -> dict[str, float]:
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
    limit = limit and loop == "ours"
    squares = [square_flops_per_second(prepared.base)] if limit else []
    first_loss, seconds = (ours if loop == "ours" else plain)(prepared)
    found = {
        "examples_per_second": steps * BATCH_SIZE / seconds,
        "first_loss": first_loss,
        "peak_memory_bytes": peak_memory_bytes(prepared.base.device),
    }
    if limit:
        squares.append(square_flops_per_second(prepared.base))
        found["flops_per_second"] = flops_of_our_steps(prepared) / seconds
        found["square_flops_per_second"] = max(squares)
    return found


def square_flops_per_second(base: BaseModel) -> float:
    """Of the fastest of ten products of each size."""
    import torch

    fastest = 0.0
    for side in SQUARES:
        left, right = (torch.randn(side, side, device=base.device).to(base.dtype) for _ in range(2))
        for _ in range(10):
            wait_for(base.device)
            started = time.perf_counter()
            left @ right
            wait_for(base.device)
            fastest = max(fastest, 2 * side**3 / (time.perf_counter() - started))
    return fastest


def flops_of_our_steps(prepared: Prepared) -> int:
    """Of the matrix products of all steps but the first, counted while they are taken once more."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    def added_in_place(_: Any, left: list[int], right: list[int], **__: Any) -> int:
        return 2 * left[0] * left[1] * right[1]

    # PyTorch's counter knows only the product whose sum is a new tensor.
    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: added_in_place}) as counter:
        _, first, *steps, _ = [counter.get_total_flops() for _ in prepared.train()]
    return steps[-1] - first  # without the evaluations before and after


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

    from playground.data.batches import step_order

    loop, items, config = PlainLoop(prepared), prepared.train_items.items, prepared.config
    order = step_order([item.length for item in items], BATCH_SIZE, config.seed)
    warm_up, *steps = ([items[index] for index in indices] for indices in islice(order, config.training.max_steps))
    timed = [item for step in steps for item in step]
    Random(config.seed).shuffle(timed)
    with torch.no_grad():
        first_loss = float(loop.loss_of(prepared.held_out.items))
    loop.step(warm_up)
    wait_for(prepared.base.device)
    started = time.perf_counter()
    for start in range(0, len(timed), BATCH_SIZE):
        loop.step(timed[start : start + BATCH_SIZE])
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
    if options.limit:
        command.append("--limit")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
    for _ in range(options.rounds):
        for loop in found:
            found[loop].append(in_a_process(loop, options))
    speed = {loop: statistics.median(run["examples_per_second"] for run in runs) for loop, runs in found.items()}
    memory = {loop: max(run["peak_memory_bytes"] for run in runs) for loop, runs in found.items()}
    limits = {
        name: statistics.median(run[name] for run in found["ours"])
        for name in ("flops_per_second", "square_flops_per_second")
        if options.limit
    }
    if limits:
        limits["share_of_square"] = limits["flops_per_second"] / limits["square_flops_per_second"]
    return {
        "dataset": options.dataset,
        "plain_examples_per_second": speed["plain"],
        "our_examples_per_second": speed["ours"],
        "speed_ratio": speed["ours"] / speed["plain"],
        "memory_ratio": memory["ours"] / memory["plain"],
        "plain_peak_memory_bytes": memory["plain"],
        "our_peak_memory_bytes": memory["ours"],
        "first_loss_ratio": found["ours"][0]["first_loss"] / found["plain"][0]["first_loss"],
        **limits,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="notes-to-json")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dtype", help="of the base; without it, the machine's own choice")
    parser.add_argument("--limit", action="store_true", help="beside the fastest square product of the same run")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=["plain", "ours"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(
            json.dumps(measure(arguments.child, arguments.dataset, arguments.steps, arguments.dtype, arguments.limit))
        )
        return
    result = compare(arguments)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:28} {value:.4g}" if isinstance(value, float) else f"{name:28} {value}")


if __name__ == "__main__":
    main()

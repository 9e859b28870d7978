"""Our training loop against a plain PEFT + PyTorch loop: examples a second, first loss, peak memory.

    python benchmarks/train_speed.py [--dataset notes-to-json|varied|…] [--dtype float32] [--steps 6] [--rounds 2]

The plain loop is what a careful script does: random batches padded to their longest example,
`model(input_ids, attention_mask, labels).loss`, AdamW. Both use the same base, dtype, adapter,
seed and examples. Each measurement is a process of its own (peak memory is a process's; on a GPU, what
PyTorch held there), and the two loops alternate, so that a slow minute of the machine hits both.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.data.encode import Encoded
    from playground.data.example import Example

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
    import torch

    from playground.catalog.resolve import resolve
    from playground.config import RunConfig
    from playground.data.batches import collate, length_order
    from playground.data.encode import encode
    from playground.model.adapt import attach_new
    from playground.model.load import load_base
    from playground.train.loop import make_optimizer
    from playground.train.loss import training_losses

    config = resolve(
        RunConfig.from_values(
            {"data": {"dataset": "notes-to-json"}, "training": {"batch_size": BATCH_SIZE, "max_steps": 60}}
        )
    )
    base = load_base(config.base_model, dtype=dtype)
    items = encode(examples_of(dataset), base.tokenizer, max_tokens=512).items
    model = attach_new(base, config, items)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    ours = loop == "ours"
    optimizer = make_optimizer(model, config.training) if ours else torch.optim.AdamW(trained, lr=1e-3)
    pad = base.tokenizer.pad_token_id
    # The same examples for both loops: in random batches, or in batches of similar length as one
    # pool of `step_order` makes them.
    chosen = Random(config.seed).sample(items, steps * BATCH_SIZE)
    batches = (
        length_order(chosen, BATCH_SIZE)
        if ours
        else [chosen[start : start + BATCH_SIZE] for start in range(0, len(chosen), BATCH_SIZE)]
    )

    def loss_of(batch_items: list[Encoded]) -> torch.Tensor:
        batch = collate(batch_items, pad, base.device)
        if ours:
            return training_losses(model, batch)[0] / batch.label_count
        output = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels)
        return output.loss

    def step(batch_items: list[Encoded]) -> None:
        loss_of(batch_items).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    model.train()
    with torch.no_grad():
        first_loss = float(loss_of(chosen[:BATCH_SIZE]))
    step(items[:BATCH_SIZE])
    on_gpu = base.device.type == "cuda"
    if on_gpu:  # which works on while this program is told that the step is done
        torch.cuda.synchronize()
    started = time.perf_counter()
    for batch_items in batches:
        step(batch_items)
    if on_gpu:
        torch.cuda.synchronize()
    seconds = time.perf_counter() - started
    of_process = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "examples_per_second": steps * BATCH_SIZE / seconds,
        "first_loss": first_loss,
        "peak_memory_bytes": torch.cuda.max_memory_allocated() if on_gpu else of_process,
    }


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

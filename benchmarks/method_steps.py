"""The time of a step of every method, as a multiple of plain PEFT's LoRA: one process, the two alternating.

    python benchmarks/method_steps.py [--methods lokr loha …] [--steps 6] [--one-thread] [--json]

A step is forward, backward and optimizer on 8 examples of `notes-to-json` on the embedded model, in the dtype that the
machine chooses. The method runs with its defaults and in our loop, as every run does; beside it LoRA runs with its
defaults in a plain PEFT + PyTorch loop. After each step of one comes a step of the other, so that a slow minute of
the machine hits both; the figure is the median over these pairs. `--one-thread` counts the processor's time in place
of the clock's, on one thread: for a machine on which others are at work.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from plain_loop import PlainLoop

if TYPE_CHECKING:
    from playground.train.prepare import Prepared

BATCH_SIZE = 8
MODEL = "smollm2-135m-instruct"


def prepared_for(method: str, steps: int) -> Prepared:
    """The method with its defaults on a base of its own: two methods never share one."""
    from playground.catalog.methods import METHODS
    from playground.catalog.resolve import resolve
    from playground.config import RunConfig
    from playground.data.read import load_split
    from playground.model.load import load_base
    from playground.train.prepare import prepare_on

    training = {"batch_size": BATCH_SIZE, "max_steps": steps, "eval_every": 100_000, "eval_examples": 1}
    values = {"base_model": MODEL, "data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    config = resolve(RunConfig.from_values(values | {"training": training}))
    base = load_base(MODEL, METHODS[method].quantization)
    return prepare_on(base, config, load_split(config.data, config.seed))


def ratio_of(method: str, yardstick: PlainLoop, steps: int, clock: Callable[[], float]) -> dict[str, float]:
    """Medians over `steps` pairs of steps, after one to warm up. Raises PlaygroundError where it cannot train."""
    from playground.data.batches import step_order
    from playground.train.events import StepLogged

    prepared = prepared_for(method, steps + 1)
    items = yardstick.prepared.train_items.items
    order = step_order([item.length for item in items], BATCH_SIZE, yardstick.prepared.config.seed)
    events = prepared.train()
    next(events)  # the held-out loss before training
    pairs = []
    for _ in range(steps + 1):
        began = clock()
        event = next(events)
        ended = clock()
        assert isinstance(event, StepLogged)
        yardstick.step([items[index] for index in next(order)])
        pairs.append((ended - began, clock() - ended))
    events.close()
    return {
        "step_seconds": statistics.median(of_method for of_method, _ in pairs[1:]),
        "plain_lora_seconds": statistics.median(of_lora for _, of_lora in pairs[1:]),
        "ratio": statistics.median(of_method / of_lora for of_method, of_lora in pairs[1:]),
    }


def main() -> None:
    from playground.catalog.methods import METHODS
    from playground.errors import PlaygroundError

    causal = [name for name, spec in METHODS.items() if "causal_lm" in spec.tasks]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=causal, default=causal, metavar="METHOD")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--one-thread", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.one_thread:
        import torch

        torch.set_num_threads(1)
    yardstick = PlainLoop(prepared_for("lora", 1))
    found: dict[str, dict[str, float] | str] = {}
    for method in options.methods:
        clock = time.process_time if options.one_thread else time.perf_counter
        try:
            found[method] = ratio_of(method, yardstick, options.steps, clock)
        except PlaygroundError as error:
            found[method] = error.to("en")
        gc.collect()
        if not options.json:
            print(f"{method:18} {line(found[method])}", flush=True)
    if options.json:
        print(json.dumps(found))


def line(found: dict[str, float] | str) -> str:
    if isinstance(found, str):
        return found
    return "{ratio:5.2f} times  ({step_seconds:.2f} s, plain LoRA {plain_lora_seconds:.2f} s)".format(**found)


if __name__ == "__main__":
    main()

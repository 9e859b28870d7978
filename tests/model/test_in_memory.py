"""The base stays in memory between runs, one at a time."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from playground.model import in_memory
from playground.model.in_memory import base_in_memory, forget_base, no_base_in_memory
from playground.runs import session
from playground.service import Playground
from tests.tiny import save_tiny


def test_the_same_base_is_loaded_once_and_another_one_takes_its_place(tmp_path: Path) -> None:
    one, two = str(save_tiny(tmp_path / "one", seed=1)), str(save_tiny(tmp_path / "two", seed=2))
    first = base_in_memory(one)
    assert base_in_memory(one) is first
    assert base_in_memory(two) is not first
    assert base_in_memory(one) is not first


def test_a_folder_whose_weights_were_replaced_is_loaded_again(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "model", seed=1)
    first = base_in_memory(str(folder))
    save_tiny(folder, seed=2)
    os.utime(folder / "model.safetensors", (1, 1))
    again = base_in_memory(str(folder))
    assert not again.model.lm_head.weight.equal(first.model.lm_head.weight)


def test_two_runs_after_each_other_give_the_losses_of_two_fresh_processes(
    playground: Playground, make_run: Any, values: dict[str, Any]
) -> None:
    methods = ("lora", "prefix_tuning", "adalora", "lora")

    def losses(method: str) -> list[float]:
        folder = make_run({**values, "method": {"method": method}})
        session.run(folder, lambda: False)
        return [event["loss"] for event in folder.read_since(0)[0] if "loss" in event]

    in_a_row = [losses(method) for method in methods]
    for method, found in zip(methods, in_a_row, strict=True):
        forget_base()
        assert losses(method) == found


def test_inside_the_block_nothing_is_kept_and_whoever_asks_waits(tiny_model: str) -> None:
    base_in_memory(tiny_model)
    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(base_in_memory(tiny_model)), daemon=True)
    with no_base_in_memory():
        asking.start()
        asking.join(0.2)
        assert (found, in_memory._kept) == ([], {})
    asking.join(60)
    assert found == list(in_memory._kept.values())

"""What a base does on held-out examples is computed once for all runs on it, and is what each would have computed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from playground.catalog.methods import METHODS
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.runs.folder import RunFolder
from playground.runs.session import run
from playground.service import Playground
from playground.train import base_held_out, loop
from playground.train.loss import mean_loss
from playground.train.prepare import prepare


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    base_held_out._kept.clear()
    yield
    base_held_out._kept.clear()


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many examples each evaluation has computed."""
    counts: list[int] = []

    def counted(model: Any, items: Any, *rest: Any) -> tuple[float, int]:
        counts.append(len(items))
        return mean_loss(model, items, *rest)

    monkeypatch.setattr(loop, "mean_loss", counted)
    return counts


def finished(folder: RunFolder) -> RunFolder:
    assert run(folder, lambda: False)["status"] == "finished"
    return folder


def measured(folder: RunFolder) -> list[tuple[str, int, float]]:
    """Losses and distances, in their order."""
    values = {"StepLogged": "loss", "EvalLogged": "loss", "ChangeLogged": "kl"}
    events = [event for event in folder.read_since(0)[0] if event["event"] in values]
    return [(event["event"], event["step"], event[values[event["event"]]]) for event in events]


@pytest.mark.parametrize("method", ["lora", "prompt_tuning", "full"])
def test_the_next_run_measures_its_adapter_alone_and_finds_the_same(
    make_run: Any, values: dict[str, Any], evaluations: list[int], method: str
) -> None:
    finished(make_run(values))  # LoRA's: the base is the same for all methods
    asked = len(evaluations)
    second = measured(finished(make_run(values | {"method": {"method": method}})))
    assert len(evaluations) == 2 * asked - 1
    base_held_out._kept.clear()
    alone = measured(finished(make_run(values | {"method": {"method": method}})))
    assert [event[:2] for event in second] == [event[:2] for event in alone]
    assert second[0][:2] == ("EvalLogged", 0)
    assert [value for *_, value in second] == pytest.approx([value for *_, value in alone], rel=1e-6)


@pytest.mark.parametrize(
    "changed", [{"eval_examples": 5}, {"batch_size": 1, "gradient_accumulation_steps": 2}], ids=["examples", "batch"]
)
def test_for_other_examples_or_batches_it_is_measured_anew(
    make_run: Any, values: dict[str, Any], evaluations: list[int], changed: dict[str, Any]
) -> None:
    finished(make_run(values))
    asked = len(evaluations)
    finished(make_run(values | {"training": values["training"] | changed}))
    assert len(evaluations) == 2 * asked


def test_a_base_that_leaves_takes_it_along(make_run: Any, values: dict[str, Any], evaluations: list[int]) -> None:
    finished(make_run(values))
    asked = len(evaluations)
    assert len(base_held_out._kept) == 1
    forget_base()
    gc.collect()
    assert not base_held_out._kept
    finished(make_run(values))
    assert len(evaluations) == 2 * asked


def test_it_is_the_same_under_every_method(playground: Playground, values: dict[str, Any]) -> None:
    methods: list[dict[str, Any]] = [{"method": name} for name in METHODS if METHODS[name].quantization is None]
    methods += [{"method": "lora", "params": {"init_lora_weights": start}} for start in ("pissa", "olora")]
    found = {}
    for method in methods:
        ready = prepare(playground.check(values | {"method": method}))
        with ready.model.disable_adapter():
            ready.model.eval()
            found[str(method)] = mean_loss(ready.model, ready.held_out.items, 8, 0, ready.base.device)[0]
        detach(ready.model)
    base = mean_loss(ready.base.model, ready.held_out.items, 8, 0, ready.base.device)[0]
    assert len(found) > 40
    assert found == pytest.approx(dict.fromkeys(found, base), rel=1e-6)

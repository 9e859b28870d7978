"""A form that is filled in asks again and again: only what changes the memory of a step is run dry anew."""

from __future__ import annotations

from typing import Any

import pytest

from playground.config import RunConfig
from playground.data.encode import Encoded
from playground.preflight import memory
from playground.preflight.dry_run import Peak, training_peak
from playground.preflight.meta_model import meta_base, outline
from playground.service import Playground

SHORT, LONG = ([Encoded([5, *range(6, 6 + length)], 3) for _ in range(8)] for length in (20, 40))


def test_only_what_changes_a_steps_memory_is_run_dry_anew(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Peak] = []

    def counted(*given: Any) -> Peak:
        runs.append(training_peak(*given))
        return runs[-1]

    def told(items: list[Encoded] = SHORT, **changed: Any) -> memory.Memory:
        config: RunConfig = playground.check(values | changed)
        return memory.estimate_memory(config, outline(config, meta_base(config.base_model), items), items, items)

    monkeypatch.setattr(memory, "training_peak", counted)
    first = told()
    assert len(runs) == 1
    same = told(name="another", training={**values["training"], "learning_rate": 0.01, "max_steps": 9})
    assert len(runs) == 1
    assert (same.activations, same.gradients) == (first.activations, first.gradients)
    longer, wider = told(LONG), told(method={"method": "lora", "params": {"r": 32}})
    assert len(runs) == 3
    assert longer.activations > first.activations
    assert wider.activations > first.activations
    smoothed = told(training={**values["training"], "label_smoothing": 0.1})
    assert len(runs) == 4
    assert smoothed.activations > first.activations

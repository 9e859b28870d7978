"""How far an adapter has gone from its base: against the definition, and without a trace in the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from playground.model.adapt import detach
from playground.service import Playground
from playground.train import change as change_module
from playground.train.change import LABELS_OF_EACH, ChangeFromBase
from playground.train.events import ChangeLogged, EvalLogged, StepLogged
from playground.train.loss import not_at_all
from playground.train.prepare import Prepared, prepare


@contextmanager
def prepared(playground: Playground, values: dict[str, Any], **changed: Any) -> Iterator[Prepared]:
    ready = prepare(playground.check(values | changed))
    yield ready
    detach(ready.model)


def trained(ready: Prepared, change: ChangeFromBase | None) -> tuple[list[float], list[ChangeLogged]]:
    """All losses, and what was logged of the change."""
    losses, changes = [], []
    for event in ready.train(look=change.look if change else not_at_all):
        losses.append(event.loss)
        if change and isinstance(event, EvalLogged) and event.step:
            changes.append(change.take(event.step, event.seconds))
    return losses, changes


def by_definition(ready: Prepared, examples: int) -> tuple[float, int]:
    """KL(base ‖ adapter), the mean over so many label tokens; each example on its own, by torch's own KL."""
    total, count = 0.0, 0
    for item in ready.held_out.items[:examples]:
        ids = torch.tensor([item.input_ids])
        with torch.no_grad():
            p = ready.model(input_ids=ids).logits[0]
            with ready.model.disable_adapter():
                q = ready.model(input_ids=ids).logits[0]
        labels = range(item.prompt_length - 1, len(item.input_ids) - 1)
        places = torch.linspace(0, len(labels) - 1, min(len(labels), LABELS_OF_EACH)).long()
        for place in places.tolist():
            base = torch.distributions.Categorical(logits=q[labels[place]])
            adapter = torch.distributions.Categorical(logits=p[labels[place]])
            total += float(torch.distributions.kl_divergence(base, adapter))
            count += 1
    return total / count, count


def test_the_distance_is_kl_from_the_base_and_the_map_the_size_of_each_change(
    playground: Playground, values: dict[str, Any]
) -> None:
    with prepared(playground, values) as ready:
        change = ChangeFromBase(ready.model, ready.held_out.items)
        _, (*_, last) = trained(ready, change)
        kl, count = by_definition(ready, values["training"]["eval_examples"])
        sizes = {
            tuple(name.split(".", 3)[2:]): float(
                tuner.get_delta_weight("default").norm() / tuner.base_layer.weight.norm()
            )
            for name, tuner in ready.model.get_base_model().named_modules()
            if hasattr(tuner, "get_delta_weight")
        }
    assert last.kl == pytest.approx(kl, rel=1e-3)
    assert last.kl_tokens == count
    assert last.ranks is None
    told = {
        (layer, module): value
        for layer, row in zip(last.layers, last.relative, strict=True)
        for module, value in zip(last.modules, row, strict=True)
        if value is not None
    }
    assert told == pytest.approx(sizes, rel=1e-4)


@pytest.mark.parametrize("method", ["lora", "adalora", "oft", "prefix_tuning"])
def test_who_looks_changes_no_loss(playground: Playground, values: dict[str, Any], method: str) -> None:
    values |= {"method": {"method": method}}
    with prepared(playground, values) as ready:
        alone, _ = trained(ready, None)
    with prepared(playground, values) as ready:
        looked_at, changes = trained(ready, ChangeFromBase(ready.model, ready.held_out.items))
    assert looked_at == alone
    assert [event.step for event in changes] == [2, 4]
    assert all(event.kl is not None and event.kl > 0 for event in changes)
    assert bool(changes[0].relative) is (method != "prefix_tuning")
    assert all(bool(event.ranks) is (method == "adalora") for event in changes)


def test_the_ranks_of_all_layers_are_the_ranks_in_use(playground: Playground, values: dict[str, Any]) -> None:
    with prepared(playground, values, method={"method": "adalora"}) as ready:
        change = ChangeFromBase(ready.model, ready.held_out.items)
        in_use: list[int | None] = []
        for event in ready.train(look=change.look):
            if isinstance(event, StepLogged):
                in_use.append(event.active_rank)
            elif event.step:
                ranks = change.take(event.step, event.seconds).ranks
                assert ranks
                assert sum(rank or 0 for row in ranks for rank in row) == in_use[-1]


def test_a_map_that_takes_long_is_drawn_seldom(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes 2 seconds: not again before 100 have gone."""
    now = [0.0]
    with prepared(playground, values) as ready:
        monkeypatch.setattr(change_module.time, "perf_counter", lambda: now[0])
        change = ChangeFromBase(ready.model, ready.held_out.items)

    class Slow:
        layer, module, rank = "0", "slow", None

        def norms(self) -> tuple[float, float]:
            now[0] += 2
            return 1.0, 4.0

    change.layers = [Slow()]  # type: ignore[list-item]
    drawn = []
    for second in range(0, 400, 10):
        now[0] = max(now[0], float(second))
        if change.take(1, 0.0).relative:
            drawn.append(second)
    assert drawn == [0, 100, 200, 300]

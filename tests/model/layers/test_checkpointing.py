"""Gradient checkpointing: the same losses, the methods for which it is refused, and a base that is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaPreTrainedModel

from playground.catalog.methods import METHODS
from playground.errors import ConfigError
from playground.model.adapt import detach
from playground.model.in_memory import base_in_memory
from playground.model.layers.checkpointing import is_checkpointing
from playground.model.virtual_tokens import learns_prefix
from playground.preflight.report import reasons_against
from playground.runs.folder import RunFolder
from playground.runs.session import run
from playground.service import Playground
from playground.train import prepare as train_prepare
from playground.train.events import Event, StepLogged
from playground.train.passes import every
from playground.train.prepare import prepare
from tests.tiny import save_tiny_translator


def with_checkpointing(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"training": {**values["training"], "gradient_checkpointing": True}}


@pytest.fixture
def translation(values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The small run on a tiny translation model without dropout.

    Its weights are so wide that Adam makes much of the last digits of a gradient, which our own passes round otherwise.
    """
    monkeypatch.setattr(every, "PASSES", ())
    off = dict.fromkeys(("dropout", "attention_dropout", "activation_dropout"), 0.0)
    pairs = tmp_path / "pairs.tsv"
    rows = [f"Save file {number}.\tSalve o arquivo {number}." for number in range(40)]
    pairs.write_text("en\tpt\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return values | {
        "base_model": str(save_tiny_translator(tmp_path / "m2m100", "m2m100", **off)),
        "data": {"dataset": str(pairs), "source_language": "en", "target_language": "pt"},
        "training": {**values["training"], "score_examples": 0},
    }


def losses(folder: RunFolder) -> list[float]:
    return [event["loss"] for event in folder.read_since(0)[0] if event["event"] in ("StepLogged", "EvalLogged")]


@pytest.mark.parametrize("kind", ["values", "translation"])
def test_the_losses_are_those_of_a_run_without_also_after_a_stop(
    make_run: Any, kind: str, request: pytest.FixtureRequest
) -> None:
    values = request.getfixturevalue(kind)
    steps: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, StepLogged):
            steps.append(event.step)
            computed_again.append(is_checkpointing(base_in_memory(values["base_model"]).model))

    computed_again: list[bool] = []
    plain, checkpointed = make_run(values), make_run(with_checkpointing(values))
    assert run(plain, lambda: False)["status"] == "finished"
    assert run(checkpointed, lambda: len(steps) >= 2, watch)["status"] == "stopped"
    assert run(checkpointed, lambda: False, watch)["status"] == "finished"
    assert computed_again == [True] * 4
    assert losses(checkpointed) == pytest.approx(losses(plain), rel=1e-6)


def test_its_steps_alone_ask_for_large_pieces_apart_and_a_stop_ends_that(
    make_run: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, steps = [0], []

    @contextmanager
    def apart() -> Iterator[None]:
        inside[0] += 1
        yield
        inside[0] -= 1

    def watch(event: Event) -> None:
        if isinstance(event, StepLogged):
            steps.append(inside[0])

    monkeypatch.setattr(train_prepare, "large_blocks_apart", apart)
    plain, checkpointed = make_run(values), make_run(with_checkpointing(values))
    run(plain, lambda: len(steps) >= 1, watch)
    assert run(checkpointed, lambda: len(steps) >= 2, watch)["status"] == "stopped"
    assert steps == [0, 1]
    assert inside == [0]


def test_afterwards_the_base_is_as_it_was(playground: Playground, values: dict[str, Any]) -> None:
    base = base_in_memory(values["base_model"])
    tokens = torch.tensor([[5, 6, 7]])
    logits, config = base.model(tokens).logits, base.model.config.to_dict()
    prepared = prepare(playground.check(with_checkpointing(values)))
    assert prepared.base is base
    list(prepared.train())
    assert is_checkpointing(base.model)
    detach(prepared.model)
    assert base_in_memory(values["base_model"]) is base
    assert not is_checkpointing(base.model)
    assert base.model.config.to_dict() == config
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in base.model.modules())
    base.model.train()
    assert base.model(tokens).logits.equal(logits)
    base.model.eval()


def test_it_is_refused_by_name_for_the_methods_for_which_peft_refuses_it(
    playground: Playground, values: dict[str, Any]
) -> None:
    refused = {spec.name for spec in METHODS.values() if not spec.gradient_checkpointing}
    assert refused == {spec.name for spec in METHODS.values() if learns_prefix(spec)}
    for method in refused:
        with pytest.raises(ConfigError, match="training.gradient_checkpointing.*another method") as caught:
            playground.check(with_checkpointing(values) | {"method": {"method": method}})
        assert METHODS[method].label in caught.value.to("pt")


def test_an_architecture_without_it_is_a_reason_not_to_start(
    playground: Playground, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LlamaPreTrainedModel, "supports_gradient_checkpointing", False)
    assert reasons_against(playground.check(values)) is None
    reasons = reasons_against(playground.check(with_checkpointing(values)))
    assert reasons
    assert "no gradient checkpointing for a llama model" in reasons.en
    assert "training.gradient_checkpointing" in reasons.pt

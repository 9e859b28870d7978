"""Every method's default settings teach the embedded model, and leave its own weights as they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from playground.catalog.methods import METHODS
from playground.compare.answers import CompareRequest, held_out
from playground.config import RunConfig
from playground.model.generate import DecodingConfig
from playground.model.load import BaseModel
from playground.runs import session
from playground.service import Playground
from playground.train import prepare

pytestmark = [pytest.mark.slow, pytest.mark.own_dtype]


def weights_hash(model: Any) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode() + tensor.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


@dataclass
class Attached:
    """What a run had in memory when its adapter was new."""

    base: Any
    base_hash: str
    adapter: dict[str, torch.nn.Parameter]
    adapter_then: dict[str, torch.Tensor]


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> list[Attached]:
    """Grows with every run that attaches an adapter."""
    seen: list[Attached] = []
    attach_new = prepare.attach_new

    def remember(base: BaseModel, config: RunConfig, examples: Any) -> Any:
        base_hash = weights_hash(base.model)
        model = attach_new(base, config, examples)
        adapter = {name: p for name, p in model.named_parameters() if p.requires_grad}
        seen.append(Attached(base.model, base_hash, adapter, {name: p.detach().clone() for name, p in adapter.items()}))
        return model

    monkeypatch.setattr(prepare, "attach_new", remember)
    return seen


# P-Tuning's network starts at random and needs its first dozen steps to get going. LoRA has the JSON test below.
STEPS = {"adalora": 10, "prefix_tuning": 6, "prompt_tuning": 6, "qlora": 8, "p_tuning": 24}


@pytest.mark.parametrize("method", STEPS)
def test_the_defaults_of_each_method_lower_the_held_out_loss_and_leave_the_base_alone(
    playground: Playground, attached: list[Attached], method: str
) -> None:
    steps = STEPS[method]
    config = playground.check(
        {
            "data": {"dataset": "notes-to-json"},
            "method": {"method": method},
            "training": {"max_steps": steps, "batch_size": 1, "eval_every": steps, "eval_examples": 8},
        }
    )
    folder = playground.store.create(config, {})
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    assert summary["eval_loss"] < 0.8 * summary["eval_loss_base"]
    [then] = attached
    assert weights_hash(then.base) == then.base_hash
    still = [name for name, parameter in then.adapter.items() if parameter.equal(then.adapter_then[name])]
    # AdaLoRA takes every rank from layers that need none: their singular values, which start at 0, end at 0.
    assert all(method == "adalora" and "lora_E" in name for name in still), still
    assert len(still) < len(then.adapter) / 6


def test_24_steps_of_lora_turn_a_base_that_writes_no_json_into_one_that_does(
    playground: Playground, attached: list[Attached]
) -> None:
    training = {"max_steps": 24, "batch_size": 1, "eval_every": 24, "eval_examples": 8}
    config = playground.check({"data": {"dataset": "notes-to-json"}, "training": training})
    folder = playground.store.create(config, {})
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    assert summary["eval_loss"] < 0.5 * summary["eval_loss_base"]
    [then] = attached
    assert weights_hash(then.base) == then.base_hash
    (prompts, references, _), metrics = held_out(playground.store, folder.run_id, 10)
    request = CompareRequest(
        base_model=config.base_model,
        run_ids=(folder.run_id,),
        prompts=prompts,
        references=references,
        decoding=DecodingConfig(max_new_tokens=48),
        metrics=metrics,
    )
    *_, final = playground.compare(request)
    base, lora = final.scores
    assert base["valid_json"] < 20
    assert lora["valid_json"] >= 90
    assert lora["key_accuracy"] > base["key_accuracy"]
    assert lora["perplexity"] < 0.5 * base["perplexity"]


def test_the_methods_to_start_with_are_taught_here() -> None:
    """The others' figures are in docs/methods.md: forty trainings would take half an hour."""
    assert {*STEPS, "lora"} == {name for name, spec in METHODS.items() if spec.group == "start_here"}

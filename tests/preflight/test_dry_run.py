"""The dry run's ledger against the same ledger kept while real tensors are computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._pytree import tree_iter

from playground.data.batches import AnyBatch, collate
from playground.data.encode import Encoded, EncodedPair
from playground.model import load
from playground.model.adapt import attach_new, detach
from playground.model.load import load_base
from playground.preflight import memory
from playground.preflight.dry_run import Ledger, evaluation_peak, training_peak
from playground.preflight.memory import GPU_WORKSPACES_BYTES, HEAP_HOLES, estimate_memory
from playground.preflight.meta_model import meta_base, outline
from playground.service import Playground
from playground.train.loss import label_losses, training_losses
from tests.tiny import save_tiny, save_tiny_translator

METHODS = ("lora", "adalora", "prefix_tuning", "prompt_tuning", "full", "ia3", "lokr", "loha", "boft", "shira", "frod")


class RealLedger(Ledger):
    """Counts what real operations make, and makes up nothing."""

    def result(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        out = func(*args, **kwargs)
        for value in tree_iter(out):
            if isinstance(value, torch.Tensor):
                self.note_all(value)
        return out


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("llama")))


@pytest.fixture(scope="module")
def m2m100(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = save_tiny_translator(tmp_path_factory.mktemp("m2m100"), "m2m100", dropout=0.0, attention_dropout=0.0)
    return str(folder)


def batch_for(causal: bool) -> AnyBatch:
    """Sixteen examples of different lengths; the causal ones begin with the same twelve tokens."""
    numbers = list(range(5, 60))
    if causal:
        return collate([Encoded(numbers[: 30 + place], 20) for place in range(16)], pad_token_id=0)
    return collate([EncodedPair(numbers[: 20 + place], numbers[: 10 + place]) for place in range(16)], pad_token_id=1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("family", ["llama", "m2m100"])
def test_the_dry_run_holds_what_a_real_step_holds(
    family: str, method: str, playground: Playground, request: pytest.FixtureRequest
) -> None:
    assert_holds_what_a_real_step_holds(family, method, playground, request.getfixturevalue(family))


@pytest.mark.parametrize("method", ["lora", "shira", "frod"])
def test_the_dry_run_of_a_bf16_base_holds_what_a_real_step_holds(
    method: str, playground: Playground, llama: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bf16 = (torch.device("cpu"), torch.bfloat16, "cpu_bf16")
    monkeypatch.setattr("playground.model.load.choose_device", lambda: bf16)
    assert_holds_what_a_real_step_holds("llama", method, playground, llama)


@pytest.mark.parametrize("family", ["llama", "m2m100"])
def test_the_dry_run_of_layers_that_are_computed_again_holds_what_a_real_step_holds(
    family: str, playground: Playground, request: pytest.FixtureRequest
) -> None:
    again = {"gradient_checkpointing": True}
    assert_holds_what_a_real_step_holds(family, "lora", playground, request.getfixturevalue(family), **again)


def assert_holds_what_a_real_step_holds(
    family: str, method: str, playground: Playground, folder: str, **training: Any
) -> None:
    data = "notes-to-json" if family == "llama" else "everyday-phrases"
    languages = {} if family == "llama" else {"source_language": "en", "target_language": "pt"}
    config = playground.check(
        {
            "base_model": folder, "data": {"dataset": data, **languages}, "method": {"method": method},
            "training": training,
        }
    )  # fmt: skip
    batch = batch_for(family == "llama")
    dry = outline(config, meta_base(config.base_model)).model
    told, told_evaluation = training_peak(dry, batch, 0.0), evaluation_peak(dry, batch)
    example = Encoded([5] * 40, 2) if family == "llama" else EncodedPair([5] * 40, [6] * 40)
    real = attach_new(load_base(folder), config, [example] * 8)
    ledger = RealLedger(real, batch.label_count)
    real.train()
    with ledger.gradients_noted(real), ledger:
        training_losses(real, batch)[0].backward()
    evaluated = RealLedger(real, batch.label_count)
    real.eval()
    with torch.no_grad(), evaluated:
        label_losses(real, batch)
    detach(real)
    assert told.total == pytest.approx(ledger.peak, rel=0.05)
    assert told.gradients == pytest.approx(ledger.gradients_at_peak, rel=0.05)
    assert told_evaluation.total == pytest.approx(evaluated.peak, rel=0.05)


def test_a_larger_batch_holds_more_and_an_evaluation_less(playground: Playground, llama: str) -> None:
    config = playground.check({"base_model": llama, "data": {"dataset": "notes-to-json"}})
    model = outline(config, meta_base(config.base_model)).model
    numbers = list(range(5, 60))
    small, large = (collate([Encoded(numbers, 20)] * rows, pad_token_id=0) for rows in (4, 8))
    peaks = [training_peak(model, batch, 0.0).total for batch in (small, large)]
    assert 1.6 * peaks[0] < peaks[1] < 2.1 * peaks[0]
    assert evaluation_peak(model, large).total < peaks[1] / 2


def test_nothing_of_a_dry_run_stays(playground: Playground, tmp_path: Path, llama: str) -> None:
    config = playground.check({"base_model": llama, "data": {"dataset": "notes-to-json"}})
    model = outline(config, meta_base(config.base_model)).model
    batch = batch_for(causal=True)
    first = training_peak(model, batch, 0.0)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert training_peak(model, batch, 0.0) == first
    assert training_peak(model, batch, 0.1).total > first.total  # a smoothed loss needs all probabilities once more


@pytest.mark.parametrize("method", ["lora", "prefix_tuning", "full"])
def test_a_deep_model_is_told_from_two_shallow_ones(method: str, playground: Playground, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "deep")
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 12}))
    config = playground.check(
        {"base_model": str(folder), "data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    )
    counted = outline(config, meta_base(str(folder)))
    items = [Encoded(list(range(5, 60)), 20)] * 64
    told = estimate_memory(config, counted, items, items[:8])
    whole = training_peak(counted.model, collate(items[:8], pad_token_id=0), 0.0)
    assert told.gradients + told.activations / HEAP_HOLES == pytest.approx(whole.total, rel=0.07)


@pytest.mark.parametrize("method", ["lora", "prefix_tuning"])
def test_so_is_its_evaluation(method: str, playground: Playground, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "deep")
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 12}))
    values = {"base_model": str(folder), "data": {"dataset": "notes-to-json"}, "method": {"method": method}}
    config = playground.check(values | {"training": {"batch_size": 1, "eval_examples": 8}})
    counted = outline(config, meta_base(str(folder)))
    train, held_out = [Encoded([5] * 20, 10)] * 8, [Encoded(list(range(5, 60)), 20)] * 8
    told = estimate_memory(config, counted, train, held_out)
    whole = evaluation_peak(counted.model, collate(held_out, pad_token_id=0))
    assert told.moment == "evaluation"
    assert told.activations / HEAP_HOLES == pytest.approx(whole.total, rel=0.01)


def test_on_a_gpu_no_beginning_is_shared_and_the_matrix_library_keeps_its_workspaces(
    playground: Playground, llama: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told from shapes, here without a GPU: the step is that of examples of the same lengths that share nothing."""
    training = {"batch_size": 8}
    config = playground.check({"base_model": llama, "data": {"dataset": "notes-to-json"}, "training": training})
    alike = [Encoded([5] * 30 + [6 + row] * 4, 31) for row in range(8)]
    unlike = [Encoded([6 + row] * 34, 31) for row in range(8)]

    def told(items: list[Encoded]) -> memory.Memory:
        return estimate_memory(config, outline(config, meta_base(llama), items), items, items[:1])

    apart = told(unlike)
    assert told(alike).activations < apart.activations
    monkeypatch.setattr(load, "choose_device", lambda: (torch.device("cuda"), torch.float32, "cuda_fp32"))
    monkeypatch.setattr(memory, "device_memory", lambda _: (2 * 10**9, 2 * 10**9))
    on_gpu = told(alike)
    assert (apart.moment, on_gpu.moment) == ("training", "training")
    assert on_gpu.activations * HEAP_HOLES == pytest.approx(apart.activations, rel=1e-3)
    assert on_gpu.libraries == GPU_WORKSPACES_BYTES

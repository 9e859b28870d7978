"""What a setting does, against plain PEFT and transformers with the weights scaled by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from playground.data.encode import Encoded, Item
from playground.errors import ConfigError, ModelError, RunError
from playground.inside.effects import Measure
from playground.inside.knobs import ADAPTER, BASE, Setting, setting_of
from playground.inside.opened import opened
from playground.model.in_memory import base_in_memory
from playground.runs.folder import RunFolder
from playground.service import Playground
from tests.inside.conftest import RunMaker

HALF = Setting(strength=0.5)
Logits = list[tuple[torch.Tensor, torch.Tensor]]  # of each item, at its labels, and the labels


@torch.no_grad()
def logits_of(model: Any, items: list[Item]) -> Logits:
    """One item at a time, by transformers' own forward pass over the whole of it."""
    found = []
    for item in items:
        ids = torch.tensor([item.input_ids])
        if isinstance(item, Encoded):
            start = max(item.prompt_length, 1)
            found.append((model(input_ids=ids).logits[0, start - 1 : -1], ids[0, start:]))
        else:
            labels = torch.tensor([item.labels])
            found.append((model(input_ids=ids, labels=labels).logits[0], labels[0]))
    return found


def loss_of(logits: Logits) -> float:
    total = sum(F.cross_entropy(found, labels, reduction="sum") for found, labels in logits)
    return float(total) / sum(len(labels) for _, labels in logits)


def kl_of(base: Logits, other: Logits) -> float:
    """Σ p ln(p / q), by hand."""
    total, count = 0.0, 0
    for (of_base, labels), (of_other, _) in zip(base, other, strict=True):
        p, q = of_base.double().softmax(-1), of_other.double().softmax(-1)
        total += float((p * (p / q).log()).sum())
        count += len(labels)
    return total / count


def plain_base(folder: RunFolder) -> Any:
    source = folder.config.base_model
    loader = AutoModelForSeq2SeqLM if folder.config.data.source_language else AutoModelForCausalLM
    return loader.from_pretrained(source).eval()


def scaled_by_hand(folder: RunFolder, strength: float, rank: int | None = None) -> Any:
    """A plain model whose weights are base + strength · ΔW, each ΔW cut by torch's own decomposition."""
    base = plain_base(folder)
    own = {name: value.clone() for name, value in base.state_dict().items()}
    merged = PeftModel.from_pretrained(base, str(folder.adapter)).merge_and_unload()
    weights = {}
    for name, value in merged.state_dict().items():
        change = value - own[name]
        if rank is not None and change.any():
            u, values, vh = torch.linalg.svd(change.double(), full_matrices=False)
            change = ((u[:, :rank] * values[:rank]) @ vh[:rank]).float()
        weights[name] = own[name] + strength * change
    merged.load_state_dict(weights)
    return merged


def check_equal(measure: Measure, setting: Setting, base: Any, model: Any) -> None:
    found = measure.whole(setting, answer=False)
    task, general = logits_of(model, measure.texts.task), logits_of(model, measure.texts.general)
    assert found.task_loss == pytest.approx(loss_of(task), abs=1e-4)
    assert found.general_loss == pytest.approx(loss_of(general), abs=1e-4)
    assert found.kl == pytest.approx(kl_of(logits_of(base, measure.texts.task), task), abs=1e-4)


@pytest.mark.parametrize(
    ("method", "params"),
    [("lora", {"use_rslora": True}), ("lora", {"use_dora": True}), ("loha", {}), ("adalora", {}), ("oft", {})],
)
def test_a_causal_model_at_a_setting_is_plain_peft_with_scaled_weights(
    method: str, params: dict[str, Any], finished_run: RunMaker
) -> None:
    folder = finished_run(method, params)
    with opened(folder) as measure:
        base = plain_base(folder)
        for strength in (0.5, -1.0, 1.5):
            check_equal(measure, Setting(strength=strength), base, scaled_by_hand(folder, strength))
        cut = scaled_by_hand(folder, 1.0, rank=2)
        check_equal(measure, Setting(rank=2), base, cut)


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_a_translator_at_a_setting_is_plain_peft_with_scaled_weights(
    method: str, finished_run: RunMaker, translation: dict[str, Any]
) -> None:
    folder = finished_run(method, **translation)
    with opened(folder) as measure:
        base = plain_base(folder)
        check_equal(measure, HALF, base, scaled_by_hand(folder, 0.5))


def test_a_gain_scales_only_the_layers_of_its_group(finished_run: RunMaker) -> None:
    folder = finished_run(params={"target_modules": ["q_proj", "up_proj"]})
    by_hand = PeftModel.from_pretrained(plain_base(folder), str(folder.adapter))
    with torch.no_grad():
        for name, parameter in by_hand.named_parameters():
            if "lora_B" in name:
                parameter.mul_((2.0 if "layers.1." in name else 1.0) * (0.0 if "mlp" in name else 1.0))
    with opened(folder) as measure:
        assert measure.scaled.groups == ["early", "middle", "attention", "mlp", "q_proj", "up_proj"]
        check_equal(measure, setting_of(["gain.middle=2", "gain.mlp=0"]), plain_base(folder), by_hand)


@pytest.mark.parametrize(
    ("method", "params"), [("lora", {}), ("lora", {"use_dora": True}), ("full", {}), ("shira", {}), ("ln_tuning", {})]
)
def test_strength_0_is_the_base_and_1_the_adapter_to_the_last_digit(
    method: str, params: dict[str, Any], finished_run: RunMaker
) -> None:
    folder = finished_run(method, params)
    base = base_in_memory(folder.config.base_model).model
    before = {name: value.clone() for name, value in base.state_dict().items()}
    with opened(folder) as measure:
        batch = torch.tensor([measure.texts.task[0].input_ids])
        with torch.no_grad():
            plain = measure.scaled.model(input_ids=batch).logits
            for setting in (HALF, Setting(rank=1), BASE, ADAPTER):
                measure.whole(setting, answer=False)
            with measure.scaled.applied(ADAPTER) as model:
                assert torch.equal(model(input_ids=batch).logits, plain)
            with measure.scaled.applied(BASE) as model:
                at_zero = model(input_ids=batch).logits
    with torch.no_grad():
        assert torch.equal(base(input_ids=batch).logits, at_zero)
    after = base.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before), "the base in memory was changed"


def test_a_setting_that_fails_half_way_leaves_the_base_as_it_was(
    finished_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run("loha")
    base = base_in_memory(folder.config.base_model).model
    before = {name: value.clone() for name, value in base.state_dict().items()}
    with opened(folder) as measure:
        monkeypatch.setattr(measure.scaled.parts[-1], "put", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError), measure.scaled.applied(HALF):
            pass
    assert all(torch.equal(before[name], value) for name, value in base.state_dict().items())


@pytest.mark.parametrize("method", ["prompt_tuning", "prefix_tuning", "adaption_prompt"])
def test_what_has_no_strength_is_refused_by_name(method: str, finished_run: RunMaker) -> None:
    folder = finished_run(method)
    with pytest.raises(ModelError, match="Inside tab|Compare shows what it does"), opened(folder):
        pass


def test_a_method_whose_own_scale_would_jump_says_so(finished_run: RunMaker) -> None:
    with opened(finished_run(params={"use_dora": True})) as measure:
        assert measure.scaled.note
        assert "can jump at 0" in measure.scaled.note.en
        assert measure.scaled.note.pt.startswith("DoRA não é")  # plain LoRA is such a product
    with opened(finished_run()) as measure:
        assert measure.scaled.note is None


def test_a_look_stands_beside_base_and_strength_1(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    look = playground.look_inside(folder.run_id, HALF)
    assert look.base_task_loss != look.task_loss != look.adapter_task_loss
    assert look.knobs == {"strength": 0.5}
    assert look.answer is not None
    at_base = playground.look_inside(folder.run_id, BASE)
    assert (at_base.task_loss, at_base.kl) == (look.base_task_loss, 0.0)


def test_runs_that_cannot_be_looked_into_are_refused(
    playground: Playground, finished_run: RunMaker, make_run: Any, values: dict[str, Any]
) -> None:
    with pytest.raises(RunError, match="has not ended well"):
        playground.look_inside(make_run(values).run_id, ADAPTER)
    folder = make_run(values)
    folder.finish({"run_id": folder.run_id, "status": "finished"})
    with pytest.raises(RunError, match="has no adapter"):
        playground.look_inside(folder.run_id, ADAPTER)
    with pytest.raises(ConfigError, match="has rank 8"):
        playground.look_inside(finished_run().run_id, Setting(rank=9))

"""An adapter that plain PEFT made is a run like any other: it answers as PEFT does, and can be trained on."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from transformers import PreTrainedModel

from playground.compare.adapters import adapted
from playground.compare.answers import CompareRequest
from playground.errors import ModelError, RunError
from playground.export.bring.bring import Brought
from playground.inside.knobs import ADAPTER, Setting
from playground.model.generate import DecodingConfig
from playground.runs.folder import RunFolder
from playground.runs.origin import origin_of
from playground.runs.session import run
from playground.service import Playground
from playground.service.export.bring import BringRequest
from tests.export.bring.adapters import CAUSAL_ONLY, CONFIGS, made, nothing_left, with_config, zipped
from tests.export.bring.conftest import Bring

IDS = torch.tensor([[1, 40, 77, 130, 9, 201, 15]])


def logits(model: Any) -> torch.Tensor:
    inputs = {"decoder_input_ids": IDS[:, :3]} if model.config.is_encoder_decoder else {}
    with torch.no_grad():
        return model(input_ids=IDS, **inputs).logits


def through_the_run(playground: Playground, brought: Brought) -> torch.Tensor:
    with adapted(playground.store.open(brought.run_id)) as (_, model):
        return logits(model)


@pytest.mark.parametrize("kind", CONFIGS)
def test_it_answers_as_plain_peft_does(
    kind: str, plain_causal: PreTrainedModel, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    method, config = CONFIGS[kind]
    folder = made(plain_causal, config(task_type="CAUSAL_LM"), tmp_path / "made")
    brought = bring(folder)
    found = through_the_run(playground, brought)
    base = logits(plain_causal)
    plain = peft.PeftModel.from_pretrained(copy.deepcopy(plain_causal), str(folder)).eval()
    torch.testing.assert_close(found, logits(plain), atol=1e-6, rtol=1e-5)
    assert (found[:, -base.shape[1] :] - base).abs().max() > 1e-3, "the adapter does nothing"
    assert brought.method == method
    assert playground.store.open(brought.run_id).config.method.method == method


@pytest.mark.parametrize("kind", [kind for kind in CONFIGS if kind not in CAUSAL_ONLY])
def test_so_does_one_of_a_translator(
    kind: str, plain_translator: PreTrainedModel, tiny_translator: str, tiny_pairs: str, playground: Playground,
    bring: Bring, tmp_path: Path,
) -> None:  # fmt: skip
    _, config = CONFIGS[kind]
    folder = made(plain_translator, config(task_type="SEQ_2_SEQ_LM"), tmp_path / "made")
    brought = bring(folder, base_model=tiny_translator, dataset=tiny_pairs)
    plain = peft.PeftModel.from_pretrained(copy.deepcopy(plain_translator), str(folder)).eval()
    torch.testing.assert_close(through_the_run(playground, brought), logits(plain), atol=1e-6, rtol=1e-5)
    data = playground.store.open(brought.run_id).config.data
    assert (data.source_language, data.target_language) == ("en", "pt")


def test_the_run_says_what_it_is_and_can_be_compared_and_looked_into(
    lora: Path, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    brought = bring(zipped(lora, tmp_path / "from a friend.zip", inside="my adapter/"))
    info, folder = playground.run_info(brought.run_id), playground.store.open(brought.run_id)
    assert (info.name, info.status, info.method, info.has_adapter) == ("from a friend.zip", "finished", "lora", True)
    assert (info.eval_loss_base, info.eval_loss) == (brought.eval_loss_base, brought.eval_loss)
    assert folder.config.method.params["r"] == 4
    assert folder.config.method.params["target_modules"] in (["q_proj", "v_proj"], ["v_proj", "q_proj"])
    origin = origin_of(folder)
    assert origin
    assert (origin.kind, origin.name, len(origin.sha256)) == ("brought", "from a friend.zip", 64)
    assert any("not quantized" in warning.en for warning in brought.warnings)
    look = playground.look_inside(brought.run_id, ADAPTER)
    assert look.task_loss == pytest.approx(brought.eval_loss, abs=1e-5)
    request = CompareRequest(
        run_ids=(brought.run_id,), base_model=info.base_model, prompts=("Answer in JSON: cat",),
        decoding=DecodingConfig(max_new_tokens=4),
    )  # fmt: skip
    *_, last = playground.compare(request)
    assert len(last.columns) == 2
    with pytest.raises(RunError, match=r"was brought in \(from a friend.zip\)"):
        playground.resume_run(brought.run_id)
    zip_again = playground.export_adapter(brought.run_id, tmp_path)
    assert bring(zip_again).eval_loss == brought.eval_loss


def test_the_two_files_by_themselves_and_a_folder_around_are_the_same_adapter(
    lora: Path, bring: Bring, tmp_path: Path
) -> None:
    around = tmp_path / "around"
    shutil.copytree(lora, around / "adapter")
    losses = {
        bring(lora / "adapter_config.json", lora / "adapter_model.safetensors").eval_loss,
        bring(around).eval_loss,
        bring(zipped(lora, tmp_path / "plain.zip")).eval_loss,
    }
    assert len(losses) == 1


# --- its base -----------------------------------------------------------------------------------


def test_its_base_is_the_one_that_it_names(lora: Path, playground: Playground, tiny_data: str, tmp_path: Path) -> None:
    """Included models by the Hub's name for them, and by where they lay elsewhere; else it is asked for."""
    from playground.export.bring.opening import opened
    from playground.export.bring.told import guessed_base

    named = {
        "HuggingFaceTB/SmolLM2-135M-Instruct": "smollm2-135m-instruct",
        "huggingfacetb/smollm2-135m-instruct": "smollm2-135m-instruct",
        "/home/somebody/.cache/m2m100-mini": "m2m100-mini",
        "C:\\models\\m2m100-mini": "m2m100-mini",
        "owner/some-model": "owner/some-model",
        "/home/somebody/secret": None,
        "": None,
        "../../etc": None,
    }
    for number, (said, expected) in enumerate(named.items()):
        folder = with_config(lora, tmp_path / str(number), base_model_name_or_path=said)
        with opened([folder], "x", 10**8) as adapter:
            assert guessed_base(adapter) == expected, said
    folder = with_config(lora, tmp_path / "unknown", base_model_name_or_path="/home/somebody/secret")
    with pytest.raises(ModelError, match="does not name its base") as refused:
        list(playground.bring_adapter(BringRequest(sent=(folder,), dataset=tiny_data)))
    assert "somebody" not in str(refused.value)
    assert nothing_left(playground)


@pytest.mark.parametrize("kind", ["lora", "ia3", "prompt_tuning", "prefix_tuning", "vera", "ln_tuning"])
def test_another_base_is_noticed_before_anything_is_computed(
    kind: str, plain_causal: PreTrainedModel, playground: Playground, bring: Bring, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("playground.export.bring.bring.base_in_memory", lambda *_: pytest.fail("a base was loaded"))
    _, config = CONFIGS[kind]
    folder = made(plain_causal, config(task_type="CAUSAL_LM"), tmp_path / "made")
    with pytest.raises(ModelError, match="was not trained on smollm2-135m-instruct") as refused:
        bring(folder, base_model="smollm2-135m-instruct")
    assert "64" in str(refused.value) or "layers" in str(refused.value)
    assert nothing_left(playground)


def test_a_base_of_another_kind_is_noticed(lora: Path, playground: Playground, bring: Bring, tiny_data: str) -> None:
    with pytest.raises(ModelError, match="a causal language model, and m2m100-mini is an encoder-decoder"):
        bring(lora, base_model="m2m100-mini")
    assert nothing_left(playground)


def test_other_weights_of_the_base_are_warned_of(lora: Path, bring: Bring, tmp_path: Path) -> None:
    folder = with_config(lora, tmp_path / "noted")
    note = {"base_model": "somewhere/else", "file": "model.safetensors", "sha256": "0" * 64}
    (folder / "base.json").write_text(json.dumps(note))
    assert any("other weights" in warning.en for warning in bring(folder).warnings)
    (folder / "base.json").write_text(json.dumps({**note, "sha256": "<img src=x>"}))
    assert not any("other weights" in warning.en for warning in bring(folder).warnings)


# --- training on --------------------------------------------------------------------------------


def trained_on(playground: Playground, run_id: str, steps: int, rate: float) -> RunFolder:
    config, _, adapter = playground.to_train_on(run_id, steps, rate)
    folder = playground.store.create(config, {})
    folder.start_from(adapter)
    assert run(folder, lambda: False)["status"] == "finished"
    return folder


@pytest.mark.parametrize("kind", ["lora", "prompt_tuning", "prefix_tuning", "vera", "ln_tuning"])
def test_training_goes_on_from_its_weights(
    kind: str, plain_causal: PreTrainedModel, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    """A step at next to no learning rate is where the brought adapter is; real steps go below it."""
    _, config = CONFIGS[kind]
    brought = bring(made(plain_causal, config(task_type="CAUSAL_LM"), tmp_path / "made"))
    assert brought.eval_loss != pytest.approx(brought.eval_loss_base, abs=1e-4)
    still = trained_on(playground, brought.run_id, 1, 1e-12).summary()
    assert still
    assert still["eval_loss"] == pytest.approx(brought.eval_loss, abs=1e-5)
    assert still["eval_loss_base"] == pytest.approx(brought.eval_loss_base, abs=1e-5)
    further = trained_on(playground, brought.run_id, 6, 5e-3).summary()
    assert further
    assert further["eval_loss"] < brought.eval_loss


def test_the_base_and_the_adapter_it_began_with_stay_as_they_are(
    lora: Path, playground: Playground, bring: Bring, tiny_model: str
) -> None:
    from playground.model.in_memory import base_in_memory

    brought = bring(lora)
    adapter = playground.store.open(brought.run_id).adapter / "adapter_model.safetensors"
    before = {name: value.clone() for name, value in base_in_memory(tiny_model).model.state_dict().items()}
    weights = adapter.read_bytes()
    trained_on(playground, brought.run_id, 3, 1e-2)
    after = base_in_memory(tiny_model).model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert adapter.read_bytes() == weights


def test_the_queue_trains_on_and_says_from_where(lora: Path, playground: Playground, bring: Bring) -> None:
    brought = bring(lora)
    run_id = playground.train_on(brought.run_id, 2, 1e-3)
    assert playground.worker.wait(run_id, 60)
    folder = playground.store.open(run_id)
    origin = origin_of(folder)
    assert origin
    assert (origin.kind, origin.run_id) == ("continued", brought.run_id)
    assert playground.run_info(run_id).status == "finished"
    assert playground.run_info(run_id).name.endswith(" · more")
    assert playground.to_train_on(brought.run_id, 2, language="pt")[0].name.endswith(" · mais treino")


@pytest.mark.parametrize(("kind", "why"), [("adalora", "ranks have settled"), ("p_tuning", "and not the network")])
def test_what_a_file_does_not_hold_cannot_be_trained_on(
    kind: str, why: str, plain_causal: PreTrainedModel, playground: Playground, bring: Bring, tmp_path: Path
) -> None:
    _, config = CONFIGS[kind]
    brought = bring(made(plain_causal, config(task_type="CAUSAL_LM"), tmp_path / "made"))
    with pytest.raises(ModelError, match=why):
        playground.train_on(brought.run_id, 2)
    assert [info.run_id for info in playground.list_runs()] == [brought.run_id]


def test_a_kept_setting_can_be_trained_on_too(lora: Path, playground: Playground, bring: Bring) -> None:
    (kept,) = playground.keep_setting(bring(lora).run_id, Setting(strength=0.5))
    assert isinstance(kept, str)
    before = playground.run_info(kept).eval_loss
    summary = trained_on(playground, kept, 1, 1e-12).summary()
    assert summary
    assert summary["eval_loss"] == pytest.approx(before, abs=1e-4)

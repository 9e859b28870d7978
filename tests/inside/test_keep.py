"""A setting kept as a run of its own: plain PEFT loads it, and the rest of the house knows it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from playground.compare.answers import CompareRequest
from playground.errors import ModelError, RunError
from playground.inside.knobs import ADAPTER, BASE, Setting, setting_of
from playground.inside.opened import opened
from playground.model.generate import DecodingConfig
from playground.runs.folder import RunFolder
from playground.runs.origin import NAME, origin_of
from playground.service import Playground
from playground.texts import Language
from tests.inside.conftest import RunMaker

HALF = Setting(strength=0.5)


def kept(playground: Playground, folder: RunFolder, setting: Setting, language: Language = "en") -> RunFolder:
    (run_id,) = playground.keep_setting(folder.run_id, setting, language)
    assert isinstance(run_id, str)
    return playground.store.open(run_id)


@pytest.mark.parametrize(
    ("method", "params", "knobs"),
    [
        ("lora", {"use_rslora": True}, ["strength=0.5", "gain.early=-1"]),
        ("lora", {}, ["rank=2", "strength=1.5"]),
        ("adalora", {}, ["strength=0.5"]),
        ("adalora", {}, ["rank=2"]),
        ("lora", {"use_dora": True}, ["rank=3", "strength=0.5"]),
        ("loha", {"r": 2}, ["strength=0.5"]),
        ("oft", {}, []),
    ],
)
@torch.no_grad()
def test_plain_peft_loads_a_kept_setting_with_equal_logits(
    method: str, params: dict[str, Any], knobs: list[str], playground: Playground, finished_run: RunMaker
) -> None:
    folder, setting = finished_run(method, params), setting_of(knobs)
    with opened(folder) as measure:
        ids = torch.tensor([measure.texts.task[0].input_ids])
        with measure.scaled.applied(setting) as model:
            expected = model(input_ids=ids).logits
    new = kept(playground, folder, setting)
    base = AutoModelForCausalLM.from_pretrained(folder.config.base_model).eval()
    plain = PeftModel.from_pretrained(base, str(new.adapter)).eval()
    torch.testing.assert_close(plain(input_ids=ids).logits, expected, atol=1e-4, rtol=1e-4)


def test_a_cut_is_a_smaller_file(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    new = kept(playground, folder, Setting(rank=1))
    sizes = {run.run_id: run.adapter_bytes for run in playground.list_runs()}
    assert sizes[new.run_id] < 0.5 * sizes[folder.run_id]
    assert new.config.method.params["r"] == 1


def test_a_kept_run_says_where_it_came_from_and_can_be_looked_into(
    playground: Playground, finished_run: RunMaker
) -> None:
    folder = finished_run()
    new = kept(playground, folder, HALF)
    origin = origin_of(new)
    assert origin
    assert (origin.kind, origin.run_id, origin.knobs) == ("kept", folder.run_id, {"strength": 0.5})
    info = playground.run_info(new.run_id)
    assert (info.status, info.has_adapter, info.name) == ("finished", True, "tiny · strength 0.5")
    here, there = playground.look_inside(new.run_id, ADAPTER), playground.look_inside(folder.run_id, HALF)
    assert here.task_loss == pytest.approx(there.task_loss, abs=1e-5)
    assert info.eval_loss == pytest.approx(there.task_loss, abs=1e-5)
    assert playground.progress(new.run_id).events[-1]["event"] == "RunFinished"


def test_there_is_no_training_to_resume(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    new = kept(playground, folder, HALF)
    with pytest.raises(RunError, match="was not trained") as refused:
        playground.resume_run(new.run_id)
    assert folder.run_id in str(refused.value)
    (new.path / NAME).write_text("{")
    with pytest.raises(RunError, match="was not trained"):
        playground.resume_run(new.run_id)


def test_a_kept_run_is_named_in_the_language_of_who_keeps_it(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run()
    turned = setting_of(["strength=-0.5", "rank=2", "gain.attention=0"])
    assert kept(playground, folder, turned, "pt").name == "tiny · força −0,5, posto (rank) 2, ganho: atenção 0"
    assert kept(playground, folder, ADAPTER, "pt").name == "tiny · guardada"
    many = setting_of(
        ["strength=0.5", "rank=2", *(f"gain.{group}=0.123" for group in ("early", "middle", "attention"))]
    )
    folder.rewrite_config(folder.config.model_copy(update={"name": "a name of a hundred letters " * 4}))
    name = kept(playground, folder, many, "pt").name
    assert name.startswith("a name of a hundred")
    assert "força 0,5" in name
    assert len(name) <= 120


def test_what_no_file_can_hold_is_refused_and_leaves_no_run(playground: Playground, finished_run: RunMaker) -> None:
    folder = finished_run("ln_tuning")
    with pytest.raises(ModelError, match="which no LoRA file can hold"):
        kept(playground, folder, HALF)
    with pytest.raises(RunError, match="nothing of the adapter is left"):
        kept(playground, folder, BASE)
    assert [run.run_id for run in playground.list_runs()] == [folder.run_id]


def test_compare_answers_with_a_kept_run(playground: Playground, finished_run: RunMaker) -> None:
    new = kept(playground, finished_run(), HALF)
    request = CompareRequest(new.config.base_model, (new.run_id,), ("Say it",), decoding=DecodingConfig(4))
    *_, last = playground.compare(request)
    assert last.is_final
    assert [column.run_id for column in last.columns] == [None, new.run_id]

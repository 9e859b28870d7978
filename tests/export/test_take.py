"""What is taken away says elsewhere what it says here, and nothing half-written is left."""

from __future__ import annotations

import errno
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from peft import PeftModel
from pydantic import TypeAdapter
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from playground.errors import RunError
from playground.export.bring.bring import Brought
from playground.export.elsewhere import model as runner
from playground.export.evidence import take_evidence
from playground.export.proof import Asked, read_proof
from playground.export.steps import Step
from playground.export.take import Exported
from playground.service import Playground
from playground.service.export.bring import BringRequest
from tests.export.conftest import Check, Take, drawn_run

CAUSAL = ("lora", "prefix_tuning", "prompt_tuning", "ia3", "adalora", "loha")
MERGED = ("lora", "ia3", "loha")


def test_untouched_exports_raise_no_alarm(take: Take, check: Check, tiny_values: dict[str, Any]) -> None:
    taken = {(kind, method): take(tiny_values, kind, method) for kind, methods in
             (("peft", CAUSAL), ("merged", MERGED), ("lora", ("loha",))) for method in methods}  # fmt: skip
    found = {case: check(path) for case, path in taken.items()}
    assert len(found) == 10
    assert {case: (one.result, one.blame) for case, one in found.items() if one.result == "different"} == {}
    assert {one.answers for one in found.values()} == {10}
    assert all((one.largest_logit_difference or 0) < 1e-3 for one in found.values())


@pytest.mark.parametrize("method", ["lora", "qlora", "prefix_tuning"])
def test_what_was_taken_away_is_brought_back_as_the_same_adapter(
    method: str, take: Take, playground: Playground, tiny_values: dict[str, Any]
) -> None:
    path = take(tiny_values, method=method)
    request = BringRequest(sent=(path,), base_model=tiny_values["base_model"], dataset=tiny_values["data"]["dataset"])
    *_, brought = playground.bring_adapter(request)
    assert isinstance(brought, Brought)
    back, first = playground.store.open(brought.run_id), playground.store.open(path.name.removesuffix("-peft.zip"))
    assert (brought.method, back.name) == (method, first.name)
    one, other = (load_file(folder.adapter / "adapter_model.safetensors") for folder in (first, back))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_4bit_base_is_executed_without_the_product_that_rounds(
    take: Take, tmp_path: Path, tiny_values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(take(tiny_values, method="qlora")) as file:
        file.extractall(tmp_path / "qlora")
    base = json.loads((tmp_path / "qlora" / "proof.json").read_text(encoding="utf-8"))["base"]
    monkeypatch.setattr("bitsandbytes.nn.modules.has_avx512bf16", lambda: True)  # as on a newer processor
    model, _ = runner.load(tmp_path / "qlora", base, torch.float32, Path(tiny_values["base_model"]))
    rounds = {module.support_avx512bf16_for_cpu for module in model.modules() if isinstance(module, Linear4bit)}
    assert rounds == {False}


def test_a_process_of_its_own_finds_it_equal(
    playground: Playground, tmp_path: Path, tiny_values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    folder = drawn_run(playground, {**tiny_values, "method": {"method": "lora"}})
    *steps, last = playground.take_away(folder.run_id, "peft", tmp_path)
    assert isinstance(last, Exported)
    stages = [step.stage for step in steps if isinstance(step, Step)]
    assert list(dict.fromkeys(stages)) == ["measuring", "asking", "writing", "executing", "packing"]
    assert all(0 <= step.done <= step.of for step in steps if isinstance(step, Step))
    assert (last.verified, last.answers, last.result) == (True, 10, "identical")


def test_plain_libraries_load_what_was_taken_with_the_logits_that_the_proof_tells(
    take: Take, tmp_path: Path, tiny_values: dict[str, Any], pair_values: dict[str, Any]
) -> None:
    with zipfile.ZipFile(take(tiny_values)) as file:
        file.extractall(tmp_path / "peft")
    base = AutoModelForCausalLM.from_pretrained(tiny_values["base_model"])
    adapted = PeftModel.from_pretrained(base, str(tmp_path / "peft")).eval()
    for asked in read_proof(tmp_path / "peft").prompts:
        ids = torch.tensor([[*asked.input_ids, *asked.continuation[:-1]]])
        row = adapted(input_ids=ids).logits[0, len(asked.input_ids) - 1]
        torch.testing.assert_close(row[asked.places[0]], torch.tensor(asked.logits[0]), atol=1e-4, rtol=1e-4)
    merged = take(pair_values, "merged")
    model = AutoModelForSeq2SeqLM.from_pretrained(merged).eval()
    for asked in read_proof(merged).prompts:
        start = [[model.generation_config.decoder_start_token_id, *asked.continuation[:-1]]]
        row = model(input_ids=torch.tensor([asked.input_ids]), decoder_input_ids=torch.tensor(start)).logits[0, -1]
        torch.testing.assert_close(row[asked.places[1]], torch.tensor(asked.logits[1]), atol=1e-3, rtol=1e-3)


def test_a_second_kind_asks_the_trained_model_only_when_something_has_changed(
    playground: Playground,
    tmp_path: Path,
    tiny_values: dict[str, Any],
    in_this_process: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def count(*given: Any) -> Any:
        asked.append("asked")
        return take_evidence(*given)

    monkeypatch.setattr("playground.export.take.take_evidence", count)
    folder = drawn_run(playground, {**tiny_values, "method": {"method": "lora"}})

    def prompts_of(kind: str, to: str) -> Any:
        *_, last = playground.take_away(folder.run_id, kind, tmp_path / to)
        assert isinstance(last, Exported)
        if last.path.is_dir():
            return read_proof(last.path).prompts
        with zipfile.ZipFile(last.path) as file:
            return TypeAdapter(list[Asked]).validate_python(json.loads(file.read("proof.json"))["prompts"])

    first = prompts_of("peft", "a")
    assert prompts_of("merged", "b") == first
    assert asked == ["asked"]
    (folder.path / "evidence.json").write_text('{"key": {}, "prompts": [', encoding="utf-8")
    assert prompts_of("peft", "c") == first
    weights = load_file(folder.adapter / "adapter_model.safetensors")
    save_file({name: 2 * tensor for name, tensor in weights.items()}, folder.adapter / "adapter_model.safetensors")
    assert prompts_of("peft", "d") != first
    assert len(asked) == 3


def test_a_conversion_says_how_far_it_is_from_what_was_trained(take: Take, tiny_values: dict[str, Any]) -> None:
    near, far = (take(tiny_values, "lora", "loha", r=rank) for rank in (2, 16))
    told = []
    for path in (near, far):
        with zipfile.ZipFile(path) as file:
            told.append(json.loads(file.read("proof.json"))["conversion"])
    assert 0 <= told[0]["kl"] < told[1]["kl"]  # a change of rank 4 fits into a LoRA, one of rank 256 does not
    assert all(one["low"] <= one["change"] <= one["high"] for one in told)


def test_an_adapter_of_a_rounded_base_is_merged_where_it_is_nearer(take: Take, tiny_values: dict[str, Any]) -> None:
    merged = take(tiny_values, "merged", "qlora")
    facts = read_proof(merged).facts
    kl = {into: found["kl"] for into, found in facts["merges"].items()}
    assert set(kl) == {"dequantized", "unrounded"}
    assert kl[facts["merged_into"]] == min(kl.values())
    # What it learned beside the rounded weights is exact there: the other merge pays for what rounding took.
    assert facts["merged_into"] == "dequantized"
    assert kl["dequantized"] < 0.1 * kl["unrounded"]


def test_what_does_not_fit_is_refused_with_what_does(
    playground: Playground, take: Take, tmp_path: Path, tiny_values: dict[str, Any]
) -> None:
    for kind, method, wanted in (
        ("merged", "prompt_tuning", "cannot become weights"), ("lora", "prefix_tuning", "PEFT adapter"),
        ("lora", "lora", "already"), ("../x", "lora", "peft, lora, merged"),
    ):  # fmt: skip
        with pytest.raises(RunError, match=wanted):
            take(tiny_values, kind, method)
    assert not (tmp_path / "taken").exists()


def test_what_is_there_is_not_written_over(
    playground: Playground, tmp_path: Path, tiny_values: dict[str, Any], in_this_process: None
) -> None:
    folder = drawn_run(playground, {**tiny_values, "method": {"method": "lora"}})
    *_, last = playground.take_away(folder.run_id, "peft", tmp_path)
    assert isinstance(last, Exported)
    before = last.path.read_bytes()
    with pytest.raises(RunError, match="already there"):
        list(playground.take_away(folder.run_id, "peft", tmp_path))
    assert last.path.read_bytes() == before


def test_a_full_disk_leaves_nothing_and_the_next_try_works(
    playground: Playground, tmp_path: Path, tiny_values: dict[str, Any], in_this_process: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = drawn_run(playground, {**tiny_values, "method": {"method": "lora"}})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for place in ("shutil.copyfile", "playground.export.archive.sync_file", "playground.export.proof.write_atomically"):
        with monkeypatch.context() as patch:
            patch.setattr(place, full)
            with pytest.raises(RunError, match="Nothing was kept"):
                list(playground.take_away(folder.run_id, "peft", tmp_path / "to"))
        assert list((tmp_path / "to").iterdir()) == []
    *_, last = playground.take_away(folder.run_id, "peft", tmp_path / "to")
    assert last.path.is_file()


@pytest.mark.parametrize("stage", ["measuring", "asking", "comparing", "merging", "executing"])
def test_a_stop_leaves_nothing(stage: str, playground: Playground, tmp_path: Path, tiny_values: dict[str, Any]) -> None:
    folder = drawn_run(playground, {**tiny_values, "method": {"method": "lora"}})
    found: list[object] = [""]
    for one in playground.take_away(folder.run_id, "merged", tmp_path / "to", lambda: found[-1] == stage):
        assert isinstance(one, Step)
        found.append(one.stage)
    assert found[-1] == stage
    assert list((tmp_path / "to").iterdir()) == []


def test_no_folder_of_this_machine_is_in_an_export(take: Take, tmp_path: Path, tiny_values: dict[str, Any]) -> None:
    path = take(tiny_values)
    shutil.unpack_archive(path, tmp_path / "open")
    for file in (tmp_path / "open").rglob("*.json"):
        assert str(tmp_path.parent) not in file.read_text(encoding="utf-8"), file.name
        assert str(Path(tiny_values["base_model"]).parent) not in file.read_text(encoding="utf-8"), file.name

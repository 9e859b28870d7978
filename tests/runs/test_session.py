"""A whole run: what is on disk when it ends, however it ends."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from peft import PeftModel
from safetensors.torch import load_file

from playground.catalog.methods import METHODS
from playground.data.batches import collate
from playground.data.encode import encode
from playground.data.read import load_split
from playground.errors import RunError
from playground.model.load import BaseModel, load_base
from playground.runs.folder import RunFolder
from playground.runs.session import run
from playground.service import Playground
from playground.train import prepare
from playground.train.events import Event, StepLogged
from tests.tiny import tiny_causal


def step_losses(folder: RunFolder) -> list[float]:
    return [event["loss"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"]


def stop_after(step: int) -> Any:
    """`should_stop` and `on_event` of somebody who asks for a stop while `step` is running."""
    seen: list[int] = [0]

    def watch(event: Event) -> None:
        if isinstance(event, StepLogged):
            seen[0] = event.step

    return (lambda: seen[0] >= step), watch


def test_a_finished_run_has_an_adapter_that_plain_peft_loads(make_run: Any, values: dict[str, Any]) -> None:
    folder = make_run(values)
    summary = run(folder, lambda: False)
    assert summary == folder.summary()
    assert summary["status"] == "finished"
    assert summary["steps"] == 4
    assert summary["eval_loss"] < summary["eval_loss_base"]
    assert summary["examples_per_second"] > 0
    assert summary["peak_memory_bytes"] > 10**7
    base = tiny_causal()
    before = base(torch.tensor([[5, 6, 7]])).logits
    adapted = PeftModel.from_pretrained(base, folder.adapter)
    assert not torch.allclose(adapted(torch.tensor([[5, 6, 7]])).logits, before)
    assert {path.suffix for path in folder.adapter.iterdir()} <= {".json", ".safetensors", ".md"}


@pytest.mark.parametrize("method", METHODS)
def test_each_method_learns_and_its_saved_adapter_gives_the_held_out_loss_of_the_run(
    make_run: Any, values: dict[str, Any], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured one example at a time, without labels or padding, on base and adapter read from disk."""
    base_then, adapter = remember_what_is_attached(monkeypatch)
    values["training"] |= {"max_steps": 30, "eval_every": 30, "batch_size": 8}
    folder = make_run({**values, "method": {"method": method}})
    summary = run(folder, lambda: False)
    assert (summary["status"], summary["error"]) == ("finished", "")
    # CPT may move each token of its context by a tenth only, which helps no model of random weights.
    assert summary["eval_loss"] < summary["eval_loss_base"] or method == "cpt"
    events = folder.read_since(0)[0]
    assert [event["step"] for event in events if event["event"] == "StepLogged"] == list(range(1, 31))
    assert [event["step"] for event in events if event["event"] == "EvalLogged"] == [0, 30]
    assert [event["step"] for event in events if event["event"] == "SampleLogged"] == [0, 30]
    [(model, before)] = base_then
    assert fingerprint(model) == before, "a weight of the base changed"
    still = [name for name, (parameter, then) in adapter.items() if torch.equal(parameter, then)]
    # AdaLoRA may take every rank from a layer: its singular values, which start at 0, then end at 0.
    assert all(method == "adalora" and "lora_E" in name for name in still), still
    assert len(still) < len(adapter) / 6
    base = load_base(values["base_model"], METHODS[method].quantization)
    model = PeftModel.from_pretrained(base.model, folder.adapter).eval()
    assert loss_of_answers(model, base, folder) == pytest.approx(summary["eval_loss"], rel=2e-3)


def remember_what_is_attached(
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[tuple[torch.nn.Module, str]], dict[str, tuple[torch.nn.Parameter, torch.Tensor]]]:
    """What grows with each attached adapter: bases with their fingerprint then, and what is trained with its start."""
    bases: list[tuple[torch.nn.Module, str]] = []
    adapter: dict[str, tuple[torch.nn.Parameter, torch.Tensor]] = {}
    attach_new = prepare.attach_new

    def remember(base: Any, config: Any, items: Any) -> Any:
        bases.append((base.model, fingerprint(base.model)))
        model = attach_new(base, config, items)
        adapter.update({name: (p, p.detach().clone()) for name, p in model.named_parameters() if p.requires_grad})
        return model

    monkeypatch.setattr(prepare, "attach_new", remember)
    return bases, adapter


def fingerprint(model: torch.nn.Module) -> str:
    """One hash over the base's weights, read through whatever wraps them."""
    digest = hashlib.sha256()
    own = {
        # LLaMA-Adapter puts itself around a layer's attention.
        name.replace("base_layer.", "").replace("self_attn.model.", "self_attn."): tensor
        for name, tensor in model.state_dict().items()
        if not any(part in name for part in ("lora_", "prompt_encoder", "adaption_"))
    }
    for name, tensor in sorted(own.items()):
        digest.update(name.encode() + tensor.cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def loss_of_answers(model: Any, base: BaseModel, folder: RunFolder) -> float:
    """Mean over the tokens of the held-out answers that the run measured."""
    held_out = load_split(folder.config.data, folder.config.seed).held_out[:8]
    total, count = 0.0, 0
    for item in encode(held_out, base.tokenizer, 256).items:
        batch = collate([item], pad_token_id=0)
        with torch.no_grad():
            logits = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits
        answer = batch.input_ids[0, item.prompt_length :]
        predicted = logits[0, -len(answer) - 1 : -1].log_softmax(-1)
        total -= float(predicted.gather(1, answer[:, None]).sum())
        count += batch.label_count
    return total / count


def test_the_same_config_gives_the_same_losses(make_run: Any, values: dict[str, Any]) -> None:
    first, second = make_run(values), make_run(values)
    run(first, lambda: False)
    run(second, lambda: False)
    assert step_losses(first) == step_losses(second)
    assert len(step_losses(first)) == 4


@pytest.mark.parametrize("step", [1, 3])
def test_a_stopped_run_keeps_its_adapter_and_loses_no_step(make_run: Any, values: dict[str, Any], step: int) -> None:
    values["training"] |= {"max_steps": 50, "eval_every": 50}
    folder = make_run(values)
    should_stop, on_event = stop_after(step)
    summary = run(folder, should_stop, on_event)
    assert (summary["status"], summary["steps"]) == ("stopped", step)
    weights = load_file(folder.adapter / "adapter_model.safetensors")
    assert any(tensor.abs().max() > 0 for name, tensor in weights.items() if "lora_B" in name)


def test_a_run_stopped_before_its_first_step_ends_without_error(make_run: Any, values: dict[str, Any]) -> None:
    folder = make_run(values)
    summary = run(folder, lambda: True)
    assert (summary["status"], summary["steps"], summary["error"]) == ("stopped", 0, "")
    assert not folder.adapter.exists()


@pytest.mark.parametrize("method", ["lora", "adalora", "prefix_tuning"])
def test_a_resumed_run_gives_the_losses_of_an_unbroken_one(make_run: Any, values: dict[str, Any], method: str) -> None:
    values["method"] = {"method": method}
    values["training"] |= {"max_steps": 8, "eval_every": 8}
    whole, broken = make_run(values), make_run(values)
    run(whole, lambda: False)
    should_stop, on_event = stop_after(5)
    run(broken, should_stop, on_event)
    (broken.path / "summary.json").unlink()
    summary = run(broken, lambda: False)
    assert (summary["status"], summary["steps"]) == ("finished", 8)
    assert step_losses(broken) == pytest.approx(step_losses(whole), rel=1e-5)


def test_a_killed_process_leaves_an_interrupted_run_that_goes_on(
    playground: Playground, values: dict[str, Any], tmp_path: Path
) -> None:
    values["training"] |= {"max_steps": 400, "eval_every": 5}
    config = playground.check(values)
    folder = playground.store.create(config, {})
    script = f"""
import os, sys
from pathlib import Path
from playground.catalog.methods import METHODS
from playground.data.batches import collate
from playground.data.encode import encode
from playground.data.read import load_split
from playground.model.load import load_base
from playground.runs.folder import RunFolder
from playground.train.events import StepLogged
from playground.runs.session import run
def kill(event):
    if isinstance(event, StepLogged) and event.step == 12:
        os.kill(os.getpid(), 9)
run(RunFolder(Path({str(folder.path)!r})), lambda: False, kill)
"""
    subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=120)
    assert playground.run_info(folder.run_id).status == "interrupted"
    assert playground.run_info(folder.run_id).has_adapter
    assert len(step_losses(folder)) == 12
    with (folder.path / "events.jsonl").open("a") as stream:
        stream.write('{"event": "StepLogged", "st')  # killed in the middle of a line
    playground.resume_run(folder.run_id)
    while len(step_losses(folder)) < 20:
        assert not playground.worker.wait(folder.run_id, timeout=0.1), folder.summary()
    playground.stop_run(folder.run_id)
    assert playground.worker.wait(folder.run_id, timeout=60)
    steps = [event["step"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"]
    assert steps == list(range(1, len(steps) + 1)), "what came after the checkpoint of step 10 is there once"


def test_a_run_of_another_process_is_seen_as_running_and_stops_when_asked(
    playground: Playground, values: dict[str, Any], tmp_path: Path
) -> None:
    values["training"] |= {"max_steps": 5000, "eval_every": 5000}
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(values))
    command = [sys.executable, "-m", "playground", "train", str(file), "--runs-dir", str(playground.runs_dir), "--json"]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert other.stdout is not None
    assert any('"StepLogged"' in line for line in other.stdout), "it never trained"
    [info] = playground.list_runs()
    assert info.status == "running"
    with pytest.raises(RunError, match="still active"):
        playground.delete_run(info.run_id)
    playground.stop_run(info.run_id)
    other.stdout.read()
    assert other.wait(timeout=60) == 0
    assert playground.run_info(info.run_id).status == "stopped"


def test_html_in_a_name_is_only_text(make_run: Any, playground: Playground, values: dict[str, Any]) -> None:
    folder = make_run({**values, "name": "<img src=x onerror=alert(1)>"})
    assert "<" not in folder.run_id
    assert playground.run_info(folder.run_id).name == "<img src=x onerror=alert(1)>"


def test_a_module_that_does_not_exist_fails_with_those_that_do(make_run: Any, values: dict[str, Any]) -> None:
    values["method"] = {"method": "lora", "params": {"target_modules": ["nowhere_proj"]}}
    folder = make_run(values)
    summary = run(folder, lambda: False)
    assert summary["status"] == "failed"
    assert "nowhere_proj" in summary["error"]
    assert "q_proj" in summary["error"]
    assert "Traceback" in (folder.path / "error.txt").read_text()


@pytest.mark.parametrize("row", ['"\\ud800": "key"', '"prompt": "half \\ud800", "completion": "ok"'])
def test_half_of_a_surrogate_pair_in_the_data_ends_one_run_and_not_the_queue(
    playground: Playground, values: dict[str, Any], tmp_path: Path, row: str
) -> None:
    """What no encoding can say stands in the message, in the traceback or in a sample; the next run trains."""
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{{{row}}}\n" * 6, encoding="ascii")
    broken, sound = (  # queued without pre-flight, which would refuse the first
        playground.store.create(playground.check(settings), {}).run_id
        for settings in ({**values, "data": {"dataset": str(path)}}, values)
    )
    for run_id in (broken, sound):
        playground.worker.submit(playground.store.open(run_id))
    for run_id in (broken, sound):
        assert playground.worker.wait(run_id, timeout=120)
    infos = {info.run_id: info for info in playground.list_runs()}
    assert infos[broken].status == "failed"
    assert infos[broken].error.encode("utf-8")
    assert infos[sound].status == "finished"


def test_a_run_whose_settings_were_damaged_in_the_queue_fails_with_the_reason(
    make_run: Any, values: dict[str, Any]
) -> None:
    folder = make_run(values)
    (folder.path / "config.yaml").write_text("name: [")
    summary = run(folder, lambda: False)
    assert summary["status"] == "failed"
    assert "config.yaml" in summary["error"]


def test_an_end_that_cannot_be_written_leaves_no_run_that_looks_alive(
    playground: Playground, make_run: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the summary finds room: the run counts as broken off and can be resumed."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = make_run(values)
    with monkeypatch.context() as patch:
        patch.setattr("playground.runs.folder.RunFolder.finish", full)
        assert "The disk is full" in run(folder, lambda: False)["error"]
    assert playground.run_info(folder.run_id).status == "interrupted"
    playground.resume_run(folder.run_id)
    assert playground.worker.wait(folder.run_id, timeout=120)
    assert playground.run_info(folder.run_id).status == "finished"


def test_examples_longer_than_the_limit_are_cut_or_left_out_and_counted(
    make_run: Any, values: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "long.jsonl"
    rows = [{"prompt": f"short {i}", "completion": "ok"} for i in range(20)]
    rows += [{"prompt": "p" * 3000 + str(i), "completion": "lost"} for i in range(5)]
    rows += [{"prompt": f"cut {i}", "completion": "word " * 2000} for i in range(5)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    folder = make_run({**values, "data": {"dataset": str(path)}})
    assert run(folder, lambda: False)["status"] == "finished"
    started = next(event for event in folder.read_since(0)[0] if event["event"] == "RunStarted")
    assert (started["dropped_examples"], started["truncated_examples"]) == (5, 5)


def test_a_full_disk_while_training_fails_the_run_and_keeps_the_last_adapter(
    make_run: Any, values: dict[str, Any]
) -> None:
    """A limit on file size stands in for the disk: writes fail in the same place, with EFBIG for ENOSPC."""
    resource = pytest.importorskip("resource")
    values["training"] |= {"max_steps": 200, "eval_every": 2}
    folder = make_run(values)
    seen: list[int] = []

    def fill_the_disk(event: Event) -> None:
        if isinstance(event, StepLogged):
            seen.append(event.step)
            if event.step == 5:
                resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        summary = run(folder, lambda: False, fill_the_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert summary["status"] == "failed"
    assert "disk is full" in summary["error"]
    assert seen[-1] <= 6
    assert all(json.loads(line) for line in (folder.path / "events.jsonl").read_text().splitlines()[:-1])
    PeftModel.from_pretrained(tiny_causal(), folder.adapter)


def test_trackers_write_inside_the_run_folder(make_run: Any, values: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    folder = make_run({**values, "monitoring": ["tensorboard", "wandb"]})
    assert run(folder, lambda: False)["status"] == "finished"
    assert list(folder.path.rglob("events.out.tfevents.*"))
    assert list(folder.path.rglob("*.wandb"))

"""What is kept of a run on the way: how many, how often, and in which order."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

from playground.runs.folder import RunFolder
from playground.runs.session import run
from playground.train import checkpoint
from playground.train.checkpoint import Checkpoints, recover_adapter, save_adapter
from tests.tiny import tiny_causal


@pytest.fixture(scope="module")
def model() -> PeftModel:
    return get_peft_model(tiny_causal(), LoraConfig(r=2, target_modules=["q_proj"]))


@pytest.fixture(scope="module")
def optimizer(model: PeftModel) -> torch.optim.Optimizer:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.grad = torch.ones_like(parameter)
    made = torch.optim.AdamW(trained)
    made.step()
    return made


def saved(folder: Path, model: PeftModel, optimizer: torch.optim.Optimizer, *steps: int) -> Checkpoints:
    made = Checkpoints(folder)
    for step in steps:
        made.save(model, optimizer, {"steps": step})
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_two_newest_are_kept_and_the_pointer_names_the_newest(
    tmp_path: Path, model: PeftModel, optimizer: torch.optim.Optimizer
) -> None:
    saved(tmp_path, model, optimizer, 10, 20, 30)
    assert names(tmp_path / "checkpoints") == ["000002", "000003", "newest"]
    assert (tmp_path / "checkpoints" / "newest").read_text() == "000003"
    found = Checkpoints(tmp_path).read()
    assert found is not None
    assert found.progress == {"steps": 30}


def test_what_is_newer_than_the_pointer_does_not_count_and_is_swept(
    tmp_path: Path, model: PeftModel, optimizer: torch.optim.Optimizer
) -> None:
    """Whole or not: whoever wrote it did not come to the end."""
    saved(tmp_path, model, optimizer, 10, 20, 30)
    (tmp_path / "checkpoints" / "newest").write_text("000002")
    again = Checkpoints(tmp_path)
    found = again.read()
    assert found is not None
    assert found.progress == {"steps": 20}
    again.sweep()
    assert names(tmp_path / "checkpoints") == ["000002", "newest"]
    again.save(model, optimizer, {"steps": 25})
    assert names(tmp_path / "checkpoints") == ["000002", "000003", "newest"]


def test_after_the_older_one_counted_it_stays_beside_the_next(
    tmp_path: Path, model: PeftModel, optimizer: torch.optim.Optimizer
) -> None:
    saved(tmp_path, model, optimizer, 10, 20)
    (tmp_path / "checkpoints" / "000002" / "weights.safetensors").unlink()
    again = Checkpoints(tmp_path)
    assert again.read() is not None
    assert again.damaged == 1
    again.sweep()
    again.save(model, optimizer, {"steps": 15})
    assert [json.loads((folder / "progress.json").read_text())["progress"]["steps"]
            for folder in sorted((tmp_path / "checkpoints").glob("0*"))] == [10, 15]  # fmt: skip


def test_a_checkpoint_that_cannot_be_opened_just_now_is_not_taken_for_damaged(
    tmp_path: Path, model: PeftModel, optimizer: torch.optim.Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a moment without free file handles would start the run over."""
    saved(tmp_path, model, optimizer, 10)

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checkpoint, "load_file", refuse)
    with pytest.raises(PermissionError):
        Checkpoints(tmp_path).read()


@pytest.mark.parametrize(("passed", "cost", "due"), [(59, 0.1, False), (61, 0.1, True), (61, 2, False), (101, 2, True)])
def test_one_is_due_every_minute_where_it_costs_at_most_2_percent_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: float, cost: float, due: bool
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    made = Checkpoints(tmp_path, _seconds=cost, _saved_at=now[0])
    now[0] += passed
    assert made.is_due() is due


def test_a_run_saves_between_evaluations_when_one_is_due_and_not_where_an_evaluation_follows(
    make_run: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoints, "is_due", lambda _: True)
    own, steps = Checkpoints.save, []

    def save(self: Checkpoints, model: Any, optimizer: Any, progress: dict[str, Any]) -> None:
        steps.append((progress["steps"], progress["best_step"]))
        own(self, model, optimizer, progress)

    monkeypatch.setattr(Checkpoints, "save", save)
    assert run(make_run(values), lambda: False)["status"] == "finished"
    assert steps == [(1, 0), (2, 2), (3, 2), (4, 4)]


def test_a_run_from_before_there_were_two_checkpoints_goes_on(make_run: Any, values: dict[str, Any]) -> None:
    values["training"] |= {"max_steps": 6, "eval_every": 6}
    whole, folder = make_run(values), make_run(values)
    run(whole, lambda: False)
    run(folder, lambda: len(losses(folder)) >= 3)
    as_it_was = folder.path / "checkpoint"
    (folder.path / "checkpoints" / "000001").rename(as_it_was)
    progress = json.loads((as_it_was / "progress.json").read_text())["progress"]
    (as_it_was / "progress.json").write_text(json.dumps(progress))
    (folder.path / "summary.json").unlink()
    assert run(folder, lambda: False)["status"] == "finished"
    assert losses(folder) == pytest.approx(losses(whole), rel=1e-5)
    assert len(losses(folder)) == 6


def losses(folder: RunFolder) -> list[float]:
    return [event["loss"] for event in folder.read_since(0)[0] if event["event"] == "StepLogged"]


def test_a_resumed_run_keeps_what_its_summary_needs(
    make_run: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values["training"] |= {"max_steps": 6, "eval_every": 2}
    whole, broken = make_run(values), make_run(values)
    expected = run(whole, lambda: False)
    monkeypatch.setattr(Checkpoints, "is_due", lambda _: True)
    with pytest.raises(KeyboardInterrupt):
        run(broken, lambda: interrupt_after(broken, 3))
    summary = run(broken, lambda: False)
    for name in ("status", "steps", "best_step"):
        assert summary[name] == expected[name]
    for name in ("eval_loss", "eval_loss_base", "train_loss"):
        assert summary[name] == pytest.approx(expected[name], rel=1e-5)
    seconds = [event["seconds"] for event in broken.read_since(0)[0] if event["event"] == "StepLogged"]
    assert seconds == sorted(seconds), "the clock goes on from where it was"
    assert summary["seconds"] >= seconds[-1]


def interrupt_after(folder: RunFolder, step: int) -> bool:
    if len(losses(folder)) == step and folder.summary() is None and not (folder.path / "seen").exists():
        (folder.path / "seen").touch()
        raise KeyboardInterrupt
    return False


def test_an_adapter_that_a_kill_left_set_aside_is_read_there_and_put_back(tmp_path: Path, model: PeftModel) -> None:
    folder = RunFolder(tmp_path)
    save_adapter(model, tmp_path / "adapter")
    (tmp_path / "adapter").rename(tmp_path / ".adapter-old")
    assert (folder.adapter / "adapter_config.json").is_file()
    recover_adapter(tmp_path / "adapter")
    assert names(tmp_path) == ["adapter"]
    PeftModel.from_pretrained(tiny_causal(), folder.adapter)


def test_a_changed_adapter_takes_the_place_of_the_last_whole(tmp_path: Path, model: PeftModel) -> None:
    """Settings and weights together, as AdaLoRA needs them; files that are no longer written go."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    save_file({"other": torch.zeros(1)}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text("{}")
    (folder / "stale.json").write_text("{}")
    save_adapter(model, folder)
    assert names(folder) == ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    assert "other" not in load_file(folder / "adapter_model.safetensors")
    assert names(tmp_path) == ["adapter"]

"""Methods that PEFT attaches and then cannot train: the run names the method, the model and what the library said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from playground.capabilities.tiny_families import save_tiny
from playground.runs.session import run
from playground.service import Playground
from playground.train import loop
from tests.tiny import save_tiny_translator, tiny_tokenizer


@pytest.fixture
def gpt2(tmp_path: Path) -> str:
    save_tiny("gpt2", tmp_path / "gpt2")
    tiny_tokenizer().save_pretrained(tmp_path / "gpt2")
    return str(tmp_path / "gpt2")


def test_osf_on_a_gpt2_says_so_before_its_first_step(values: dict[str, Any], make_run: Any, gpt2: str) -> None:
    summary = run(make_run({**values, "base_model": gpt2, "method": {"method": "osf"}}), lambda: False)
    assert (summary["status"], summary["steps"]) == ("failed", 0)
    for said, sentence, remedy in (
        (summary["error"], "OSF cannot train", "Choose another method"),
        (summary["error_pt"], "OSF não consegue treinar", "Escolha outro método"),
    ):
        assert said.startswith(sentence)
        assert gpt2 in said
        assert "No adapter layers found in the model" in said
        assert remedy in said


def test_trainable_tokens_on_a_marian_says_so_before_its_first_step(
    values: dict[str, Any], make_run: Any, tmp_path: Path
) -> None:
    pairs = "\n".join(f"It rains {i}.\tChove {i}." for i in range(10))
    (tmp_path / "pairs.tsv").write_text(f"en\tpt\n{pairs}\n", encoding="utf-8")
    changes = {
        "base_model": str(save_tiny_translator(tmp_path / "marian", "marian")),
        "data": {"dataset": str(tmp_path / "pairs.tsv"), "source_language": "en", "target_language": "pt"},
        "method": {"method": "trainable_tokens"},
    }
    summary = run(make_run(values | changes), lambda: False)
    assert (summary["status"], summary["steps"]) == ("failed", 0)
    assert summary["error"].startswith("Trainable tokens cannot train")
    assert "TrainableTokensLayer wraps an unknown layer type" in summary["error"]
    assert "Escolha outro método" in summary["error_pt"]


@pytest.mark.parametrize("error", [NotImplementedError, IndexError, TypeError])
def test_whatever_a_library_raises_at_the_first_step_is_cut_and_tells_no_folder(
    values: dict[str, Any], make_run: Any, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error(f"no kernel\x1b in /home/somebody/lib.so\n{'x' * 500}")

    monkeypatch.setattr(loop, "training_losses", broken)
    folder = make_run(values)
    summary = run(folder, lambda: False)
    assert summary["error"].startswith("LoRA cannot train")
    assert "no kernel\ufffd in lib.so xxx" in summary["error"]
    assert len(summary["error"]) < 500
    assert error.__name__ in (folder.path / "error.txt").read_text(encoding="utf-8")


def test_a_lack_of_memory_is_not_called_the_methods_fault(
    values: dict[str, Any], make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: Any, **__: Any) -> None:
        torch.empty(2**60, dtype=torch.uint8)  # more than any machine has

    monkeypatch.setattr(loop, "training_losses", too_large)
    summary = run(make_run(values), lambda: False)
    assert (summary["status"], summary["steps"]) == ("failed", 0)
    assert "cannot train" not in summary["error"]
    assert "memory" in summary["error"]


def test_what_goes_wrong_after_the_first_step_is_not_called_the_methods_fault(
    values: dict[str, Any], make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, steps = loop.training_losses, []

    def broken_later(*given: Any) -> Any:
        steps.append(1)
        if len(steps) > 1:
            raise RuntimeError("a surprise")
        return real(*given)

    monkeypatch.setattr(loop, "training_losses", broken_later)
    summary = run(make_run(values), lambda: False)
    assert (summary["status"], summary["steps"]) == ("failed", 1)
    assert "unexpected happened (RuntimeError: a surprise)" in summary["error"]


def test_pre_flight_warns_of_what_did_not_train_when_it_was_tried(
    playground: Playground, values: dict[str, Any], gpt2: str
) -> None:
    values["base_model"] = gpt2
    found = {
        finding.kind: finding for finding in playground.preflight({**values, "method": {"method": "osf"}}).findings
    }
    assert "does not require grad" in found["did_not_train"].message.en
    assert "minúsculo" in found["did_not_train"].message.pt
    assert not found["did_not_train"].blocks
    assert "did_not_train" not in json.dumps([item.kind for item in playground.preflight(values).findings])

"""`python -m playground preflight`: exit status, JSON, and one clear message for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from playground.cli.main import BAD_INPUT, DONE, FAILED, main


def asked(run_file: Path, tmp_path: Path, *more: str) -> int:
    return main(["preflight", str(run_file), "--runs-dir", str(tmp_path / "runs"), *more])


def test_the_answer_is_one_json_object_with_texts_in_both_languages(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(run_file, tmp_path, "--json", "--set", "method.params.r=40") == DONE
    report = json.loads(capsys.readouterr().out)
    # Rank 40 on a tiny Llama, 64 wide, 128 inside: q and o are 64 x 64, k and v 64 x 32, the others 64 x 128.
    assert report["trainable_parameters"] == 2 * 40 * (2 * 128 + 2 * 96 + 3 * 192)
    assert report["ready"]
    assert set(report["findings"][0]["message"]) == {"en", "pt"}
    assert report["time"] is None
    assert sum(report["memory"][part] for part in ("weights", "activations", "optimizer")) > 0
    assert not (tmp_path / "runs").exists()


def test_the_report_can_be_read(run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(run_file, tmp_path) == DONE
    printed = capsys.readouterr().out
    assert "parameters train" in printed
    assert printed.splitlines()[-1] == "ready"


def test_a_run_that_is_not_ready_ends_with_status_one(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(run_file, tmp_path, "--set", "data.max_tokens=16") == FAILED
    assert "!! None of the" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("method.params.target_modules=nonsense", "q_proj"),
        ("method.params.r=10000", "256"),
        ("base_model=nobody/there-is-no-such-model", "Hub"),
    ],
)
def test_what_cannot_be_counted_is_bad_input(
    setting: str, said: str, run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(run_file, tmp_path, "--set", setting) == BAD_INPUT
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_the_probe_leaves_the_base_as_it_was(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from playground.model.in_memory import base_in_memory

    source = yaml.safe_load(run_file.read_text(encoding="utf-8"))["base_model"]
    before = {name: value.clone() for name, value in base_in_memory(source).model.state_dict().items()}
    assert asked(run_file, tmp_path, "--json", "--probe") == DONE
    time = json.loads(capsys.readouterr().out)["time"]
    # 4 steps, an evaluation every 2 and one of the base before; the base's sample and another fall between them.
    others = 3 * time["step"] + 3 * time["evaluation"] + time["base_sample"] + time["sample"]
    assert time["total"] == pytest.approx(time["first_step"] + others)
    after = base_in_memory(source).model.state_dict()
    assert after.keys() == before.keys()  # no adapter's layer is left in it
    assert all(bool((after[name] == value).all()) for name, value in before.items())


def test_the_last_finished_run_tells_how_far_the_estimate_was_off(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(run_file), "--runs-dir", str(tmp_path / "runs"), "--json"]) == DONE
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert asked(run_file, tmp_path, "--json") == DONE
    report = json.loads(capsys.readouterr().out)
    last, parts = report["last_estimate"], ("weights", "activations", "gradients", "optimizer", "libraries")
    assert last["run_id"] == summary["run_id"]
    assert last["measured"] == summary["peak_memory_bytes"]
    assert last["estimated"] == sum(report["memory"][part] for part in parts)  # the same settings, the same estimate

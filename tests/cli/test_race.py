"""`race` and `races` as a contract: exit status, the last JSON line, and one clear message on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from playground.cli.main import BAD_INPUT, DONE, FAILED, main
from tests.cli.conftest import printed

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    "name", "run_ids", "status", "eval_loss", "eval_loss_std", "trainable_parameters", "seconds", "seconds_std",
    "peak_memory_bytes", "adapter_bytes", "pareto",
}  # fmt: skip


def test_a_race_prints_every_event_and_its_table_last(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--runs-dir", str(tmp_path / "runs")]
    command = ["race", str(run_file), "--methods", "lora, prefix_tuning", "--seeds", "2", "--json", *at]
    assert main([*command, "--set", "training.max_steps=2"]) == DONE
    lines = printed(capsys)
    assert lines[0]["event"] == "RaceCreated"
    starts = [(line["entrant"], line["seed"]) for line in lines if line["event"] == "RunCreated"]
    assert starts == [("lora", 42), ("prefix_tuning", 42), ("lora", 43), ("prefix_tuning", 43)]
    last = lines[-1]
    assert (last["race_id"], last["status"], last["seeds"]) == (lines[0]["race_id"], "finished", [42, 43])
    for row in last["entrants"]:
        assert row.keys() >= ROW
        assert row["status"] == "finished"
        assert len(row["run_ids"]) == 2
        assert row["eval_loss_std"] >= 0
        assert (tmp_path / "runs" / row["run_ids"][0] / "config.yaml").is_file()
    assert any(row["pareto"] for row in last["entrants"])

    assert main(["races", "--json", *at]) == DONE
    [[listed]] = printed(capsys)
    assert listed == {key: value for key, value in last.items() if key != "event"}
    assert main(["race", "--continue", last["race_id"], *at]) == BAD_INPUT
    assert "is over" in capsys.readouterr().err


def test_an_entrant_that_fails_gives_status_1_and_the_others_their_results(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = yaml.safe_load(run_file.read_text(encoding="utf-8"))
    values["race"] = {"entrants": [{"name": "broken", "params": {"target_modules": ["nowhere"]}}, "prompt_tuning"]}
    run_file.write_text(yaml.safe_dump(values), encoding="utf-8")
    assert main(["race", str(run_file), "--runs-dir", str(tmp_path / "runs")]) == FAILED
    out, err = capsys.readouterr()
    assert "nowhere" in err
    table = [line for line in out.splitlines() if line.startswith(("broken", "prompt_tuning"))][-2:]
    assert [line.split()[:2] for line in table] == [["broken", "failed"], ["prompt_tuning", "finished"]]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_race_that_was_stopped_or_killed_is_finished_by_continue(run_file: Path, tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    base = [sys.executable, "-m", "playground", "race"]
    at = ["--runs-dir", str(tmp_path / "runs"), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    changes = ["--set", "training.max_steps=60", "--set", "training.eval_every=30"]
    process = subprocess.Popen(
        [*base, str(run_file), "--methods", "lora,prompt_tuning", *changes, *at], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "StepLogged":
            process.send_signal(number)
            break
    process.communicate(timeout=120)
    assert process.returncode == (DONE if number == signal.SIGINT else -number)
    listed = subprocess.run([*base[:-1], "races", *at], env=environment, capture_output=True, text=True, check=True)
    [stopped] = json.loads(listed.stdout)
    assert stopped["status"] == "stopped"
    assert [row["status"] for row in stopped["entrants"]] == ["stopped", "waiting"]
    again = subprocess.run(
        [*base, "--continue", stopped["race_id"], *at], env=environment, capture_output=True, text=True
    )
    found = json.loads(again.stdout.splitlines()[-1])
    assert found["status"] == "finished"
    assert found["entrants"][0]["run_ids"] == stopped["entrants"][0]["run_ids"]


BAD: list[tuple[list[str], str]] = [
    (["race"], "--continue"),
    (["race", "quicktour", "--continue", "x"], "--continue"),
    (["race", "--continue", "../../etc"], "There is no race"),
    (["race", "--continue", "20260101-000000-abcdef"], "There is no race"),
    (["race", "--continue", "20260101-000000-abcdef", "--seeds", "2"], "keeps its settings"),
    (["race", "no-such-file.yaml"], "no-such-file.yaml"),
    (["race", "quicktour"], "names 0 entrant(s)"),
    (["race", "quicktour", "--methods", "lora"], "names 1 entrant(s)"),
    (["race", "quicktour", "--methods", "lora,nothing"], "race.entrants.2.method"),
    (["race", "quicktour", "--methods", "lora,lora"], "the same as entrant 1"),
    (["race", "quicktour", "--methods", "lora,qlora", "--seeds", "11"], "race.seeds"),
    (["race", "quicktour", "--methods", "lora,qlora", "--set", "training.max_seconds=0"], "above 0"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_message_on_stderr_and_status_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_dir = tmp_path / "runs"
    assert main([*arguments, "--runs-dir", str(runs_dir)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert not runs_dir.exists()

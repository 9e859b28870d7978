"""The command line as a contract: exit status, what goes to stdout, and one clear message on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.cli.main import BAD_INPUT, DONE, FAILED, build_parser, main
from playground.cli.parts.terminal import one_line, to_json
from playground.environment import describe_environment
from playground.service import Playground
from playground.texts import Text
from tests.cli.conftest import printed

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = {
    "run_id", "status", "steps", "best_step", "eval_loss_base", "eval_loss", "train_loss", "seconds",
    "examples_per_second", "peak_memory_bytes", "error",
}  # fmt: skip


# --- training -------------------------------------------------------------------------------------


def test_train_prints_one_json_object_an_event_and_the_summary_last(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_dir = tmp_path / "runs"
    assert (
        main(["train", str(run_file), "--runs-dir", str(runs_dir), "--json", "--set", "training.max_steps=2"]) == DONE
    )
    lines = printed(capsys)
    assert lines[0]["event"] == "RunCreated"
    assert [line["step"] for line in lines if line["event"] == "StepLogged"] == [1, 2]
    last = lines[-1]
    assert set(last) >= SUMMARY
    assert (last["status"], last["steps"], last["run_id"]) == ("finished", 2, lines[0]["run_id"])
    stored = json.loads((runs_dir / last["run_id"] / "summary.json").read_text(encoding="utf-8"))
    assert {key: last[key] for key in stored} == stored
    config = yaml.safe_load((runs_dir / last["run_id"] / "config.yaml").read_text(encoding="utf-8"))
    assert config["training"]["max_steps"] == 2


def test_what_was_trained_can_be_listed_and_compared_and_not_resumed(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--runs-dir", str(tmp_path / "runs")]
    assert main(["train", str(run_file), *at]) == DONE
    assert capsys.readouterr().out.splitlines()[0].startswith("run ")
    assert main(["runs", *at, "--json"]) == DONE
    [[run]] = printed(capsys)
    assert run["status"] == "finished"

    prompts = tmp_path / "prompts.txt"
    prompts.write_text("Answer in JSON: cat\n\nAnswer in JSON: mat\n", encoding="utf-8")
    assert main(["compare", run["run_id"], *at, "--prompts", str(prompts), "--json"]) == DONE
    [update] = printed(capsys)
    assert update["prompts"] == ["Answer in JSON: cat", "Answer in JSON: mat"]
    assert [column["run_id"] for column in update["columns"]] == [None, run["run_id"]]
    assert [len(answers) for answers in update["answers"]] == [2, 2]

    assert main(["compare", run["run_id"], *at, "--count", "2"]) == DONE
    assert "perplexity" in capsys.readouterr().out
    assert main(["resume", run["run_id"], *at]) == BAD_INPUT
    assert "nothing to resume" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_ctrl_c_stops_after_the_step_keeps_the_adapter_and_the_run_can_be_resumed(
    run_file: Path, tmp_path: Path
) -> None:
    runs_dir = tmp_path / "runs"
    base = [sys.executable, "-m", "playground"]
    at = ["--runs-dir", str(runs_dir), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    changes = ["--set", "training.max_steps=100000", "--set", "training.eval_every=100000"]
    process = subprocess.Popen(
        [*base, "train", str(run_file), *changes, *at], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    for line in process.stdout:
        if json.loads(line)["event"] == "StepLogged":
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=120)
    summary = json.loads(out.splitlines()[-1])
    assert process.returncode == DONE
    assert summary["status"] == "stopped"
    assert "Press Ctrl-C again" in err
    folder = runs_dir / summary["run_id"]
    assert (folder / "adapter" / "adapter_model.safetensors").is_file()

    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    config["training"]["max_steps"] = summary["steps"] + 2
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    resumed = subprocess.run([*base, "resume", folder.name, *at], env=environment, capture_output=True, text=True)
    lines = [json.loads(line) for line in resumed.stdout.splitlines()]
    steps = [line["step"] for line in lines if line["event"] == "StepLogged"]
    assert steps == [summary["steps"] + 1, summary["steps"] + 2]
    assert lines[-1]["status"] == "finished"


def test_other_processes_of_a_launch_print_nothing(
    run_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert main(["train", str(run_file), "--set", "training.max_steps=0"]) == BAD_INPUT
    assert capsys.readouterr() == ("", "")


# --- bad input ------------------------------------------------------------------------------------

BAD: list[tuple[list[str], str]] = [
    (["train", "no-such-file.yaml"], "quicktour"),
    (["train", "quicktour", "--set", "training.max_steps"], "name=value"),
    (["train", "quicktour", "--set", "=3"], "name=value"),
    (["train", "quicktour", "--set", "seed.x=3"], "seed is one value"),
    (["train", "quicktour", "--set", "training.learning_rate=0"], "above 0"),
    (["train", "quicktour", "--set", "training.max_steps=[1"], "training.max_steps"),
    (["train", "quicktour", "--set", "method.params.r=10000"], "256"),
    (["train", "quicktour", "--set", "data.dataset=missing.csv"], "missing.csv"),
    (["train", "quicktour", "--set", "colour=red"], "no such setting"),
    (["resume", "../../etc"], "There is no run"),
    (["compare", "20260101-000000-abcdef"], "There is no run"),
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
    assert "Traceback" not in err
    assert not runs_dir.exists()


def test_a_bad_data_file_is_refused_before_a_run_exists(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    at = ["--runs-dir", str(tmp_path / "runs")]
    assert main(["train", str(run_file), "--set", "data.dataset=empty.csv", *at]) == BAD_INPUT
    assert "empty.csv" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_hold_runs_is_named(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("", encoding="utf-8")
    assert main(["train", str(run_file), "--runs-dir", str(taken)]) == BAD_INPUT
    assert "--runs-dir" in capsys.readouterr().err


def test_a_run_that_fails_has_status_1(run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = ["--set", "method.params.target_modules=[no_such_module]", "--force"]
    assert main(["train", str(run_file), *change, "--runs-dir", str(tmp_path / "runs"), "--json"]) == FAILED
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["status"] == "failed"
    assert "no_such_module" in err


def test_a_run_whose_memory_does_not_fit_is_refused_unless_it_is_forced(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.preflight.memory.device_memory", lambda _: (10**6, 10**6))
    asked = ["train", str(run_file), "--set", "training.max_steps=1", "--runs-dir", str(tmp_path / "runs")]
    assert main(asked) == BAD_INPUT
    err = capsys.readouterr().err
    assert "this machine has 1\N{NO-BREAK SPACE}MB" in err
    assert "--force" in err
    assert not (tmp_path / "runs").exists()
    assert main([*asked, "--force"]) == DONE


def test_a_run_that_waits_in_a_page_is_not_resumed_by_the_command_line(
    values: dict[str, Any], playground: Playground, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = playground.store.create(playground.check(values), {})
    with folder.claim_or_refuse():
        assert main(["resume", folder.run_id, "--runs-dir", str(playground.runs_dir)]) == BAD_INPUT
    assert "still active" in capsys.readouterr().err
    assert main(["resume", folder.run_id, "--runs-dir", str(playground.runs_dir)]) == DONE


def test_messages_follow_the_terminals_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "pt_BR.UTF-8")
    assert main(["train", "nada.yaml"]) == BAD_INPUT
    assert "Não existe o arquivo" in capsys.readouterr().err


# --- reading the input ----------------------------------------------------------------------------


def test_a_data_file_may_lie_beside_the_run_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.cli.parts.run_file import values_of

    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "rows.csv").write_text("prompt,completion\n", encoding="utf-8")
    (folder / "run.yaml").write_text("data: {dataset: rows.csv}\nlesson: {minutes: 1}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert values_of("lesson/run.yaml") == {"data": {"dataset": str(Path("lesson/rows.csv"))}}
    (tmp_path / "rows.csv").write_text("prompt,completion\n", encoding="utf-8")
    assert values_of("lesson/run.yaml") == {"data": {"dataset": "rows.csv"}}


def test_set_reads_values_as_yaml_does_and_exponents_as_numbers() -> None:
    from playground.cli.parts.run_file import with_overrides

    changes = ["a.b=20", "a.c=1e-3", "a.d=[q_proj, v_proj]", "e=true", "f=text=more", "g="]
    expected = {"a": {"b": 20, "c": 0.001, "d": ["q_proj", "v_proj"]}, "e": True, "f": "text=more", "g": None}
    assert with_overrides({"a": {"b": 1}}, changes) == expected


# --- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["models", "methods", "presets", "runs"])
def test_lists_are_one_json_array_or_lines_for_people(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([command, "--json"]) == DONE
    [found] = printed(capsys)
    names = [item["name"] for item in found]
    if command in ("models", "methods"):
        assert names == list(MODELS if command == "models" else METHODS)
    assert main([command]) == DONE
    text = capsys.readouterr().out
    assert all(name in text for name in names)


def test_the_lists_answer_without_loading_torch(tmp_path: Path) -> None:
    call = "from playground.cli.main import main; main(['methods', '--json'])"
    program = f"import sys; {call}; sys.exit('torch' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, check=False, capture_output=True
    )
    assert done.returncode == 0, "the list loaded torch"


def test_doctor_examines_each_part_of_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor", "--json", "--runs-dir", str(tmp_path)])
    [found] = printed(capsys)
    assert [item["name"] for item in found] == ["python", "packages", "device", "4-bit", "weights", "hub", "disk"]
    assert status == (FAILED if "fail" in {item["status"] for item in found} else DONE)
    for item in found:
        assert item["detail"]["en"]
        assert (item["status"] == "ok") == (item["advice"]["pt"] == "")


def test_doctor_tells_a_missing_package_from_another_version(tmp_path: Path) -> None:
    from playground.cli.doctor import check_packages

    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pytest==0.0.1\n", encoding="utf-8")
    assert check_packages(requirements).status == "warn"
    requirements.write_text("no-such-package-at-all==1.0\n", encoding="utf-8")
    assert check_packages(requirements).status == "fail"


# --- small promises -------------------------------------------------------------------------------


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        "train", "resume", "find-lr", "compare", "translate", "quantization", "runs", "models", "methods", "presets",
        "check-lesson", "doctor",
    ):  # fmt: skip
        with pytest.raises(SystemExit, match="0"):
            build_parser().parse_args([command, "--help"])
        assert "--json" in capsys.readouterr().out


def test_model_output_cannot_control_the_terminal() -> None:
    assert one_line("a\x1b[31mb\nc\x07 \u202e d") == "a [31mb c d"
    assert one_line("x" * 200, 10) == "x" * 9 + "…"


def test_json_output_holds_no_value_that_json_does_not_know() -> None:
    assert to_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": Text("x", "y")}) == {
        "a": None, "b": [None, 1.5], "c": {"en": "x", "pt": "y"},
    }  # fmt: skip


def test_the_environment_says_what_a_result_may_depend_on() -> None:
    found = describe_environment()
    assert found["packages"]["torch"].startswith("2.")
    assert found["cpu_cores"] >= 1
    assert found["memory_bytes"] > 2**28
    assert json.loads(json.dumps(found)) == found

"""`bring` and `train-on` from a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.cli.main import BAD_INPUT, DONE, main
from playground.service import Playground
from tests.cli.conftest import printed
from tests.export.bring.adapters import zipped
from tests.export.bring.conftest import lora, plain_causal

__all__ = ["lora", "plain_causal"]


def test_an_adapter_is_brought_and_trained_on(
    lora: Path, tiny_model: str, tiny_data: str, playground: Playground, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    where = ["--runs-dir", str(playground.runs_dir)]
    named = ["--base", tiny_model, "--dataset", tiny_data]
    assert main(["bring", str(zipped(lora, tmp_path / "mine.zip")), *named, "--json", *where]) == DONE
    brought = printed(capsys)[-1]
    assert brought.keys() >= {"run_id", "base_model", "method", "warnings"}
    assert (brought["method"], brought["base_model"]) == ("lora", tiny_model)
    assert {"en", "pt"} <= brought["warnings"][0].keys()
    assert main(["bring", str(lora), *named, "--name", "mine", *where]) == DONE
    out = capsys.readouterr().out
    assert out.startswith("brought as ")
    assert f"{brought['eval_loss']:.4f}" in out
    assert {info.name for info in playground.list_runs()} == {"mine.zip", "mine"}
    assert main(["train-on", brought["run_id"], "--steps", "2", "--json", *where]) == DONE
    summary = printed(capsys)[-1]
    assert (summary["status"], summary["steps"]) == ("finished", 2)
    assert playground.run_info(summary["run_id"]).name == "mine.zip · more"


@pytest.mark.parametrize(
    ("what", "said"),
    [("nowhere.zip", "no folder or file"), ("/nowhere/at/all", "no folder or file"), ("../..", "several|holds no ada")],
)
def test_what_is_no_adapter_is_one_message_and_status_2(
    what: str, said: str, playground: Playground, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    assert main(["bring", what, "--runs-dir", str(playground.runs_dir)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert any(words in err for words in said.split("|"))
    assert "Traceback" not in err
    assert playground.list_runs() == []

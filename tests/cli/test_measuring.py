"""`quantization` and `find-lr` from a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground.catalog.precisions import PRECISIONS
from playground.cli.main import BAD_INPUT, DONE, main


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PEFT_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_quantization_prints_a_line_a_precision_or_one_json_object(
    tiny_model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quantization", tiny_model, "--json"]) == DONE
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert list(found["measured"]) == list(PRECISIONS)
    assert err == ""
    assert main(["quantization", tiny_model]) == DONE
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [item.label for item in PRECISIONS.values()]
    assert f"{found['measured']['nf4']['perplexity']:,.2f}" in lines[4]
    assert "reading" not in err  # kept from the first time


def test_find_lr_prints_a_line_a_step_and_the_suggestion(
    values: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    assert main(["find-lr", "run.yaml", "--json"]) == DONE
    *points, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [point["step"] for point in points][:3] == [1, 2, 3]
    assert last["finished"]
    assert main(["find-lr", "run.yaml", "--set", "seed=42"]) == DONE
    text = capsys.readouterr().out
    assert f"suggestion {last['suggestion']:.2g}, a tenth of {last['lowest']:.2g}" in text
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quantization", "no model"], "There is no model"),
        (["find-lr", "no-such-file.yaml"], "quicktour"),
        (["find-lr", "quicktour", "--set", "data.dataset=missing.csv"], "missing.csv"),
    ],
)
def test_bad_input_is_one_message_and_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err

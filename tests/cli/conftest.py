"""A terminal in English, a run file to name in it, and what was printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def run_file(values: dict[str, Any], tmp_path: Path) -> Path:
    """A small run on the tiny model; it has no section of its own for a race."""
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """The JSON of each line that went to stdout."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

"""An export says what lies in it, and one that is ended from outside leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import yaml

from playground.export.papers.readme import write_readme
from playground.service import Playground
from tests.export.conftest import Take, drawn_run

ROOT = Path(__file__).parents[2]


def test_the_blank_card_of_peft_becomes_what_lies_there(take: Take, tiny_values: dict[str, Any]) -> None:
    path = take({**tiny_values, "name": "<b>a | name</b>"})
    with zipfile.ZipFile(path) as archive:
        readme = archive.read(next(name for name in archive.namelist() if name.endswith("README.md"))).decode()
    _, metadata, body = readme.split("---\n", 2)
    assert yaml.safe_load(metadata)["library_name"] == "peft"
    assert "More Information Needed" not in readme
    assert "<b>" not in body
    assert "`adapter_model.safetensors`" in body
    assert "`proof.json`" in body
    assert "`train.py`" not in body
    assert "SHA-256" in body


def test_a_card_that_somebody_has_written_stays(
    playground: Playground, tiny_values: dict[str, Any], tmp_path: Path
) -> None:
    card = tmp_path / "README.md"
    begun = "---\nlibrary_name: peft\n---\n# My own\nLicence: [More Information Needed]\n"
    for text in ("# My own\n", begun, "# Model Card for Model ID\nwithout metadata\n", ""):
        card.write_text(text, encoding="utf-8")
        write_readme(tmp_path, "a run", playground.check(tiny_values))
        assert card.read_text(encoding="utf-8") == text


def test_an_export_that_is_terminated_leaves_nothing(
    playground: Playground, tiny_values: dict[str, Any], tmp_path: Path
) -> None:
    run_id, to = drawn_run(playground, tiny_values).run_id, tmp_path / "to"
    to.mkdir()
    words = ["export", run_id, "--as", "peft", "--to", str(to), "--runs-dir", str(playground.runs_dir)]
    with subprocess.Popen([sys.executable, "-m", "playground", *words], cwd=ROOT) as started:
        deadline = time.monotonic() + 120
        while not any(to.iterdir()) and started.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [path.suffix for path in to.iterdir()] == [".tmp"]
        started.send_signal(signal.SIGTERM)
        assert started.wait(120) == 130
    assert not list(to.iterdir())


def test_a_lora_made_of_another_method_says_what_it_is(take: Take, tiny_values: dict[str, Any]) -> None:
    with zipfile.ZipFile(take(tiny_values, "lora", "loha")) as archive:
        text = archive.read("README.md").decode()
    assert str(Path(tiny_values["base_model"]).parent) not in text  # whose folders they are is nobody's business
    _, metadata, body = text.split("---\n", 2)
    assert yaml.safe_load(metadata)["library_name"] == "peft"
    assert "`LoRA made of LoHa`" in body
    assert "`adapter_model.safetensors`" in body
    assert "SHA-256" in body

"""What the READMEs say is true of the code: tables, commands, run files, fields."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from playground.catalog.methods import METHODS
from playground.catalog.presets import list_presets
from playground.cli import build_parser
from playground.service import Playground
from playground.texts import Language
from playground.train.events import RunFinished

ROOT = Path(__file__).resolve().parents[1]
READMES: dict[Language, Path] = {"en": ROOT / "README.md", "pt": ROOT / "README.pt-BR.md"}
HEADERS = {
    "methods": {"en": "| Method | What it does | When | Paper |", "pt": "| Método | O que faz | Quando | Artigo |"},
    "presets": {"en": "| Preset | What you see | About |", "pt": "| Preset | O que se vê | Cerca de |"},
}
# These answer at once; the others load a model, and are parsed here and run in their own tests.
QUICK = ("presets", "runs", "methods", "models")


def expected_table(kind: str, language: Language) -> str:
    """What stands between a README's markers; copy it from a failing test's message."""
    header = HEADERS[kind][language]
    if kind == "methods":
        rows = [
            f"| {spec.label} (`{spec.name}`) | {spec.summary.to(language)} | {spec.when.to(language)} "
            f"| [{spec.paper}]({spec.paper_url}) |"
            for spec in METHODS.values()
            if spec.group == "start_here"
        ]
    else:
        rows = [f"| `{item.name}` | {item.summary.to(language)} | {item.minutes:g} min |" for item in list_presets()]
    return "\n".join([header, "|" + "---|" * (header.count("|") - 1), *rows])


def blocks(path: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    found = [line for path in READMES.values() for block in blocks(path, "bash") for line in block.splitlines()]
    return list(dict.fromkeys(line.strip() for line in found if line.strip()))


@pytest.mark.parametrize(("language", "word"), [("en", "methods"), ("pt", "métodos")])
def test_a_readme_counts_the_methods_right(language: Language, word: str) -> None:
    counts = re.findall(rf"\b(\d+) {word}\b", READMES[language].read_text(encoding="utf-8"))
    assert counts == [str(len(METHODS))]


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize("language", READMES)
def test_the_tables_of_a_readme_are_those_of_the_code(kind: str, language: Language) -> None:
    text = READMES[language].read_text(encoding="utf-8")
    found = re.search(rf"<!-- {kind}:[^>]*-->\n(.*?)<!-- /{kind} -->", text, re.DOTALL)
    assert found
    assert found.group(1).strip() == expected_table(kind, language)


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readmes_exists(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    match words:
        case ["make", target]:
            subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)
        case ["python", "-m", "playground", *rest]:
            build_parser().parse_args(rest)
            if rest[0] in QUICK:
                arguments = [sys.executable, *words[1:]]
                environment = {**os.environ, "PYTHONPATH": str(ROOT)}
                subprocess.run(arguments, cwd=tmp_path, env=environment, check=True, capture_output=True)
        case ["accelerate", "launch", *options, "-m", "playground", "train", file]:
            assert options == ["--cpu", "--num_processes", "2"]
            assert (ROOT / file).is_file()
        case ["pip", "install", "-r", file, "-c", pinned]:
            assert (ROOT / file).is_file()
            assert (ROOT / pinned).is_file()
        case ["python", "app.py"]:
            subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, check=True, capture_output=True)
        case ["source", ".venv/bin/activate"]:
            assert "VENV := .venv" in (ROOT / "Makefile").read_text(encoding="utf-8")
        case _:
            pytest.fail(f"this test does not know how to check: {command}")


@pytest.mark.slow
def test_the_first_training_command_of_the_readme_lowers_the_held_out_loss(tmp_path: Path) -> None:
    words = shlex.split(next(command for command in commands() if "playground train" in command))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, *words[1:], "--json", "--set", "training.max_steps=8"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["eval_loss"] < summary["eval_loss_base"]


@pytest.mark.parametrize("language", READMES)
def test_every_run_file_of_a_readme_is_accepted(
    language: Language, playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my-rows.csv").write_text("question,answer\n1,2\n", encoding="utf-8")
    for language_code in ("en", "pt"):
        (tmp_path / f"corpus.{language_code}").write_text("1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = blocks(READMES[language], "yaml")
    assert len(found) == 4
    for text in found:
        values = yaml.safe_load(text)
        assert playground.check(values).name == values["name"]


@pytest.mark.parametrize("path", READMES.values(), ids=READMES)
def test_a_readme_names_every_field_of_the_summary_and_every_command(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    fields = [name for name in RunFinished.__dataclass_fields__ if not name.startswith("reason")]
    for name in ("run_id", "error", *fields):
        assert f"`{name}`" in text
    for command in (
        "preflight",
        "train",
        "resume",
        "race",
        "races",
        "compare",
        "translate",
        "evaluate",
        "runs",
        "models",
        "methods",
        "presets",
        "doctor",
        "quantization",
        "find-lr",
    ):
        assert f"playground {command}" in text


@pytest.mark.parametrize("path", READMES.values(), ids=READMES)
def test_the_links_of_a_readme_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_space_starts_the_gradio_version_that_is_pinned() -> None:
    front_matter = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert f"gradio=={front_matter['sdk_version']}" in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert (ROOT / front_matter["app_file"]).is_file()

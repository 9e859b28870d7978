"""What the READMEs and the pages of docs/ say is true of the code: tables, commands, run files, fields, links."""

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

from playground.catalog.datasets import DATASETS
from playground.catalog.methods import METHODS
from playground.catalog.presets import list_presets
from playground.cli.main import build_parser
from playground.service import Playground
from playground.texts import Language
from playground.train.events import RunFinished

ROOT = Path(__file__).resolve().parents[1]
READMES: dict[Language, Path] = {"en": ROOT / "README.md", "pt": ROOT / "README.pt-BR.md"}
# What a reader of one language reads: the README, and the pages that hold its commands in full.
PAGES: dict[Language, tuple[Path, ...]] = {
    "en": (READMES["en"], ROOT / "docs/command-line.md", ROOT / "docs/translation.md"),
    "pt": (READMES["pt"], ROOT / "docs/command-line.pt-BR.md", ROOT / "docs/translation.pt-BR.md"),
}
ALL_PAGES = (*READMES.values(), ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
HEADERS = {
    "methods": {"en": "| Method | What it does | When | Paper |", "pt": "| Método | O que faz | Quando | Artigo |"},
    "presets": {"en": "| Preset | What it asks | About |", "pt": "| Preset | O que pergunta | Cerca de |"},
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
        rows = [
            f"| `{item.name}` | {item.lesson.question.text.to(language)} | {item.lesson.minutes:g} min |"
            for item in list_presets()
        ]
    return "\n".join([header, "|" + "---|" * (header.count("|") - 1), *rows])


def text_of(language: Language) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGES[language])


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    found = [line for language in PAGES for block in blocks(text_of(language), "bash") for line in block.splitlines()]
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
        case ["python3", "-m", "venv", ".venv"]:
            subprocess.run([sys.executable, *words[1:3], "--without-pip", tmp_path / ".venv"], check=True)
            assert next((tmp_path / ".venv").glob("*/python*")).exists()
        case [".venv/bin/python", "-m", "pip", "install", "-r", file, "-c", pinned]:
            assert (ROOT / file).is_file()
            assert (ROOT / pinned).is_file()
        case [".venv/bin/python", "app.py"]:
            subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, check=True, capture_output=True)
        case ["source", ".venv/bin/activate"]:
            assert "VENV := .venv" in (ROOT / "Makefile").read_text(encoding="utf-8")
        case _:
            pytest.fail(f"this test does not know how to check: {command}")


@pytest.mark.parametrize("language", READMES)
def test_windows_gets_the_commands_that_macos_and_linux_get(language: Language) -> None:
    text = READMES[language].read_text(encoding="utf-8")
    (windows,) = blocks(text, "powershell")
    posix = next(block for block in blocks(text, "bash") if "-m venv" in block)
    assert windows == posix.replace("python3 ", "py ").replace(".venv/bin/python", ".venv\\Scripts\\python")


def test_what_the_readme_installs_has_the_data_of_every_included_set() -> None:
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower().replace("-", "_")
    packages = {card.location.split(":")[1].split("/")[0] for card in DATASETS.values() if ":" in card.location}
    assert packages == {"django", "home_assistant_intents"}
    assert all(f"\n{package}==" in pinned for package in packages)


@pytest.mark.slow
def test_the_first_training_command_of_the_readme_lowers_the_held_out_loss(tmp_path: Path) -> None:
    words = shlex.split(next(command for command in commands() if "playground train" in command))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    few = ("training.max_steps=8", "training.batch_size=1", "training.eval_examples=8")
    result = subprocess.run(
        [sys.executable, *words[1:], "--json", *(word for change in few for word in ("--set", change))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["eval_loss"] < summary["eval_loss_base"]


@pytest.mark.parametrize("language", READMES)
def test_every_run_file_of_the_pages_is_accepted(
    language: Language, playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my-rows.csv").write_text("question,answer\n1,2\n", encoding="utf-8")
    for language_code in ("en", "pt"):
        (tmp_path / f"corpus.{language_code}").write_text("1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = blocks(text_of(language), "yaml")
    assert len(found) == 4
    for text in found:
        values = yaml.safe_load(text)
        assert playground.check(values).name == values["name"]


@pytest.mark.parametrize("language", PAGES)
def test_the_pages_name_every_field_of_the_summary_and_every_command(language: Language) -> None:
    text = text_of(language)
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


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_a_page_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_every_page_of_docs_stands_in_its_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def test_a_readme_is_short() -> None:
    for path in READMES.values():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 165


def test_the_space_starts_the_gradio_version_that_is_pinned() -> None:
    front_matter = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert f"gradio=={front_matter['sdk_version']}" in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert (ROOT / front_matter["app_file"]).is_file()

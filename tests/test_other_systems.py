"""What only Linux and macOS have is not needed to start, to train or to collect the tests: read from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
NOT_ON_WINDOWS = {"crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "termios", "tty"}
PRODUCT = [ROOT / "app.py", *sorted((ROOT / "playground").rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imports(nodes: Iterator[ast.AST] | list[ast.stmt]) -> set[str]:
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(str(node.module).partition(".")[0])
    return names


def test_no_file_of_the_product_imports_what_windows_lacks_anywhere() -> None:
    assert len(PRODUCT) > 150
    found = {path: imports(ast.walk(ast.parse(path.read_text(encoding="utf-8")))) for path in PRODUCT}
    assert {str(path): names & NOT_ON_WINDOWS for path, names in found.items() if names & NOT_ON_WINDOWS} == {}


def test_every_file_of_the_tests_can_be_collected_where_they_are_missing() -> None:
    found = {path: imports(ast.parse(path.read_text(encoding="utf-8")).body) for path in TESTS}
    assert {str(path): names & NOT_ON_WINDOWS for path, names in found.items() if names & NOT_ON_WINDOWS} == {}


@pytest.mark.parametrize("system", ["ubuntu-latest", "macos-latest", "windows-latest"])
def test_the_workflow_runs_the_fast_tests_on(system: str) -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    commands = [
        step.get("run", "")
        for job in jobs.values()
        if system in (job["runs-on"], *job.get("strategy", {}).get("matrix", {}).get("system", []))
        for step in job["steps"]
    ]
    assert any('pytest -m "not slow and not browser"' in run or run == "make check" for run in commands)

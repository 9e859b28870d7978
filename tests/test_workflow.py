"""The workflow runs the fast tests on three systems, and what one of them lacks does not stop their collection."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
NOT_ON_WINDOWS = {"crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "termios", "tty"}
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imports(nodes: list[ast.stmt]) -> set[str]:
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(str(node.module).partition(".")[0])
    return names


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
    assert any('pytest -m "not slow and not browser"' in run or run == ".ci/run" for run in commands)

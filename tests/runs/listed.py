"""Runs that ended, and lists of them: of this process, of another one, and without an index."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from playground.runs.folder import RunFolder
from playground.runs.info import RunInfo
from playground.service import Playground
from tests.events import evaluated, stepped


def ended(folder: RunFolder, status: str = "finished", **summary: Any) -> RunFolder:
    folder.append(evaluated(0, 2.0))
    folder.append(stepped(7))
    folder.finish({"status": status, "steps": 7, "seconds": 3.0, **summary})
    return folder


def listed(playground: Playground) -> list[RunInfo]:
    return playground.list_runs()


def afresh(playground: Playground) -> Playground:
    """As another process sees the same folder."""
    return Playground(playground.runs_dir)


def without_index(playground: Playground) -> list[RunInfo]:
    """What the folders say."""
    copy = playground.runs_dir.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(playground.runs_dir, copy, ignore=shutil.ignore_patterns(".index.jsonl"))
    return Playground(copy).list_runs()


def file_of(playground: Playground) -> Path:
    return playground.runs_dir / ".index.jsonl"

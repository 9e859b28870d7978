"""Runs in a folder: seconds of a list, of a search, and of a page of the Runs tab.

Every run is a folder as training leaves it, with settings of its own, a curve of sixty steps and an adapter; ten are
damaged (of fewer than a hundred, a tenth), each in another way. The first list ever is one where there is no index yet;
that of a new process finds the index that another process left; the next is of the same process. The files were just
written, so the system has them in memory, and Python and the app have been loaded.
"""

from __future__ import annotations

import json
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curves.steps import step_line
from curves.stopwatch import median_seconds, seconds

from playground.config import RunConfig
from playground.runs.entries import SETTLED_NS
from playground.runs.folder import RunStore
from playground.service import Playground
from playground.ui.runs.table_view import Asked, rows_of

SIZES = (10, 100, 1_000, 10_000)
DAMAGES: tuple[Callable[[Path], Any], ...] = (
    lambda path: (path / "config.yaml").write_bytes(bytes(200)),
    lambda path: (path / "config.yaml").write_text("data: 7", encoding="utf-8"),
    lambda path: (path / "config.yaml").unlink(),
    lambda path: (path / "summary.json").write_bytes(b"{"),
    lambda path: (path / "summary.json").unlink(),
    lambda path: (path / "events.jsonl").write_bytes(b'{"event": "Step'),
    lambda path: (path / "name.txt").write_bytes(bytes(20)),
    lambda path: (shutil.rmtree(path), path.mkdir()),
    lambda path: (shutil.rmtree(path), path.write_text("no folder", encoding="utf-8")),
    lambda path: (shutil.rmtree(path), path.symlink_to("nowhere")),
)
FIRST_PAGE = Asked(search="", sort="created", descending=True, page=0, filters={}, chosen=[])


def measure(size: int) -> dict[str, float]:
    logging.disable(logging.WARNING)  # which names each damaged run
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "runs"
        _write_runs(root, size)
        time.sleep(SETTLED_NS / 1e9 + 0.5)  # what was written just now is not taken into the index
        first, second = Playground(root), Playground(root)
        return {
            "seconds_of_first_list_ever": seconds(first.list_runs),
            "seconds_of_list_of_a_new_process": seconds(second.list_runs),
            "seconds_of_list_again": median_seconds(first.list_runs),
            "seconds_of_search": median_seconds(lambda: first.list_runs("run 77 lora")),
            "seconds_of_page": median_seconds(lambda: rows_of(second, FIRST_PAGE, "en")),
        }


def _write_runs(root: Path, count: int) -> None:
    chance, events = random.Random(13), "".join(map(step_line, range(1, 61)))
    settings = RunConfig.from_values({"name": "NAME", "data": {"dataset": "notes-to-json"}, "seed": 4321}).to_yaml()
    for number in range(count):
        path = root / f"2026{1 + number % 12:02}01-{number:06}-{number:06x}"
        (path / "adapter").mkdir(parents=True)
        text = settings.replace("NAME", f"run {number}").replace("4321", str(number))
        (path / "config.yaml").write_text(text, encoding="utf-8")
        (path / "events.jsonl").write_text(events, encoding="utf-8")
        (path / "adapter" / "adapter_model.safetensors").touch()
        ended = {"status": "finished", "steps": 60, "eval_loss_base": 2.0, "eval_loss": chance.random(), "seconds": 9.0}
        (path / "summary.json").write_text(json.dumps(ended, indent=2), encoding="utf-8")
    for folder, damage in zip(list(RunStore(root)), DAMAGES[: count // 10], strict=False):
        damage(folder.path)

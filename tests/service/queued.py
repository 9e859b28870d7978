"""Runs that are put into the queue, and how they ended."""

from __future__ import annotations

from playground.config import RunConfig
from playground.runs.folder import RunFolder
from playground.service import Playground

RACE = {"data": {"dataset": "notes-to-json"}, "race": {"entrants": ["lora", "prefix_tuning"]}}
CONFIG = RunConfig.from_values({"data": {"dataset": "notes-to-json"}})


def create(playground: Playground, name: str = "run") -> RunFolder:
    return playground.store.create(CONFIG.model_copy(update={"name": name}), {})


def submit(playground: Playground, name: str = "run") -> RunFolder:
    folder = create(playground, name)
    playground.worker.submit(folder)
    return folder


def status(playground: Playground, folder: RunFolder) -> str:
    return playground.run_info(folder.run_id).status


def ended(playground: Playground, *folders: RunFolder) -> list[str]:
    for folder in folders:
        assert playground.worker.wait(folder.run_id, timeout=20)
    return [status(playground, folder) for folder in folders]

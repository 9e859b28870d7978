"""The adapter as it was trained, in PEFT's own layout, with its base where that is small."""

from __future__ import annotations

import shutil
from pathlib import Path

from playground.config import RunConfig
from playground.export.kinds import Written
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.texts import Text


def refusal(_config: RunConfig) -> Text | None:
    return None


def write(taken: Taken, folder: Path) -> Steps[Written]:
    yield Step("writing")
    copy_adapter(taken, folder)
    return Written()


def copy_adapter(taken: Taken, folder: Path) -> None:
    """The files of the adapter, and the base where it travels with it."""
    for path in sorted(taken.folder.adapter.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            shutil.copyfile(path, folder / path.name)
    taken.name_base(folder)
    taken.copy_base(folder)

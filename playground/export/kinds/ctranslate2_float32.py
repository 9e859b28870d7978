"""As `ctranslate2`, the weights as they were trained."""

from __future__ import annotations

from pathlib import Path

from playground.export.kinds import Written
from playground.export.kinds.ctranslate2 import refusal, write_as
from playground.export.steps import Steps
from playground.export.taken import Taken

__all__ = ["refusal", "write"]


def write(taken: Taken, folder: Path) -> Steps[Written]:
    return write_as(taken, folder, "float32")

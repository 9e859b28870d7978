"""Which lesson a run or a race was started from and what was guessed: a small file in its folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from playground.config import Settings
from playground.files import write_atomically

FILE = "lesson.json"


class Taken(Settings):
    """`guess` is the number of a choice, from 0; None for who did not guess."""

    lesson: str = Field(max_length=120)
    guess: int | None = Field(default=None, ge=0, le=3)


def remember(folder: Path, taken: Taken) -> None:
    write_atomically(folder / FILE, taken.model_dump_json() + "\n")


def recall(folder: Path) -> Taken | None:
    """None for what was started from no lesson, and where the file cannot be read."""
    try:
        return Taken.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None

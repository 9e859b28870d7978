"""What is being done while a run is taken away: said as it begins, and counted where somebody waits long."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, TypeVar

Stage = Literal[
    "measuring", "writing", "asking", "merging", "comparing", "converting", "running", "executing", "packing", "sending"
]
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """`done` of `of` parts of a stage are done; `of` is 0 where they are not counted."""

    stage: Stage
    done: int = 0
    of: int = 0


Steps = Generator[Step, None, T]  # and what comes out in the end

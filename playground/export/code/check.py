"""A program executed before it is called done: its answers and its first loss are the page's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playground.errors import RunError
from playground.export.code.page import PageSays
from playground.export.own_process import RUNNERS, run_alone
from playground.export.steps import Step, Steps
from playground.texts import Text

LOSS = re.compile(r"^step 1  loss ([-\d.naif]+)$", re.MULTILINE)
STEPS = 2  # of the training
# Relative: in bfloat16 the page computes attention and the head in another order, which rounds otherwise.
TOLERANCE = {"float32": 1e-3}
OTHER_TOLERANCE = 0.05

OTHER_ANSWERS = Text(
    "Run elsewhere, the program prints {equal} of the page's {of} answers. Nothing was kept. Please report it with the"
    " run's settings.",
    "Executado à parte, o programa imprime {equal} das {of} respostas da página. Nada foi guardado. Por favor relate"
    " isso com as configurações da execução.",
)
OTHER_LOSS = Text(
    "Run elsewhere, the program's first loss is {found:.4f} and the run's was {expected:.4f}. Nothing was kept. Please"
    " report it with the run's settings.",
    "Executado à parte, a primeira perda do programa é {found:.4f} e a da execução foi {expected:.4f}. Nada foi"
    " guardado. Por favor relate isso com as configurações da execução.",
)


def check_program(
    folder: Path,
    page: PageSays,
    should_stop: Callable[[], bool] = lambda: False,
    variables: Mapping[str, str] | None = None,
) -> Steps[dict[str, Any]]:
    """Run answer.py, and STEPS of train.py; returns what the proof says of it. `variables` tell them of their base.

    Raises RunError, ExecutionError and ExecutionStopped.
    """
    told: dict[str, Any] = {"should_stop": should_stop, "variables": variables}
    yield Step("running", 0, 2)
    answers = answers_in(_printed(folder / "answer.py", **told))
    yield Step("running", 1, 2)
    printed = _printed(folder / "train.py", str(STEPS), **told)
    return compared(page, answers, printed)


def compared(page: PageSays, answers: Sequence[str], trained: str) -> dict[str, Any]:
    """Raises RunError where they are not the page's."""
    equal = sum(found == known for found, known in zip(answers, page.answers, strict=False))
    if list(answers) != page.answers:
        raise RunError(OTHER_ANSWERS, equal=equal, of=len(page.answers))
    losses = LOSS.findall(trained)
    found = float(losses[0]) if losses else float("nan")
    expected, tolerance = page.first_loss, TOLERANCE.get(page.dtype, OTHER_TOLERANCE)
    if expected is not None and not abs(found - expected) <= tolerance * max(abs(expected), 1.0):
        raise RunError(OTHER_LOSS, found=found, expected=expected)
    together = sum(one == many for one, many in zip(page.answers, page.together, strict=True))
    return {
        "dtype": page.dtype,
        "answers": len(page.answers),
        "equal_to_answers_together": together,
        "first_loss": {"run": expected, "program": found, "tolerance": tolerance},
    }


def answers_in(printed: str) -> list[str]:
    return [json.loads(line)["answer"] for line in printed.splitlines()]


def _printed(
    program: Path, *arguments: str, should_stop: Callable[[], bool], variables: Mapping[str, str] | None
) -> str:
    given = (str(program.absolute()), *arguments)
    line = run_alone(RUNNERS / "program.py", *given, should_stop=should_stop, variables=variables)
    return str(json.loads(line)["printed"])

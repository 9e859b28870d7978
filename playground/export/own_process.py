"""An export executed in a process of its own, which sees its files and public packages, and nothing of this app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from playground.errors import PlaygroundError, without_folders
from playground.texts import Text

RUNNERS = Path(__file__).parent / "elsewhere"
SECONDS = 1800.0
BETWEEN_LOOKS = 0.1
# Of the surroundings only what programs cannot do without: no token, no setting of ours.
KEPT_VARIABLES = (
    "PATH", "HOME", "LANG", "TMPDIR", "TEMP", "SYSTEMROOT", "USERPROFILE", "HF_HOME", "LD_LIBRARY_PATH",
    "OMP_NUM_THREADS",
)  # fmt: skip
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


class ExecutionError(PlaygroundError):
    """A process of its own ended without an answer."""


class ExecutionStopped(Exception):  # noqa: N818 - nothing went wrong
    """A stop was asked."""


FAILED = Text(
    "In a process of its own it does not run ({reason}).", "Em um processo à parte ela não funciona ({reason})."
)


@dataclass(frozen=True)
class Said:
    """What a runner printed: an entry a prompt. An engine that tells no logits leaves them out."""

    answers: list[str]
    input_ids: list[list[int]]
    logits: list[list[list[float]]] | None = None


def execute(runner: str, folder: Path, *more: str, should_stop: Callable[[], bool] = lambda: False) -> Said:
    """Run a program of `elsewhere/` on an export. Raises ExecutionError or ExecutionStopped."""
    line = run_alone(RUNNERS / f"{runner}.py", str(folder.absolute()), *more, should_stop=should_stop)
    try:
        return TypeAdapter(Said).validate_json(line)
    except ValidationError as error:
        raise ExecutionError(FAILED, reason="no answers were printed") from error


def run_alone(program: Path, *arguments: str, should_stop: Callable[[], bool] = lambda: False) -> str:
    """The last line that a Python program prints, run in an empty folder. Raises as `execute`."""
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-I", str(program), *arguments],
            cwd=empty, env=surroundings(), stdin=subprocess.DEVNULL, stdout=out, stderr=told,
        )  # fmt: skip
        try:
            _wait(process, should_stop)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        lines = out.read().decode("utf-8", errors="replace").strip().splitlines()
        if process.returncode == 0 and lines:
            return lines[-1]
        told.seek(0)
        raise ExecutionError(FAILED, reason=_last_line(told.read().decode("utf-8", errors="replace")))


def surroundings() -> dict[str, str]:
    """The variables that such a process sees."""
    return {**{name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}, **OFFLINE}


def _wait(process: subprocess.Popen[bytes], should_stop: Callable[[], bool]) -> None:
    started = time.monotonic()
    while process.poll() is None:
        if should_stop():
            raise ExecutionStopped
        if time.monotonic() - started > SECONDS:
            raise ExecutionError(FAILED, reason=f"it took longer than {SECONDS:.0f} s")
        time.sleep(BETWEEN_LOOKS)


def _last_line(text: str) -> str:
    """Of a traceback, what went wrong; without folders of this machine."""
    lines = text.strip().splitlines()
    return without_folders(json.dumps(lines[-1][:300], ensure_ascii=False)[1:-1]) if lines else "nothing was printed"

"""An export executed in a process of its own, which sees its files and public packages, and nothing of this app."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
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


def execute(
    runner: str,
    folder: Path,
    *more: str,
    should_stop: Callable[[], bool] = lambda: False,
    most_memory: int | None = None,
) -> Said:
    """Run a program of `elsewhere/` on an export. Raises ExecutionError (also past `most_memory`), ExecutionStopped."""
    program, arguments = RUNNERS / f"{runner}.py", (str(folder.absolute()), *more)
    line = run_alone(program, *arguments, should_stop=should_stop, most_memory=most_memory)
    try:
        return TypeAdapter(Said).validate_json(line)
    except ValidationError as error:
        raise ExecutionError(FAILED, reason="no answers were printed") from error


def run_alone(
    program: Path,
    *arguments: str,
    should_stop: Callable[[], bool] = lambda: False,
    variables: Mapping[str, str] | None = None,
    most_memory: int | None = None,
) -> str:
    """The last line that a Python program prints, run in an empty folder. Raises as `execute`."""
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-I", str(program), *arguments],
            cwd=empty, env=surroundings(variables), stdin=subprocess.DEVNULL, stdout=out, stderr=told,
        )  # fmt: skip
        try:
            _wait(process, should_stop, most_memory)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        lines = out.read().decode("utf-8", errors="replace").strip().splitlines()
        if process.returncode == 0 and lines:
            return lines[-1]
        told.seek(0)
        raise ExecutionError(FAILED, reason=_last_line(told.read().decode("utf-8", errors="replace")))


def surroundings(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that such a process sees; `variables` are those meant for it."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**kept, **OFFLINE, **(variables or {})}


def _wait(process: subprocess.Popen[bytes], should_stop: Callable[[], bool], most_memory: int | None) -> None:
    started = time.monotonic()
    while process.poll() is None:
        if should_stop():
            raise ExecutionStopped
        if most_memory is not None and _memory(process) > most_memory:
            raise ExecutionError(FAILED, reason=f"it took more than {most_memory / 2**30:.0f} GiB of memory")
        if time.monotonic() - started > SECONDS:
            raise ExecutionError(FAILED, reason=f"it took longer than {SECONDS:.0f} s")
        time.sleep(BETWEEN_LOOKS)


def _memory(process: subprocess.Popen[bytes]) -> int:
    with contextlib.suppress(psutil.Error):  # it has ended meanwhile
        return int(psutil.Process(process.pid).memory_info().rss)
    return 0


def _last_line(text: str) -> str:
    """Of a traceback, what went wrong; without folders of this machine."""
    lines = text.strip().splitlines()
    return without_folders(json.dumps(lines[-1][:300], ensure_ascii=False)[1:-1]) if lines else "nothing was printed"

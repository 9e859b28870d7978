"""The running download of a model: its progress, its end at any moment, and what it must not leave behind."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from playground.model.sources import fetch

LOOK_SECONDS = 0.25
START_SECONDS = 20.0  # for Python itself on a busy machine; the Hub's own time starts later


@dataclass(frozen=True)
class Came:
    """`done` bytes of this download so far; `silent` is for how many seconds nothing has come."""

    done: int
    silent: float


class DownloadError(Exception):
    """`values` are those of `fetch.failure_of`; a time limit has the kind `silent`."""

    def __init__(self, **values: Any) -> None:
        super().__init__(str(values))
        self.values = values


def download(hub_id: str, revision: str, files: Sequence[str], answer_within: float, patience: float) -> Iterator[Came]:
    """Fetch files of one revision into the Hub's cache, telling at least four times a second how far it is.

    The Hub has `answer_within` seconds to send the first byte, later `patience` seconds for the next one. Closing
    the iterator ends the download at once. Files that came whole are kept, the others are fetched anew the next
    time. Raises DownloadError.
    """
    sweep_half_files(hub_id)
    command = [sys.executable, "-P", fetch.__file__, hub_id, revision, *files]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()
    try:
        with subprocess.Popen(command, **pipes) as program:
            threading.Thread(target=_read, args=(program.stdout, told), name="download", daemon=True).start()
            try:
                yield from _watch(told, answer_within, patience)
            finally:
                program.kill()
    finally:
        sweep_half_files(hub_id)


def _watch(told: queue.SimpleQueue[Any], answer_within: float, patience: float) -> Iterator[Came]:
    done, limit, last = 0, START_SECONDS, time.monotonic()
    while True:
        try:
            news = told.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            silent = time.monotonic() - last
            if silent > limit:
                raise DownloadError(kind="silent", done=done) from None
            yield Came(done, silent)
            continue
        last = time.monotonic()
        if news is True:
            limit = answer_within
        elif isinstance(news, int):
            done, limit = max(done, news), patience
            yield Came(done, 0.0)
        elif isinstance(news, str):
            return
        else:
            raise DownloadError(**(news or {"kind": "other", "reason": "the download ended early"}), done=done)


def _read(lines: IO[bytes], told: queue.SimpleQueue[Any]) -> None:
    for line in lines:
        with contextlib.suppress(ValueError):  # what a library prints
            told.put(json.loads(line))
    told.put(None)


def sweep_half_files(hub_id: str) -> None:
    """Remove what downloads that were ended or killed had begun to write; a file that somebody is writing stays."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    cache, name = Path(constants.HF_HUB_CACHE), repo_folder_name(repo_id=hub_id, repo_type="model")
    for path in (cache / name / "blobs").glob("*.incomplete"):
        lock = cache / ".locks" / name / f"{path.name.partition('.')[0]}.lock"
        with contextlib.suppress(Timeout, OSError):
            lock.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(lock, timeout=0):
                path.unlink(missing_ok=True)

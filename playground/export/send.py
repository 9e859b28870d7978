"""A run sent to the Hub: taken away into a place of its own, executed there, and only then sent."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from playground.export.papers.hub import Token, check_repo_id, push
from playground.export.take import Exported, Stage, export
from playground.runs.folder import RunFolder

KIND = "hub"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """`path` is the repository's address; `files` came back from there with these SHA-256: hence `verified`."""

    path: str
    kind: str
    verified: bool
    bytes: int
    seconds: float
    commit: str
    is_private: bool
    files: dict[str, str]


def send(
    folder: RunFolder, repo_id: str, token: Token, *, private: bool = True, should_stop: Callable[[], bool]
) -> Generator[Stage | Sent, None, None]:
    """What is being done, and last what lies on the Hub. Raises as `export` does, and RunError as `push` does."""
    name, started = check_repo_id(repo_id), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        for found in export(folder, KIND, Path(place), should_stop):
            if isinstance(found, Exported):
                written = found
            else:
                yield found
        yield "sending"
        pushed = push(written.path, name, token, private=private)
    yield Sent(
        path=pushed.url,
        kind=KIND,
        verified=True,
        bytes=written.bytes,
        seconds=time.monotonic() - started,
        commit=pushed.commit,
        is_private=pushed.is_private,
        files=pushed.files,
    )

"""An export sent to the Hub: it was executed in a process of its own before, and is compared with what comes back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playground.export.papers.hub import Token, push
from playground.export.take import Exported

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


def send(written: Exported, repo_id: str, token: Token, *, private: bool = True) -> Sent:
    """What lies on the Hub then. Raises RunError as `push` does."""
    started = time.monotonic()
    pushed = push(written.path, repo_id, token, private=private)
    return Sent(
        path=pushed.url,
        kind=KIND,
        verified=True,
        bytes=written.bytes,
        seconds=written.seconds + time.monotonic() - started,
        commit=pushed.commit,
        is_private=pushed.is_private,
        files=pushed.files,
    )

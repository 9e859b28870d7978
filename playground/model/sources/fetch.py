"""A download from the Hub as a program of its own: whatever the network does, it can be ended at once.

Run by its path with the id, the revision and the files as arguments. Writes a JSON value a line: true once it begins,
the count of bytes so far (with each block that came), and last the folder or, as an object, why there is none. Ends
when its input ends: a download does not outlive who wanted it.
"""

from __future__ import annotations

import contextlib
import glob
import io
import json
import os
import sys
import threading
from typing import Any

BLOCK_BYTES = 2**16  # the client's own ten million take minutes on a slow line, which would pass for a silent one
FILES_AT_ONCE = 2


def failure_of(error: BaseException) -> dict[str, Any]:
    """What went wrong as values: `kind` is gated, missing, status, silent, disk or other."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever client it brings

    known: dict[str, Any] = {"kind": "other", "reason": type(error).__name__}
    if isinstance(error, GatedRepoError):
        return known | {"kind": "gated"}
    if isinstance(error, RepositoryNotFoundError | RevisionNotFoundError | HFValidationError):
        return known | {"kind": "missing"}
    if isinstance(error, HfHubHTTPError):
        wait = error.response.headers.get("Retry-After", "")
        return known | {"kind": "status", "status": error.response.status_code, "wait": wait}
    cause = error.__cause__ or error.__context__
    if cause is not None and isinstance(cause, HfHubHTTPError | httpx.HTTPError):
        return failure_of(cause)
    if isinstance(error, ConnectionError | TimeoutError | httpx.HTTPError):
        return known | {"kind": "silent"}
    if isinstance(error, OSError) and error.errno is not None:
        return known | {"kind": "disk", "errno": error.errno}
    return known


def download(hub_id: str, revision: str, files: list[str]) -> None:
    from huggingface_hub import constants, snapshot_download
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        """Tells how many bytes have come instead of drawing them."""

        def __init__(self, *args: Any, **options: Any) -> None:
            self.counts_bytes = options.get("unit") == "B"
            super().__init__(*args, **options | {"file": io.StringIO()})

        def update(self, n: float | None = 1) -> bool | None:
            shown = super().update(n)
            if self.counts_bytes:
                tell(int(self.n))
            return shown

    constants.DOWNLOAD_CHUNK_SIZE = BLOCK_BYTES
    tell(True)
    try:
        patterns = [glob.escape(name) for name in files]
        folder = snapshot_download(
            hub_id, revision=revision, allow_patterns=patterns, max_workers=FILES_AT_ONCE, tqdm_class=Bar
        )
    except Exception as error:  # noqa: BLE001 - told to whoever started this program
        tell(failure_of(error))
    else:
        tell(folder)


def tell(value: object) -> None:
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(value).encode() + b"\n")


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    download(sys.argv[1], sys.argv[2], sys.argv[3:])
    os._exit(0)

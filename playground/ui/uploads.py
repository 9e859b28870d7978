"""Files that visitors send: checked, and kept beside the runs that will need them again."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path, PurePath

from playground.catalog.datasets import SUFFIXES
from playground.errors import DataError
from playground.ui.strings import STRINGS

MAX_UPLOAD_MB = 50


def keep_upload(sent: Path, runs_dir: Path) -> str:
    """Copy a visitor's file to `runs_dir`/uploads; returns the name that a run's settings use for it.

    The copy is named after its content, so that a run can be repeated after the page's own cache is
    cleared, and sending a file twice keeps it once. Raises DataError.
    """
    name = sent.name[-80:]
    if sent.suffix.lower() not in SUFFIXES:
        raise DataError(STRINGS["upload_wrong_type"], name=name, suffixes=", ".join(SUFFIXES))
    size = sent.stat().st_size / 1e6
    if size > MAX_UPLOAD_MB:
        raise DataError(STRINGS["upload_too_large"], name=name, size=f"{size:.0f}", limit=MAX_UPLOAD_MB)
    with sent.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", sent.stem).strip("-.")[:60] or "file"
    kept = runs_dir / "uploads" / f"{digest}-{stem}{sent.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        shutil.copyfile(sent, kept)
    return str(kept)


def shown_name(kept: str) -> str:
    """The visitor's own name for a file that `keep_upload` kept."""
    return PurePath(kept).name.partition("-")[2]

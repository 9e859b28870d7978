"""Files that visitors send: checked, and kept beside the runs that will need them again."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePath

from playground.catalog.datasets import SUFFIXES
from playground.errors import DataError
from playground.ui.strings import STRINGS

MAX_UPLOAD_MB = 50


def keep_uploads(sent: Sequence[Path], runs_dir: Path) -> str:
    """Keep what a visitor sent: a data file, or two aligned text files, which become one table. Raises DataError."""
    if len(sent) == 1:
        return keep_upload(sent[0], runs_dir)
    if len(sent) != 2 or any(path.suffix.lower() in SUFFIXES for path in sent):
        names = ", ".join(path.name[-80:] for path in sent[:5])
        raise DataError(STRINGS["upload_not_a_pair"], count=len(sent), names=names)
    from playground.data.example import NOT_TOLD
    from playground.data.moses import read_moses

    for path in sent:
        _check_size(path)
    table = read_moses(sent[0], sent[1], None, NOT_TOLD)
    with tempfile.TemporaryDirectory() as folder:
        joined = Path(folder) / f"{sent[0].stem}.{'-'.join(table.columns)}.tsv"
        with joined.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.columns, delimiter="\t", restval="")
            writer.writeheader()
            writer.writerows(table.rows)
        return keep_upload(joined, runs_dir)


def keep_upload(sent: Path, runs_dir: Path) -> str:
    """Copy a visitor's file to `runs_dir`/uploads; returns the name that a run's settings use for it.

    The copy is named after its content, so that a run can be repeated after the page's own cache is
    cleared, and sending a file twice keeps it once. Raises DataError.
    """
    name = sent.name[-80:]
    if sent.suffix.lower() not in SUFFIXES:
        raise DataError(STRINGS["upload_wrong_type"], name=name, suffixes=", ".join(SUFFIXES))
    _check_size(sent)
    with sent.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:12]
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", sent.stem).strip("-.")[:60] or "file"
    kept = runs_dir / "uploads" / f"{digest}-{stem}{sent.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        shutil.copyfile(sent, kept)
    return str(kept)


def _check_size(sent: Path) -> None:
    size = sent.stat().st_size / 1e6
    if size > MAX_UPLOAD_MB:
        raise DataError(STRINGS["upload_too_large"], name=sent.name[-80:], size=f"{size:.0f}", limit=MAX_UPLOAD_MB)


def shown_name(kept: str) -> str:
    """The visitor's own name for a file that `keep_upload` kept."""
    return PurePath(kept).name.partition("-")[2]

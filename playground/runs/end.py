"""How a run ended that its training did not end: stopped or refused before it began, or broken off by a surprise."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from playground.errors import PlaygroundError
from playground.runs.folder import RunFolder
from playground.runs.progress import progress_so_far
from playground.texts import Text
from playground.train.events import Ending, finished, to_values

log = logging.getLogger(__name__)
UNEXPECTED = Text(
    "Something unexpected happened ({reason}). The log of the app has the details.",
    "Algo inesperado aconteceu ({reason}). O registro do aplicativo tem os detalhes.",
)


def end_run(folder: RunFolder, status: Ending, reason: PlaygroundError | None = None) -> None:
    """Write summary and last event; what an earlier part of the run measured is kept. Raises OSError on a full disk."""
    known = _known(folder)
    error, error_pt = (reason.to("en"), reason.to("pt")) if reason else ("", "")
    folder.finish({"run_id": folder.run_id, **known, "status": status, "error": error, "error_pt": error_pt})
    (folder.path / "waiting").unlink(missing_ok=True)
    folder.keep_events(lambda event: event.get("event") != "RunFinished")
    folder.append(to_values(finished(status, known, error, error_pt)))


def end_unexpectedly(folder: RunFolder, error: BaseException) -> None:
    """Record a failure that the training could not record itself; never raises: the log has what no file would take."""
    log.error("run %s ended unexpectedly", folder.run_id, exc_info=error)
    try:
        details = "".join(traceback.format_exception(error))
        (folder.path / "error.txt").write_text(details, encoding="utf-8", errors="backslashreplace")
        if not (folder.path / "summary.json").exists():
            cause = f"{type(error).__name__}: {str(error)[:200]}"
            end_run(folder, "failed", PlaygroundError(UNEXPECTED, reason=_writable(cause)))
    except Exception:  # a full disk, a folder that is gone
        log.exception("the end of run %s could not be written", folder.run_id)


def _known(folder: RunFolder) -> dict[str, Any]:
    """The numbers of the run so far; none where its files are damaged, which must not keep it from ending."""
    try:
        return folder.summary() or progress_so_far(folder.read_since(0)[0])
    except (ValueError, KeyError, TypeError, OSError):
        return {}


def _writable(text: str) -> str:
    """Half of a surrogate pair, which a JSON file may hold, as its number: no file takes it as it is."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

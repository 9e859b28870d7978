"""The runs that are ticked in the table, as the page sends them: by whoever, and whatever."""

from __future__ import annotations

from typing import Any

from playground.errors import RunError, quoted
from playground.runs.folder import UNKNOWN_RUN
from playground.ui.runs.texts import STRINGS

MAX_CHOSEN = 500


def chosen_ids(chosen: Any) -> list[str]:
    """Each id once. Raises RunError for what no table sends, and for more than the page could show."""
    ids = [chosen] if isinstance(chosen, str) and chosen else chosen or []
    if not isinstance(ids, list) or not all(isinstance(run_id, str) for run_id in ids):
        raise RunError(UNKNOWN_RUN, run_id=quoted(chosen))
    if len(ids) > MAX_CHOSEN:
        raise RunError(STRINGS["runs_too_many"], count=len(ids), limit=MAX_CHOSEN)
    return list(dict.fromkeys(ids))


def only(chosen: Any) -> str:
    """The one chosen run. Raises RunError when it is not exactly one."""
    ids = chosen_ids(chosen)
    if len(ids) != 1:
        raise RunError(STRINGS["runs_choose_one"], count=len(ids))
    return ids[0]

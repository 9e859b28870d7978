"""Whether pre-flight lets a run start, asked for without making the click wait."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, wait

from playground.config import RunConfig
from playground.errors import PlaygroundError, RunError
from playground.model.libraries import load_libraries
from playground.texts import Text

log = logging.getLogger(__name__)
NOT_READY = Text(
    "The run cannot end well as it is set up. {reasons}", "A execução não pode terminar bem como está. {reasons}"
)

SECONDS_TO_WAIT = 10.0  # for the runs of all visitors, one of which may have a large file
_asked: set[Future[Text | None]] = set()  # by runs that do not know yet


def let_runs_pass() -> None:
    """Wait a while until every run that was started knows whether it may begin: an edited form can wait for that."""
    wait(list(_asked), SECONDS_TO_WAIT)


class Readiness:
    """Pre-flight's answer for one run, worked out in a thread of its own: whoever asks waits as long as they like."""

    def __init__(self, config: RunConfig) -> None:
        self._answer: Future[Text | None] = Future()
        _asked.add(self._answer)
        self._answer.add_done_callback(_asked.discard)
        threading.Thread(target=self._ask, args=(config,), name="pre-flight", daemon=True).start()

    def refusal(self, timeout: float) -> PlaygroundError | None:
        """Why the run may not start; None when it may. Raises TimeoutError after so many seconds without an answer."""
        reasons = self._answer.result(timeout)
        return RunError(NOT_READY, reasons=reasons) if reasons else None

    def _ask(self, config: RunConfig) -> None:
        try:
            load_libraries()
            from playground.preflight.report import reasons_against

            self._answer.set_result(reasons_against(config))
        except Exception:  # what pre-flight cannot tell, the run itself will
            log.exception("pre-flight could not be asked; the run begins")
            self._answer.set_result(None)

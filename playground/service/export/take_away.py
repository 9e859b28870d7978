"""Runs taken away with their proof, and exports executed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.runs.folder import RunFolder
from playground.service.data import DataCalls
from playground.service.inside.knobs import SECONDS_BETWEEN_TRIES
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.export.code.program import Program
    from playground.export.papers.hub import Token
    from playground.export.send import Sent
    from playground.export.steps import Step
    from playground.export.take import Exported
    from playground.export.verify import Verified

VISITORS_BYTES = 500 * 10**6  # unpacked, of what a visitor sends to be verified


def _never() -> bool:
    return False


class TakeAwayCalls(DataCalls):
    """What can be taken away of a run, and whether something taken away is still what it was."""

    def export_refusals(self, run_id: str) -> dict[str, Text | None]:
        """Each kind, with why the run cannot be taken away so, or None. Raises RunError for somebody else's run."""
        folder = self._my_run(run_id)
        load_libraries()
        from playground.export.kinds import KINDS

        return {name: kind.writer.refusal(folder.config) for name, kind in KINDS.items()}

    def program_of(self, values: Any) -> Program:
        """The programs of plain transformers and PEFT of a run that is not there yet; loads no weights.

        Raises PlaygroundError for settings that are wrong, and for a run that no such program can repeat.
        """
        config = self.check(values)
        load_libraries()
        from playground.export.code.program import program_of

        return program_of(config)

    def take_away(
        self,
        run_id: str,
        kind: str,
        to: Path,
        should_stop: Callable[[], bool] = _never,
        *,
        as_file: bool = False,
        language: Language = "en",
    ) -> Iterator[Step | Exported | BusyError]:
        """What is being done, last what was written into `to`; nothing more after a stop.

        A BusyError says for whom it waits. `as_file`: a zip in any case. `language`: of who reads a report.

        Raises RunError for somebody else's run, one that has not ended or has no adapter, a kind that does not fit, a
        place that is taken and a full disk; ModelError and DataError as the run's base and data do.
        """
        folder = self.check_export(run_id, kind)
        load_libraries()
        from playground.export.take import export

        while not should_stop():
            try:
                with self._model(in_turns=True):
                    yield from export(folder, kind, to, should_stop, as_file=as_file, language=language)
                return
            except BusyError as busy:
                yield busy
            time.sleep(SECONDS_BETWEEN_TRIES)

    def send_to_hub(
        self,
        run_id: str,
        repo_id: str,
        typed_token: str = "",
        *,
        private: bool = True,
        should_stop: Callable[[], bool] = _never,
    ) -> Iterator[Step | Sent | BusyError]:
        """As `take_away`, last what lies on the Hub. `typed_token` is empty for that of the machine.

        Raises RunError as `check_sending` does, too, before anything is measured.
        """
        name, token = self.check_sending(repo_id, typed_token)
        load_libraries()
        from playground.export.send import KIND, send
        from playground.export.steps import Step
        from playground.export.take import Exported

        with TemporaryDirectory() as place:
            for found in self.take_away(run_id, KIND, Path(place), should_stop):
                if not isinstance(found, Exported):
                    yield found
                elif not should_stop():
                    yield Step("sending")
                    yield send(found, name, token, private=private)

    def check_sending(self, repo_id: str, typed_token: str) -> tuple[str, Token]:
        """Name and token as the Hub takes them. Raises RunError, also for a visitor without a token of their own."""
        from playground.export.papers.hub import check_repo_id, token_of

        return check_repo_id(repo_id), token_of(typed_token, is_owner=self.visitor().is_owner)

    def check_export(self, run_id: str, kind: str) -> RunFolder:
        """The run, if it can be taken away as `kind`. Raises RunError."""
        folder = self._my_run(run_id)
        load_libraries()
        from playground.export.take import fitting_kind
        from playground.inside.opened import check_ended

        check_ended(folder)
        fitting_kind(kind, folder)
        return folder

    def verify(self, path: Path, base: Path | None = None, should_stop: Callable[[], bool] = _never) -> Verified | None:
        """An export executed again; None where it was stopped.

        Raises RunError for what is none, and where its base is not here.
        """
        load_libraries()
        from playground.export.archive import MAX_BYTES
        from playground.export.own_process import ExecutionStopped
        from playground.export.verify import verify

        owner = self.visitor().is_owner
        assert owner or base is None
        try:
            return verify(path, base, limit=MAX_BYTES if owner else VISITORS_BYTES, should_stop=should_stop)
        except ExecutionStopped:
            return None

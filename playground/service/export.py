"""Runs taken away with their proof, and exports executed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.service.access import Access
from playground.texts import Text

if TYPE_CHECKING:
    from playground.export.take import Exported, Stage
    from playground.export.verify import Verified

VISITORS_BYTES = 500 * 10**6  # unpacked, of what a visitor sends to be verified


def _never() -> bool:
    return False


class ExportCalls(Access):
    """What can be taken away of a run, and whether something taken away is still what it was."""

    def export_refusals(self, run_id: str) -> dict[str, Text | None]:
        """Each kind, with why the run cannot be taken away so, or None. Raises RunError for somebody else's run."""
        folder = self._my_run(run_id)
        load_libraries()
        from playground.export.kinds import KINDS

        return {name: kind.writer.refusal(folder.config) for name, kind in KINDS.items()}

    def take_away(
        self, run_id: str, kind: str, to: Path, should_stop: Callable[[], bool] = _never
    ) -> Iterator[Stage | Exported | BusyError]:
        """What is being done, last what was written into `to`. A BusyError says for whom it waits.

        Raises RunError for somebody else's run, one that has not ended or has no adapter, a kind that does not fit, a
        place that is taken and a full disk; ModelError and DataError as the run's base and data do.
        """
        folder = self._my_run(run_id)
        load_libraries()
        from playground.export.take import export
        from playground.inside.opened import check_ended

        check_ended(folder)
        with self._model(in_turns=True):
            yield from export(folder, kind, to, should_stop)

    def verify(self, path: Path, base: Path | None = None, should_stop: Callable[[], bool] = _never) -> Verified:
        """An export executed again. Raises RunError for what is none, and where its base is not here."""
        load_libraries()
        from playground.export.archive import MAX_BYTES
        from playground.export.verify import verify

        owner = self.visitor().is_owner
        assert owner or base is None
        return verify(path, base, limit=MAX_BYTES if owner else VISITORS_BYTES, should_stop=should_stop)

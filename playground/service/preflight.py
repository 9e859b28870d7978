"""Before a run: what it will cost, and which learning rate suits it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from playground.config import RunConfig
from playground.model.libraries import load_libraries
from playground.preflight.readiness import let_runs_pass
from playground.service.data import DataCalls

if TYPE_CHECKING:
    from playground.preflight.rate_finder import RangeTest
    from playground.preflight.report import Preflight
    from playground.preflight.timing import Timing


class PreflightCalls(DataCalls):
    """The calls of the room `preflight`."""

    def preflight(self, values: Any, exact: bool = False) -> Preflight:
        """What a run would cost and what is wrong with it; loads no weights. Raises ConfigError or ModelError.

        With `exact`, lengths are counted in the whole of a large file, which takes as long as reading it.
        """
        config = self.check(values)
        load_libraries()
        from playground.preflight.report import preflight

        let_runs_pass()
        return preflight(config, filter(self._is_mine, self.store), exact)

    def time_run(self, values: Any) -> Timing:
        """How long a run would take, from two of its steps on the real model. Raises BusyError while a run trains."""
        config = self.check(values)
        load_libraries()
        from playground.preflight.timing import time_run

        with self._model():
            return time_run(config)

    def find_learning_rate(
        self, config: RunConfig, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[RangeTest]:
        """A range test with a run's settings, point by point; no run is made. Raises BusyError while a run trains."""
        load_libraries()
        from playground.preflight.rate_finder import find_learning_rate

        with self._model():
            yield from find_learning_rate(config, should_stop)

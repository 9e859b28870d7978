"""What the knobs of an adapter do."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from playground.errors import BusyError
from playground.inside.knobs import Setting
from playground.model.libraries import load_libraries
from playground.runs.folder import RunFolder
from playground.service.access import Access
from playground.texts import Language

if TYPE_CHECKING:
    from playground.inside.effects import Measure
    from playground.inside.look import Look
    from playground.inside.recommend import Recommendation
    from playground.inside.sweep import Sweep

SECONDS_BETWEEN_TRIES = 0.5
Found = TypeVar("Found")
Given = TypeVar("Given")


def _never() -> bool:
    return False


class KnobCalls(Access):
    """The calls that turn an adapter's knobs. A BusyError that is yielded says for whom the call waits.

    All raise RunError for somebody else's run and for one that has not ended or has no adapter; those that need the
    model raise ModelError for a method that cannot be scaled.
    """

    def look_inside(self, run_id: str, setting: Setting) -> Look:
        """The effects of a setting, beside the base and strength 1.

        Raises BusyError while a run trains, and ConfigError for knobs that the adapter does not have.
        """
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.look import looking

        with self._opened(folder) as measure:
            *_, last = looking(measure, run_id, setting)
        return last

    def look_when_free(
        self, run_id: str, setting: Setting, should_stop: Callable[[], bool] = _never
    ) -> Iterator[Look | BusyError]:
        """As `look_inside`, once the model is free: more of it each time, beside what was measured before."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.look import looking
        from playground.inside.sweep import kept_sweep

        kept = kept_sweep(folder)
        yield from self._by_turns(
            partial(self._opened, folder), lambda measure: looking(measure, run_id, setting, kept), should_stop,
            gives_way=False,
        )  # fmt: skip

    def kept_sweep(self, run_id: str) -> Sweep | None:
        """What was measured of a run's knobs, whole or not. Loads no model."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.sweep import kept_sweep

        return kept_sweep(folder)

    def sweep(self, run_id: str, should_stop: Callable[[], bool] = _never) -> Generator[Sweep | BusyError, None, None]:
        """The sweep as it grows, kept in the run's folder; the model is free for others between its points."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.sweep import sweeping

        yield from self._by_turns(partial(self._opened, folder), partial(sweeping, folder), should_stop)

    def recommend(
        self, run_id: str, should_stop: Callable[[], bool] = _never
    ) -> Iterator[Sweep | float | Recommendation | BusyError]:
        """What of strength and rank was not measured yet, how much of the choice is done, last the recommendation."""
        folder = self._to_look_into(run_id)
        load_libraries()
        from playground.inside.recommend import Choice, is_ready
        from playground.inside.sweep import Sweep

        sweep = None
        with closing(self.sweep(run_id, should_stop)) as points:
            for found in points:
                yield found
                sweep = found if isinstance(found, Sweep) else sweep
                if sweep is not None and is_ready(sweep):
                    break
        if sweep is not None and is_ready(sweep):
            yield from self._by_turns(partial(self._opened, folder), Choice(sweep).going_on, should_stop)

    def keep_setting(self, run_id: str, setting: Setting, language: Language = "en") -> Iterator[str | BusyError]:
        """The id of a new run that holds the setting, once the model is free; it is the caller's, named in `language`.

        Raises ConfigError for knobs that the adapter does not have, and ModelError where no file can hold it exactly.
        """
        self.page.check()
        folder, owner = self._to_look_into(run_id), self.visitor().name
        load_libraries()
        from playground.inside.keep import keep

        def kept(measure: Measure) -> Generator[str, None, None]:
            yield keep(measure, folder, self.store, setting, owner, language).run_id

        yield from self._by_turns(partial(self._opened, folder), kept, _never)

    def _to_look_into(self, run_id: str) -> RunFolder:
        folder = self._my_run(run_id)
        load_libraries()
        from playground.inside.opened import check_ended

        check_ended(folder)
        return folder

    def _by_turns(
        self, opened: Callable[[], AbstractContextManager[Given]],
        work: Callable[[Given], Generator[Found, None, None]], should_stop: Callable[[], bool], *,
        gives_way: bool = True,
    ) -> Iterator[Found | BusyError]:  # fmt: skip
        """What `work` finds in what is `opened`, to its end.

        Where it `gives_way`, a model that is wanted is given up between two finds. Both are then begun anew, and `work`
        passes over what it knows already.
        """
        while not should_stop():
            try:
                with opened() as given, closing(work(given)) as parts:
                    for number, found in enumerate(parts):
                        yield found
                        if should_stop():
                            return
                        # At least one step a turn: the first find may have been known.
                        if gives_way and number and self.worker.is_wanted():
                            break
                    else:
                        return
            except BusyError as busy:
                yield busy
            time.sleep(SECONDS_BETWEEN_TRIES)  # whoever waits comes first

    @contextmanager
    def _opened(self, folder: RunFolder) -> Iterator[Measure]:
        load_libraries()
        from playground.inside.opened import opened

        with self._model(in_turns=True), opened(folder) as measure:
            yield measure

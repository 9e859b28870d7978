"""Races: started, stopped, read, deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from playground.errors import PlaygroundError
from playground.race.config import RaceConfig
from playground.race.folder import RaceFolder
from playground.runs.trackers import check_trackers
from playground.service.access import Access

if TYPE_CHECKING:
    from playground.race.results import RaceResults


log = logging.getLogger(__name__)
Told = TypeVar("Told")


class RaceCalls(Access):
    """The calls of the room `race`."""

    def start_race(self, values: Any) -> str:
        """A new race of a race file's values; returns its id at once. Raises ConfigError with every problem."""
        config = RaceConfig.from_values(values, self._named)
        check_trackers(config.monitoring)
        return self.races.start(config, self.visitor().name)

    def resume_race(self, race_id: str) -> None:
        self.races.resume(self._my_race(race_id).race_id)

    def stop_race(self, race_id: str) -> None:
        self.races.stop(self._my_race(race_id).race_id)

    def race_to_delete(self, race_id: str) -> RaceFolder:
        """Raises RunError for an unknown race, somebody else's, and one that is under way."""
        return self.races.deletable(self._my_race(race_id).race_id)

    def delete_race(self, race_id: str) -> None:
        """The race alone: its runs stay. Raises as `race_to_delete` does."""
        self.races.delete(self._my_race(race_id).race_id)

    def race_results(self, race_id: str) -> RaceResults:
        """How the race stands. Raises RunError for an unknown id."""
        from playground.race.results import results

        return results(self.races.store.open(race_id), self.index, self.queue.status)

    def list_races(self) -> list[RaceResults]:
        """Newest first; one whose files were damaged is left out."""
        return list(self._of_my_races(lambda race: self.race_results(race.race_id)))

    def race_names(self) -> dict[str, str]:
        """By id, newest first; one whose files were damaged is left out."""
        return dict(self._of_my_races(lambda race: (race.race_id, race.name)))

    def race_under_way(self) -> str | None:
        """The newest of the caller's races that some process runs."""
        return next((race.race_id for race in self.races.store if self._is_mine(race) and race.is_claimed()), None)

    def _of_my_races(self, tell: Callable[[RaceFolder], Told]) -> Iterator[Told]:
        for race in filter(self._is_mine, self.races.store):
            try:
                yield tell(race)
            except (PlaygroundError, ValueError, OSError) as error:
                log.warning("race %s cannot be read: %s", race.race_id, error)

"""A race under way: its runs one after another."""

from __future__ import annotations

from collections.abc import Callable

from playground.environment import describe_environment
from playground.errors import RunError
from playground.race.config import Entrant, RaceConfig
from playground.race.folder import RaceFolder
from playground.runs.claims import Claim
from playground.runs.folder import RunFolder, RunStore
from playground.texts import Text

NOTHING_LEFT = Text(
    "The race {name} is over: every run has finished. Start a new one for other settings.",
    "A corrida {name} terminou: todas as execuções foram concluídas. Inicie outra para outras configurações.",
)


def drive(
    race: RaceFolder,
    store: RunStore,
    train: Callable[[RunFolder, Entrant, int], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train every run of the race that has not finished, in the race's order; `race` was claimed.

    A run that was stopped or killed goes on from its checkpoint, one that failed is tried again, and
    one that fails now does not keep the others from starting.
    """
    config = race.config
    for entrant, seed in config.starts():
        if should_stop() or race.stop_asked():
            return
        folder = _unfinished_run(race, store, config, entrant, seed)
        if folder is not None:
            train(folder, entrant, seed)


def claim(race: RaceFolder, store: RunStore) -> Claim:
    """Take the race for this process. Raises RunError when it is under way or over, or cannot be written."""
    config = race.config
    if all(_is_finished(race, store, entrant, seed) for entrant, seed in config.starts()):
        raise RunError(NOTHING_LEFT, name=config.name)
    return race.claim_or_refuse()


def _is_finished(race: RaceFolder, store: RunStore, entrant: Entrant, seed: int) -> bool:
    folder = race.run(store, entrant, seed)
    summary = folder.summary() if folder else None
    return summary is not None and summary["status"] == "finished"


def _unfinished_run(
    race: RaceFolder, store: RunStore, config: RaceConfig, entrant: Entrant, seed: int
) -> RunFolder | None:
    """The folder in which to train; None when that is done, or being done by somebody who resumed the run."""
    folder = race.run(store, entrant, seed)
    if folder is None:
        folder = store.create(config.config_of(entrant, seed), describe_environment(), race.owner)
        race.remember(entrant, seed, folder.run_id)
    elif folder.is_claimed() or (folder.summary() or {}).get("status") == "finished":
        return None
    return folder

"""What a test leaves to a playground's threads ends with the test: a run still queued would train in the next one."""

from __future__ import annotations

from playground.service import Playground

SECONDS = 60.0


def end_all(playground: Playground) -> None:
    """Stop the races and runs of this process, and wait until none of them goes on."""
    races = list(playground.races.store)
    for race in races:
        race.ask_to_stop()
    for folder in reversed(playground.worker.folders()):  # those that wait first: none of them begins
        playground.worker.stop(folder)
    for race in races:
        assert playground.races.wait(race.race_id, SECONDS), f"the race {race.race_id} goes on after its test"
    for folder in playground.worker.folders():
        assert playground.worker.wait(folder.run_id, SECONDS), f"the run {folder.run_id} goes on after its test"

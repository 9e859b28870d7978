"""Entrants of a race that is over: seconds until its page is drawn, of a look at it, and of a list of ten such races.

Each entrant has three runs of 200 steps, evaluated every tenth. The page is the table and both charts, as a process
finds them that has read nothing yet; a look is what the page asks for every three seconds while a race goes on.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from curves.steps import lines_of_step
from curves.stopwatch import median_seconds, seconds

from playground.race.charts import overlay_figure, pareto_figure
from playground.race.config import RaceConfig
from playground.race.results import RaceResults
from playground.runs.entries import SETTLED_NS
from playground.service import Playground
from playground.ui.race.html import table_rows

SIZES = (2, 4, 8, 12)
SEEDS, STEPS, RACES = 3, 200, 10
RANKS = range(1, max(SIZES) + 1)


def measure(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        runs_dir = Path(folder) / "runs"
        race_id = [_write_race(Playground(runs_dir), size) for _ in range(RACES)][-1]
        time.sleep(SETTLED_NS / 1e9 + 0.5)  # what was written just now is not taken into the index
        _draw(Playground(runs_dir).race_results(race_id))  # plotly is loaded
        playground = Playground(runs_dir)
        return {
            "seconds_until_drawn": seconds(lambda: _draw(playground.race_results(race_id))),
            "seconds_of_a_look": median_seconds(lambda: playground.race_results(race_id)),
            "seconds_of_first_list_ever": seconds(playground.list_races),
            "seconds_of_list_of_a_new_process": seconds(Playground(runs_dir).list_races),
        }


def _draw(found: RaceResults) -> None:
    table_rows(found, "en")
    overlay_figure(found.entrants, "en", "step")
    pareto_figure(found.entrants, "eval_loss", "seconds", "en")


def _write_race(playground: Playground, size: int) -> str:
    entrants = [{"method": "lora", "params": {"r": rank}} for rank in RANKS[:size]]
    values = {"data": {"dataset": "notes-to-json"}, "training": {"max_steps": STEPS}}
    config = RaceConfig.from_values({**values, "race": {"entrants": entrants, "seeds": SEEDS}})
    race = playground.races.store.create(config)
    events = "".join(map(lines_of_step, range(1, STEPS + 1)))
    ended = {"status": "finished", "steps": STEPS, "best_step": STEPS, "eval_loss_base": 2.0, "eval_loss": 0.3}
    for entrant, seed in config.starts():
        run = playground.store.create(config.config_of(entrant, seed), {})
        race.remember(entrant, seed, run.run_id)
        (run.path / "events.jsonl").write_text(events, encoding="utf-8")
        (run.path / "summary.json").write_text(json.dumps(ended), encoding="utf-8")
    return race.race_id

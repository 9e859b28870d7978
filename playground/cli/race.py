"""`race` and `races`: several methods under equal conditions, one after another in the foreground."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from playground.cli.parts.options import DONE, FAILED, Add, positive, show_list
from playground.cli.parts.run_file import values_of, with_overrides
from playground.cli.parts.terminal import event_line, one_line, terminal_language, write_json, write_line, write_table
from playground.cli.train import check_inputs, stop_on_signal
from playground.errors import PlaygroundError
from playground.numbers import NOTHING, byte_size, decimal
from playground.race.config import Entrant, RaceConfig
from playground.race.drive import claim, drive
from playground.race.folder import RaceFolder
from playground.runs.folder import RunFolder
from playground.service import Playground
from playground.texts import Text
from playground.train.events import EvalLogged, Event, RunFinished, RunStarted, to_values

if TYPE_CHECKING:
    from playground.race.results import EntrantResult, RaceResults, Spread

RACE_HELP = Text(
    "let several methods race under equal conditions", "põe vários métodos para correr em condições iguais"
)
RACES_HELP = Text("list the races, newest first", "lista as corridas, da mais nova à mais antiga")
METHODS_HELP = Text(
    "the entrants, each as it was tuned: lora,prefix_tuning,…",
    "os participantes, cada um como foi calibrado: lora,prefix_tuning,…",
)
SEEDS_HELP = Text("repeat everything with this many seeds", "repete tudo com este número de sementes")
CONTINUE_HELP = Text("go on with a race, by its id, instead of FILE", "retoma uma corrida, pelo seu id, em vez de FILE")
FILE_OR_RACE = Text(
    "`race` needs either FILE or --continue RACE. `python -m playground races` lists the races.",
    "`race` precisa de FILE ou de --continue CORRIDA. `python -m playground races` lista as corridas.",
)
FROZEN = Text(
    "A race that goes on keeps its settings: leave out --methods, --seeds and --set, or start a new race.",
    "Uma corrida retomada mantém suas configurações: tire --methods, --seeds e --set, ou inicie outra corrida.",
)
SIZES = ("peak_memory_bytes", "adapter_bytes")
LEFT_OVER = Text(
    "The race is not over. Go on with: python -m playground race --continue {race_id}",
    "A corrida não terminou. Retome com: python -m playground race --continue {race_id}",
)


def add_commands(add: Add) -> None:
    racer = add(race, RACE_HELP, runs_dir=True)
    racer.add_settings(nargs="?")
    racer.add_argument("--methods", metavar="LIST", help=METHODS_HELP)
    racer.add_argument("--seeds", type=positive, metavar="N", help=SEEDS_HELP)
    racer.add_argument("--continue", dest="continued", metavar="RACE", help=CONTINUE_HELP)
    add(races, RACES_HELP, runs_dir=True)


def race(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    folder = _reopened(playground, options) if options.continued else _created(playground, options)
    with claim(folder, playground.store):
        _drive(playground, folder, as_json=options.json)
    found = playground.race_results(folder.race_id)
    if options.json:
        write_json({"event": "Race", **table(found)})
    else:
        _write_results(found)
    return FAILED if any(entrant.status == "failed" for entrant in found.entrants) else DONE


def _drive(playground: Playground, folder: RaceFolder, *, as_json: bool) -> None:
    if as_json:
        write_json({"event": "RaceCreated", "race_id": folder.race_id, "folder": str(folder.path)})
    else:
        write_line(f"race {folder.race_id}")
    with stop_on_signal() as stop:
        drive(
            folder,
            playground.store,
            lambda run, entrant, seed: _train(folder, run, entrant, seed, stop.is_set, as_json=as_json),
            stop.is_set,
        )


def races(options: argparse.Namespace) -> int:
    found = [table(results) for results in Playground(options.runs_dir).list_races()]
    header = ("race_id", "name", "status", "entrants")
    rows = [
        (
            item["race_id"],
            one_line(item["name"], 40),
            item["status"],
            ", ".join(row["name"] for row in item["entrants"]),
        )
        for item in found
    ]
    return show_list(options, found, header, rows)


def table(found: RaceResults) -> dict[str, Any]:
    """The race as JSON values: one row an entrant, means over its finished runs with their standard deviations."""
    return {
        "race_id": found.race_id,
        "name": found.config.name,
        "status": found.status,
        "seeds": list(found.config.seeds),
        "entrants": [_row(entrant) for entrant in found.entrants],
    }


def _row(entrant: EntrantResult) -> dict[str, Any]:
    from playground.race.results import MEASURES

    row: dict[str, Any] = {
        "name": entrant.name,
        "method": entrant.method,
        "run_ids": entrant.run_ids,
        "status": entrant.status,
    }
    for name in MEASURES:
        spread = entrant.measures.get(name)
        row |= {name: spread.mean if spread else None, f"{name}_std": spread.std if spread else None}
    errors = [run.error for run in entrant.runs if run.error]
    return {**row, "pareto": entrant.pareto, "pareto_costs": list(entrant.pareto_costs), "error": "; ".join(errors)}


# --- getting it going ---------------------------------------------------------------------------


def _created(playground: Playground, options: argparse.Namespace) -> RaceFolder:
    if not options.file:
        raise PlaygroundError(FILE_OR_RACE)
    values = with_overrides(values_of(options.file), options.set)
    if isinstance(values, dict):
        section = values.get("race")
        if options.methods is not None or options.seeds is not None or section is None:
            values["race"] = dict(section) if isinstance(section, dict) else {}
        if options.methods is not None:
            values["race"]["entrants"] = [name.strip() for name in options.methods.split(",") if name.strip()]
        if options.seeds is not None:
            values["race"]["seeds"] = options.seeds
    config = RaceConfig.from_values(values)
    entrant, seed = next(config.starts())
    check_inputs(config.config_of(entrant, seed))
    return playground.races.store.create(config)


def _reopened(playground: Playground, options: argparse.Namespace) -> RaceFolder:
    if options.file:
        raise PlaygroundError(FILE_OR_RACE)
    if options.methods is not None or options.seeds is not None or options.set:
        raise PlaygroundError(FROZEN)
    return playground.races.store.open(options.continued)


def _train(race: RaceFolder, run: RunFolder, entrant: Entrant, seed: int, stopped: Any, *, as_json: bool) -> None:
    from playground.runs import session

    output, language = sys.stdout, terminal_language()

    def show(event: Event) -> None:
        if as_json:
            write_json({**to_values(event), "run_id": run.run_id}, output)
        elif isinstance(event, RunStarted | EvalLogged | RunFinished):
            write_line(f"  {event_line(event, language)}", output)

    if as_json:
        write_json({"event": "RunCreated", "run_id": run.run_id, "entrant": entrant.name, "seed": seed}, output)
    else:
        write_line(f"{entrant.name}  seed {seed}  run {run.run_id}", output)
    # A library that prints must not break the stream of JSON lines.
    with run.claim_or_refuse(), contextlib.redirect_stdout(sys.stderr):
        run.begin()
        summary = session.run(run, lambda: stopped() or race.stop_asked(), show)
    if summary["status"] == "failed":
        write_line(one_line(summary["error"], 300), sys.stderr)


def _write_results(found: RaceResults) -> None:
    header = ("entrant", "status", "eval_loss", "trainable", "seconds", "memory", "adapter", "pareto")
    rows, language = [], terminal_language()
    for entrant in found.entrants:
        measures = entrant.measures
        rows.append(
            (
                entrant.name,
                entrant.status,
                _spread(measures.get("eval_loss"), 4),
                _spread(measures.get("trainable_parameters"), 0, shows_std=False),
                _spread(measures.get("seconds"), 1),
                *(byte_size(item and item.mean, language) for item in map(measures.get, SIZES)),
                "*" if entrant.pareto else "",
            )
        )
    write_table(header, rows)
    if found.status == "stopped":
        write_line(LEFT_OVER.to(terminal_language(), race_id=found.race_id))


def _spread(spread: Spread | None, digits: int, *, shows_std: bool = True) -> str:
    language = terminal_language()
    if spread is None:
        return NOTHING
    std = f" ± {decimal(spread.std, digits, language)}" if shows_std and spread.std is not None else ""
    return decimal(spread.mean, digits, language) + std

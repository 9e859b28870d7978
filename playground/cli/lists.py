"""`runs`, `models`, `methods`, `presets` and `doctor`: what there is, without loading torch."""

from __future__ import annotations

import argparse

from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.presets import list_presets
from playground.cli.options import DONE, FAILED, Add, show_list
from playground.cli.terminal import one_line, terminal_language, write_json, write_line
from playground.numbers import count, decimal, duration
from playground.service import Playground
from playground.texts import Text

RUNS_HELP = Text("list the runs, newest first", "lista as execuções, da mais nova à mais antiga")
SEARCH_HELP = Text("words to look for", "palavras a procurar")
MODELS_HELP = Text("list the models offered by name", "lista os modelos oferecidos pelo nome")
METHODS_HELP = Text("list the methods and their parameters", "lista os métodos e seus parâmetros")
PRESETS_HELP = Text("list the presets", "lista os presets")
DOCTOR_HELP = Text("check this machine and say what to mend", "examina esta máquina e diz o que consertar")


def add_commands(add: Add) -> None:
    search = add(runs, RUNS_HELP, runs_dir=True)
    search.add_argument("search", nargs="*", metavar="WORD", help=SEARCH_HELP.to(terminal_language()))
    add(models, MODELS_HELP)
    add(methods, METHODS_HELP)
    add(presets, PRESETS_HELP)
    add(doctor, DOCTOR_HELP, runs_dir=True)


def runs(options: argparse.Namespace) -> int:
    found = Playground(options.runs_dir).list_runs(" ".join(options.search))
    header = ("run_id", "name", "status", "method", "steps", "eval_loss_base", "eval_loss")
    rows = [[_cell(getattr(info, name)) for name in header] for info in found]
    return show_list(options, found, header, rows)


def models(options: argparse.Namespace) -> int:
    found = list(MODELS.values())
    language = terminal_language()
    rows = [
        (
            card.name,
            count(card.parameters, language),
            card.licence,
            card.summary.to(language),
            card.origin.to(language),
        )
        for card in found
    ]
    status = show_list(options, found, ("name", "parameters", "licence", "summary", "origin"), rows)
    for card in found if not options.json else []:
        if card.weights:
            write_line(f"! {card.name}: {card.weights.to(language)}")
    return status


def methods(options: argparse.Namespace) -> int:
    found = list(METHODS.values())
    if options.json:
        write_json(found)
        return DONE
    language = terminal_language()
    for spec in found:
        write_line(f"{spec.name}  {spec.summary.to(language)} {spec.when.to(language)}")
        write_line(f"    learning_rate={spec.learning_rate}  {spec.paper}, {spec.paper_url}")
        for param in spec.params:
            write_line(f"    {param.name}={param.default}  {param.help.to(language)}")
    return DONE


def presets(options: argparse.Namespace) -> int:
    found, language = list_presets(), terminal_language()
    rows = [(preset.name, duration(60 * preset.minutes, language), preset.title.to(language)) for preset in found]
    return show_list(options, found, ("name", "time", "title"), rows)


def doctor(options: argparse.Namespace) -> int:
    from playground.cli.doctor import examine

    found, language = examine(options.runs_dir), terminal_language()
    rows = [(item.status, item.name, item.detail.to(language), item.advice.to(language)) for item in found]
    show_list(options, found, ("status", "name", "found", "advice"), rows)
    return FAILED if any(item.status == "fail" for item in found) else DONE


def _cell(value: object) -> str:
    if value is None or isinstance(value, float):
        return decimal(value, 4, terminal_language())
    return one_line(value, 40)

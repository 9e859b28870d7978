"""`runs`: what there is, newest first."""

from __future__ import annotations

import argparse

from playground.cli.parts.options import Add, show_list
from playground.cli.parts.terminal import one_line, terminal_language
from playground.numbers import decimal
from playground.service import Playground
from playground.texts import Text

RUNS_HELP = Text("list the runs, newest first", "lista as execuções, da mais nova à mais antiga")
SEARCH_HELP = Text("words to look for", "palavras a procurar")


def add_commands(add: Add) -> None:
    command = add(runs, RUNS_HELP, runs_dir=True)
    command.add_argument("search", nargs="*", metavar="WORD", help=SEARCH_HELP)


def runs(options: argparse.Namespace) -> int:
    found = Playground(options.runs_dir).list_runs(" ".join(options.search))
    header = ("run_id", "name", "status", "method", "steps", "eval_loss_base", "eval_loss")
    rows = [[_cell(getattr(info, name)) for name in header] for info in found]
    return show_list(options, found, header, rows)


def _cell(value: object) -> str:
    if value is None or isinstance(value, float):
        return decimal(value, 4, terminal_language())
    return one_line(value, 40)

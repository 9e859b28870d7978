"""`compare`: base and adapters on the same prompts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from playground.catalog.datasets import UPLOAD_METRICS
from playground.cli.options import DONE, RUN_HELP, Add, positive
from playground.cli.terminal import terminal_language, write_comparison, write_json
from playground.data.prompts import read_prompts
from playground.service import Playground
from playground.texts import Text

HELD_OUT_PROMPTS = 16

COMPARE_HELP = Text("base and adapters on the same prompts", "base e adaptadores nos mesmos prompts")
PROMPTS_HELP = Text(
    "text with one prompt a line, or a data file (default: held-out prompts of the first run)",
    "texto com um prompt por linha, ou um arquivo de dados (padrão: prompts reservados da primeira execução)",
)
COUNT_HELP = Text(
    "only the first N prompts (default: a whole file, or 16 held-out prompts)",
    "só os primeiros N prompts (padrão: um arquivo inteiro, ou 16 prompts reservados)",
)


def add_commands(add: Add) -> None:
    language = terminal_language()
    comparer = add(compare, COMPARE_HELP, runs_dir=True)
    comparer.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP.to(language))
    comparer.add_argument("--prompts", type=Path, metavar="FILE", help=PROMPTS_HELP.to(language))
    comparer.add_argument("--count", type=positive, metavar="N", help=COUNT_HELP.to(language))


def compare(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    base_model = playground.config_of(options.runs[0]).base_model
    # A bad file is told before torch loads.
    chosen = read_prompts(options.prompts) if options.prompts else None

    from playground.compare.answers import CompareRequest, held_out

    metrics: tuple[str, ...] = UPLOAD_METRICS
    if chosen is None:
        chosen, metrics = held_out(playground.store, options.runs[0], options.count or HELD_OUT_PROMPTS)
    request = CompareRequest(
        base_model,
        tuple(options.runs),
        chosen.prompts[: options.count],
        chosen.references[: options.count],
        metrics=metrics if chosen.references else (),
        contexts=chosen.contexts[: options.count],
    )
    with contextlib.redirect_stdout(sys.stderr):
        update = list(playground.compare(request))[-1]
    if options.json:
        write_json(update)
    else:
        write_comparison(update)
    return DONE

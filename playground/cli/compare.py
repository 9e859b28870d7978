"""`compare`: base and adapters on the same prompts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.catalog.datasets import UPLOAD_METRICS
from playground.cli.parts.options import DONE, RUN_HELP, Add, positive
from playground.cli.parts.terminal import one_line, terminal_language, write_json, write_line, write_table
from playground.data.prompts import read_prompts
from playground.numbers import decimal
from playground.service import Playground
from playground.texts import Text

if TYPE_CHECKING:
    from playground.compare.answers import CompareUpdate

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
    comparer = add(compare, COMPARE_HELP, runs_dir=True)
    comparer.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP)
    comparer.add_argument("--prompts", type=Path, metavar="FILE", help=PROMPTS_HELP)
    comparer.add_argument("--count", type=positive, metavar="N", help=COUNT_HELP)


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
        _write(update)
    return DONE


def _write(update: CompareUpdate) -> None:
    """Prompt by prompt, one line a column; then the scores."""
    labels = [f"{column.label} ({column.run_id})" if column.run_id else column.label for column in update.columns]
    for prompt, reference, answers in zip(update.prompts, update.references, update.answers, strict=True):
        write_line(f"> {one_line(prompt, 500)}")
        for label, answer in [*zip(labels, answers, strict=True), *([("=", reference)] if reference else [])]:
            write_line(f"  {one_line(label, 60)}: {one_line(answer, 2000)}")
    language = terminal_language()
    for warning in (column.warning for column in update.columns if column.warning):
        write_line(f"! {one_line(warning.to(language), 500)}")
    names = list(dict.fromkeys(name for scores in update.scores for name in scores))
    if names:
        cells = [[decimal(scores.get(name), 2, language) for name in names] for scores in update.scores]
        write_table(("", *names), [(label, *row) for label, row in zip(labels, cells, strict=True)])

"""`find-lr`: which learning rate suits a method, a model and data."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli.options import DONE, Add
from playground.cli.run_file import values_of, with_overrides
from playground.cli.terminal import terminal_language, write_json, write_line
from playground.cli.train import FILE_HELP, SET_HELP, check_inputs
from playground.service import Playground
from playground.texts import Text

if TYPE_CHECKING:
    from playground.preflight.rate_finder import RangeTest

FIND_HELP = Text(
    "try growing learning rates with a run's settings and suggest one; makes no run",
    "tenta taxas de aprendizado crescentes com as configurações de uma execução e sugere uma; não cria execução",
)
POINT = Text(
    "step {step} of {steps}  learning rate {rate:.3g}  loss {loss:.4f}  smoothed {smoothed:.4f}",
    "passo {step} de {steps}  taxa de aprendizado {rate:.3g}  perda {loss:.4f}  suavizada {smoothed:.4f}",
)
SUGGESTED = Text(
    "suggestion {suggestion:.2g}, a tenth of {lowest:.2g}, where the loss was lowest ({method}: {default:g})",
    "sugestão {suggestion:.2g}: um décimo de {lowest:.2g}, onde a perda foi menor ({method}: {default:g})",
)
DIVERGED = Text("the loss had climbed too far at {rate:.2g}", "a perda já tinha subido demais em {rate:.2g}")
NO_SUGGESTION = Text(
    "no suggestion: the loss did not fall at any of these rates (default of {method}: {default:g})",
    "sem sugestão: a perda não caiu com nenhuma destas taxas (padrão de {method}: {default:g})",
)
STOPPED = Text("stopped, no suggestion", "parado, sem sugestão")


def add_commands(add: Add) -> None:
    language = terminal_language()
    finder = add(find_lr, FIND_HELP)
    finder.add_argument("file", metavar="FILE", help=FILE_HELP.to(language))
    finder.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=SET_HELP.to(language))


def find_lr(options: argparse.Namespace) -> int:
    output, language = sys.stdout, terminal_language()
    playground = Playground(Path("runs"))
    config = playground.check(with_overrides(values_of(options.file), options.set))
    check_inputs(config)
    test: RangeTest | None = None
    with contextlib.redirect_stdout(sys.stderr):
        for test in playground.find_learning_rate(config):
            if not test.points or test.finished:
                continue
            point = test.points[-1]
            if options.json:
                write_json(point, output)
            else:
                values = {"rate": point.rate, "loss": point.loss, "smoothed": point.smoothed}
                write_line(POINT.to(language, step=point.step, steps=test.steps, **values), output)
    assert test is not None
    if options.json:
        write_json(test, output)
    else:
        for line in result_lines(test):
            write_line(line.to(language), output)
    return DONE


def result_lines(test: RangeTest) -> list[Text]:
    """What the test says, in both languages."""
    if not test.finished:
        return [STOPPED]
    values = {"method": test.method, "default": test.default}
    if test.suggestion is None:
        lines = [(NO_SUGGESTION, values)]
    else:
        lines = [(SUGGESTED, values | {"suggestion": test.suggestion, "lowest": test.lowest})]
    if test.diverged_at is not None:
        lines.append((DIVERGED, {"rate": test.diverged_at}))
    return [text.filled(**filled) for text, filled in lines]

"""`probe`: try what the pinned libraries can do, and write the tables that the page and the docs read."""

from __future__ import annotations

import argparse
import sys

from playground.cli.parts.options import DONE, Add
from playground.cli.parts.terminal import terminal_language, write_json, write_line
from playground.texts import Text

PROBE_HELP = Text(
    "try every method on tiny models of every family and write assets/methods/ (ten minutes; after an upgrade)",
    "testa cada método em modelos minúsculos de cada família e escreve assets/methods/ (dez minutos; após atualizar)",
)
LEARNING_HELP = Text(
    "instead, train the included models with every method (about half an hour)",
    "em vez disso, treina os modelos incluídos com cada método (cerca de meia hora)",
)
FIELDS_HELP = Text(
    "only the fields of PEFT's configurations, in a moment", "só os campos das configurações do PEFT, num instante"
)
WRITTEN = Text("{count} combinations tried", "{count} combinações testadas")


def add_commands(add: Add) -> None:
    language = terminal_language()
    prober = add(probe, PROBE_HELP)
    what = prober.add_mutually_exclusive_group()
    what.add_argument("--fields", action="store_true", help=FIELDS_HELP.to(language))
    what.add_argument("--learning", action="store_true", help=LEARNING_HELP.to(language))


def probe(options: argparse.Namespace) -> int:
    from playground.capabilities.fields import write_fields

    write_fields()
    tried = 0
    if not options.fields:
        tried = _measure(learning=options.learning)
    if options.json:
        write_json({"tried": tried})
    else:
        write_line(WRITTEN.to(terminal_language(), count=tried))
    return DONE


def _measure(*, learning: bool) -> int:
    """Fill the table that was asked for and write the page of the docs anew; returns how much was tried."""
    from playground.capabilities.learning import write_learning
    from playground.capabilities.probe import write_capabilities
    from playground.capabilities.report import PAGE, methods_page

    tried = 0
    for place in write_learning() if learning else write_capabilities():
        tried += 1
        write_line(f"{tried:5} {' '.join(map(str, place))}", sys.stderr)
    PAGE.write_text(methods_page(), encoding="utf-8")
    return tried

"""The command line: the same core as the page, from a file and without a browser.

Exit status 0: done; 1: the run failed; 2: bad input, with one message on stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from playground.cli import (
    capabilities,
    catalog,
    compare,
    doctor,
    export,
    inside,
    precision,
    preflight,
    race,
    runs,
    train,
    translate,
    verdict,
)
from playground.cli.parts.options import BAD_INPUT, DONE, FAILED, INTERRUPTED, Parser, adder, is_main_process
from playground.cli.parts.terminal import terminal_language, write_line
from playground.errors import PlaygroundError
from playground.model.libraries import no_warnings
from playground.texts import Text

# In the order of the help.
MODULES = (
    train,
    preflight,
    race,
    compare,
    translate,
    verdict,
    inside,
    export,
    precision,
    runs,
    catalog,
    doctor,
    capabilities,
)

__all__ = ["BAD_INPUT", "DONE", "FAILED", "INTERRUPTED", "build_parser", "main"]

DESCRIPTION = Text(
    "Train small adapters on a language model, watch them learn, compare them with their base.",
    "Treine pequenos adaptadores em um modelo de linguagem, veja-os aprender, compare-os com a base.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = build_parser().parse_args(arguments)
    try:
        with no_warnings() if options.json else nullcontext():
            status: int = options.command(options)
    except PlaygroundError as error:
        if is_main_process():
            write_line(f"{type(error).__name__}: {error.to(terminal_language())}", sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this, Python complains again while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


def build_parser() -> Parser:
    """Every command with its options."""
    parser = Parser(prog="python -m playground", description=DESCRIPTION.to(terminal_language()))
    add = adder(parser)
    for module in MODULES:
        module.add_commands(add)
    return parser

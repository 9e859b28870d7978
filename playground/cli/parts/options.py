"""What the commands share: exit statuses, common options, and how a command joins the parser."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from playground.cli.parts.terminal import terminal_language, write_json, write_table
from playground.texts import Text

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
Command = Callable[[argparse.Namespace], int]

JSON_HELP = Text("print JSON, one value a line", "imprime JSON, um valor por linha")
RUNS_DIR_HELP = Text("where the runs lie (default: runs)", "onde ficam as execuções (padrão: runs)")
RUN_HELP = Text("a run id, as `runs` lists it", "o id de uma execução, como `runs` mostra")
BEAMS_HELP = Text("beams of the search (default: 4)", "feixes (beams) da busca (padrão: 4)")
FILE_HELP = Text("a YAML file, or the name of a preset", "um arquivo YAML, ou o nome de um preset")
SET_HELP = Text(
    "change one setting, such as training.max_steps=20", "muda uma configuração, como training.max_steps=20"
)


class Parser(argparse.ArgumentParser):
    """Says what an option is for in the language of the terminal."""

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        if isinstance(told := settings.get("help"), Text):
            settings["help"] = told.to(terminal_language())
        return super().add_argument(*names, **settings)

    def add_settings(self, nargs: str | None = None) -> None:
        """The file of a run's settings, and `--set`."""
        self.add_argument("file", metavar="FILE", nargs=nargs, help=FILE_HELP)
        self.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=SET_HELP)


class Add(Protocol):
    """Adds a command under its function's name, `-` for `_`; returns its parser, for the command's own options."""

    def __call__(self, command: Command, summary: Text, *, runs_dir: bool = False) -> Parser: ...


def adder(parser: Parser) -> Add:
    """An Add for `parser`; every command has --json, and --runs-dir where it reads or writes runs."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Command, summary: Text, *, runs_dir: bool = False) -> Parser:
        text = summary.to(terminal_language())
        added = commands.add_parser(command.__name__.replace("_", "-"), help=text, description=text)
        added.set_defaults(command=command)
        added.add_argument("--json", action="store_true", help=JSON_HELP)
        if runs_dir:
            added.add_argument("--runs-dir", type=Path, default=Path("runs"), metavar="DIR", help=RUNS_DIR_HELP)
        return added

    return add


def positive(text: str) -> int:
    """A whole number above 0; argparse turns the ValueError into its own message."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def show_list(options: argparse.Namespace, found: Sequence[object], header: Sequence[str], rows: Sequence[Any]) -> int:
    """What was found, as JSON or as a table."""
    if options.json:
        write_json(found)
    else:
        write_table(header, rows)
    return DONE


def is_main_process() -> bool:
    """False in the other processes of `accelerate launch`, which print nothing."""
    return int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0"))) == 0

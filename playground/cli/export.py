"""`export`: a run taken away with its proof. `verify`: an export executed again."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playground.cli.parts.options import DONE, FAILED, RUN_HELP, Add
from playground.cli.parts.terminal import one_line, terminal_language, write_json, write_line
from playground.errors import BusyError
from playground.export import told
from playground.export.kinds import KINDS
from playground.export.papers.hub import TOKEN_VARIABLE
from playground.export.steps import Step
from playground.export.told import STAGES
from playground.service import Playground
from playground.texts import Text

HUB = "hub"
MOST_CHARACTERS = 500  # of a line, whatever a stranger's export calls itself
EXPORT_HELP = Text(
    "take a finished run away: written, executed in a process of its own, and only then there",
    "leva uma execução terminada: gravada, executada em um processo à parte, e só então ali",
)
KIND_HELP = Text("what to take it away as: {kinds}", "como levá-la: {kinds}")
TO_HELP = Text(
    "the folder to write into, which is made if need be; for hub, a repository: owner/name",
    "a pasta em que gravar, criada se preciso; para hub, um repositório: dono/nome",
)
PUBLIC_HELP = Text(
    "with --as hub: a repository that everybody sees, instead of a private one",
    "com --as hub: um repositório que todos veem, em vez de um privado",
)
TOKEN_PROMPT = Text("A token of the Hub that may write: ", "Um token do Hub que possa escrever: ")
VERIFY_HELP = Text(
    "execute an export again: is it still what was trained? Exit status 0: identical or equal; 1: different; 2: no"
    " export",
    "executa de novo uma exportação: ainda é o que foi treinado? Status 0: idêntica ou igual; 1: diferente; 2: não é"
    " exportação",
)
PATH_HELP = Text("a folder or zip that `export` wrote", "uma pasta ou zip que `export` gravou")
BASE_HELP = Text(
    "the folder of the base, where it is not found by its name", "a pasta da base, se não for achada pelo nome"
)


def add_commands(add: Add) -> None:
    command = add(export, EXPORT_HELP, runs_dir=True)
    command.add_argument("run", metavar="RUN", help=RUN_HELP)
    kinds = ", ".join(KINDS)
    command.add_argument("--as", dest="kind", required=True, metavar="KIND", help=KIND_HELP.filled(kinds=kinds))
    command.add_argument("--to", type=Path, required=True, metavar="DIR", help=TO_HELP)
    command.add_argument("--public", action="store_true", help=PUBLIC_HELP)
    command = add(verify, VERIFY_HELP, runs_dir=True)
    command.add_argument("path", type=Path, metavar="FILE_OR_FOLDER", help=PATH_HELP)
    command.add_argument("--base", type=Path, metavar="FOLDER", help=BASE_HELP)


def export(options: argparse.Namespace) -> int:
    playground, language = Playground(options.runs_dir), terminal_language()
    is_sent = options.kind == HUB
    if is_sent:
        repo_id, token = options.to.as_posix(), _typed_token()
        found: Any = _last(playground.send_to_hub(options.run, repo_id, token, private=not options.public))
    else:
        found = _last(playground.take_away(options.run, options.kind, options.to, language=language))
    if options.json:
        write_json({**vars(found), "path": str(found.path)})
    elif is_sent:
        _write(told.of_sent(found, language))
    else:
        write_line(str(found.path))
        _write(told.of_exported(found, playground.run_info(options.run).name, language))
    return DONE


def _last(steps: Iterator[Any]) -> Any:
    """What came last, after everything before was told on stderr."""
    language, stage, found = terminal_language(), "", None
    with contextlib.redirect_stdout(sys.stderr):
        for found in steps:
            if isinstance(found, BusyError):
                write_line(found.to(language), sys.stderr)
            elif isinstance(found, Step) and found.stage != stage:
                stage = found.stage
                write_line(STAGES[stage].to(language), sys.stderr)
    return found


def _typed_token() -> str:
    """Typed where somebody sits at a terminal and the surroundings have none; others would see an argument."""
    if os.environ.get(TOKEN_VARIABLE) or not sys.stdin.isatty():
        return ""
    return getpass.getpass(TOKEN_PROMPT.to(terminal_language()), sys.stderr)


def verify(options: argparse.Namespace) -> int:
    with contextlib.redirect_stdout(sys.stderr):
        found = Playground(options.runs_dir).verify(options.path, options.base)
    assert found is not None
    if options.json:
        write_json(found)
    else:
        _write(told.of_verified(found, terminal_language()))
    return FAILED if found.result == "different" else DONE


def _write(lines: list[str]) -> None:
    for line in lines:
        write_line(one_line(line, MOST_CHARACTERS))

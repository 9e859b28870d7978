"""`export`: a run taken away with its proof. `verify`: an export executed again."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.cli.parts.options import DONE, FAILED, RUN_HELP, Add
from playground.cli.parts.terminal import one_line, terminal_language, write_json, write_line
from playground.errors import BusyError
from playground.export.papers.hub import TOKEN_VARIABLE
from playground.export.parts import PART_NAMES
from playground.numbers import significant
from playground.service import Playground
from playground.texts import Text

if TYPE_CHECKING:
    from playground.export.take import Exported
    from playground.export.verify import Verified

HUB = "hub"
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
STAGES = {
    "measuring": Text("measuring what was trained", "medindo o que foi treinado"),
    "writing": Text("writing", "gravando"),
    "executing": Text("executing it in a process of its own", "executando em um processo à parte"),
    "packing": Text("packing", "empacotando"),
    "sending": Text("sending", "enviando"),
}
DONE_LINE = Text(
    "{path} ({bytes:bytes}): {result} to what was trained, logits within {difference}",
    "{path} ({bytes:bytes}): {result} em relação ao que foi treinado, logits a menos de {difference}",
)
SENT_LINE = Text(
    "{path} ({bytes:bytes}): {count} files, which came back as they were sent",
    "{path} ({bytes:bytes}): {count} arquivos, que voltaram como foram enviados",
)
CONVERTED = Text(
    "converted: KL from what was trained {kl}, change of {score} {change} (95%: {low} to {high})",
    "convertido: KL em relação ao que foi treinado {kl}, mudança de {score} {change} (95%: {low} a {high})",
)
RESULTS = {
    "identical": Text("identical", "idêntico"),
    "equal": Text("equal within rounding", "igual a menos de arredondamento"),
    "different": Text("different", "diferente"),
}
VERIFIED_LINE = Text(
    "{name}, {kind}: {result}; {answers} of {of} answers equal, largest difference of a logit {difference}",
    "{name}, {kind}: {result}; {answers} de {of} respostas iguais, maior diferença de um logit {difference}",
)
BLAMED = Text("what differs: {part}", "o que difere: {part}")
CHANGED = Text("changed or missing: {files}", "alterados ou ausentes: {files}")


def add_commands(add: Add) -> None:
    from playground.export.kinds import KINDS

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
        write_line(SENT_LINE.to(language, path=found.path, bytes=found.bytes, count=len(found.files)))
    else:
        _write(found)
    return DONE


def _last(steps: Iterator[Any]) -> Any:
    """What came last, after everything before was told on stderr."""
    language, found = terminal_language(), None
    with contextlib.redirect_stdout(sys.stderr):
        for found in steps:
            if isinstance(found, BusyError):
                write_line(found.to(language), sys.stderr)
            elif isinstance(found, str):
                write_line(STAGES[found].to(language), sys.stderr)
    return found


def _typed_token() -> str:
    """Typed where somebody sits at a terminal and the surroundings have none; others would see an argument."""
    if os.environ.get(TOKEN_VARIABLE) or not sys.stdin.isatty():
        return ""
    return getpass.getpass(TOKEN_PROMPT.to(terminal_language()), sys.stderr)


def _write(found: Exported) -> None:
    language = terminal_language()
    result = RESULTS[found.result].to(language)
    difference = _small(found.largest_logit_difference)
    write_line(DONE_LINE.to(language, path=found.path, bytes=found.bytes, result=result, difference=difference))
    if told := found.conversion:
        ends = {name: significant(getattr(told, name), 3, language) for name in ("change", "low", "high")}
        write_line(CONVERTED.to(language, kl=_small(told.kl), score=told.score, **ends))


def verify(options: argparse.Namespace) -> int:
    with contextlib.redirect_stdout(sys.stderr):
        found = Playground(options.runs_dir).verify(options.path, options.base)
    assert found is not None
    if options.json:
        write_json(found)
    else:
        _write_verified(found)
    return FAILED if found.result == "different" else DONE


def _write_verified(found: Verified) -> None:
    language = terminal_language()
    told = {"name": one_line(found.name), "kind": found.kind, "result": RESULTS[found.result].to(language)}
    difference = _small(found.largest_logit_difference)
    write_line(VERIFIED_LINE.to(language, **told, answers=found.answers, of=found.of, difference=difference))
    if found.blame:
        write_line(BLAMED.to(language, part=PART_NAMES[found.blame].to(language)))
    if found.changed:
        write_line(CHANGED.to(language, files=one_line(", ".join(found.changed), 500)))


def _small(value: float | None) -> str:
    return "–" if value is None else significant(value, 2, terminal_language())

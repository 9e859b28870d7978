"""`translate`: a text, a file of lines or what comes through a pipe, by a base and its adapters."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli.options import DONE, INTERRUPTED, RUN_HELP, Add, positive
from playground.errors import DataError
from playground.service import Playground
from playground.terminal import one_line, terminal_language, write_json, write_line
from playground.texts import Text

if TYPE_CHECKING:
    from playground.measure.translations import TranslateRequest, TranslateUpdate

DEFAULT_MODEL = "m2m100-mini"

TRANSLATE_HELP = Text("translate a text or a file of lines", "traduz um texto ou um arquivo de linhas")
MODEL_HELP = Text(
    "a name from `models`, a Hub id or a folder (default: the runs' base, or m2m100-mini)",
    "um nome de `models`, um id do Hub ou uma pasta (padrão: a base das execuções, ou m2m100-mini)",
)
FROM_HELP = Text("language of the text, such as en", "língua do texto, como en")
TO_HELP = Text("language to translate into, such as pt", "língua da tradução, como pt")
RUNS_HELP = Text("{run}; up to three, beside the base", "{run}; até três, ao lado da base")
FILE_HELP = Text("a text file, translated line by line", "um arquivo de texto, traduzido linha por linha")
BEAMS_HELP = Text("beams of the search (default: 4)", "feixes da busca (padrão: 4)")
TEXT_HELP = Text("the text; without it and --file, standard input", "o texto; sem ele e sem --file, a entrada padrão")
NO_INPUT = Text(
    "There is no text. Write it after the options, name a file with --file, or send it through a pipe.",
    "Não há texto. Escreva-o depois das opções, indique um arquivo com --file, ou envie-o por um pipe.",
)
TWO_INPUTS = Text(
    "A text and --file were both given. Choose one.", "Foram dados um texto e também --file. Escolha um dos dois."
)
NOT_UTF8 = Text(
    "Standard input is not UTF-8 text: byte {offset} cannot be read. Convert it first.",
    "A entrada padrão não é texto UTF-8: o byte {offset} não pode ser lido. Converta-a antes.",
)


def add_commands(add: Add) -> None:
    language = terminal_language()
    command = add(translate, TRANSLATE_HELP, runs_dir=True)
    command.add_argument("--model", metavar="MODEL", help=MODEL_HELP.to(language))
    command.add_argument("--from", dest="source", required=True, metavar="CODE", help=FROM_HELP.to(language))
    command.add_argument("--to", dest="target", required=True, metavar="CODE", help=TO_HELP.to(language))
    runs_help = RUNS_HELP.to(language, run=RUN_HELP.to(language))
    command.add_argument("--run", action="append", dest="runs", default=[], metavar="RUN", help=runs_help)
    command.add_argument("--file", type=Path, metavar="FILE", help=FILE_HELP.to(language))
    command.add_argument("--beams", type=positive, default=4, metavar="N", help=BEAMS_HELP.to(language))
    command.add_argument("text", nargs="?", metavar="TEXT", help=TEXT_HELP.to(language))


def translate(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    # A bad file or run is told before torch loads.
    text, lines = _read_input(options)
    bases = [playground.config_of(run_id).base_model for run_id in options.runs]

    from playground.data.example import Languages
    from playground.measure.translations import TranslateRequest
    from playground.model.translate import TranslationConfig

    request = TranslateRequest(
        base_model=options.model or next(iter(bases), DEFAULT_MODEL),
        run_ids=tuple(options.runs),
        languages=Languages(options.source, options.target),
        text=text,
        lines=lines,
        decoding=TranslationConfig(num_beams=options.beams),
    )
    update, status = _follow(playground, request)
    if options.json:
        write_json(update)
    elif options.runs:
        _write_side_by_side(update)
    else:
        write_line(update.texts[0].removesuffix("\n"))
    return status


def _follow(playground: Playground, request: TranslateRequest) -> tuple[TranslateUpdate, int]:
    """The last update and the exit status. Ctrl-C keeps what is translated; somebody who watches sees it grow."""
    update = None
    shows_progress = sys.stderr.isatty()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            for update in playground.translate(request):
                if shows_progress:
                    sys.stderr.write(f"\r{update.done}/{update.total} ")
    except KeyboardInterrupt:
        if update is None:
            raise
    if shows_progress:
        sys.stderr.write("\r\x1b[K")
    assert update is not None  # every translation ends with one
    return update, DONE if update.is_final else INTERRUPTED


def _write_side_by_side(update: TranslateUpdate) -> None:
    """Row by row, one line a column, with how sure the model is and what looks wrong."""
    labels = [f"{column.label} ({column.run_id})" if column.run_id else column.label for column in update.columns]
    for row in update.rows:
        write_line(f"> {one_line(row.source, 2000)}")
        for label, made in zip(labels, row.translations, strict=True):
            if made is not None:
                notes = "  ".join([f"{made.confidence:.0%}", *(f"[{badge}]" for badge in made.badges)])
                write_line(f"  {one_line(label, 60)}: {one_line(made.text, 4000)}  {notes}")


def _read_input(options: argparse.Namespace) -> tuple[str, tuple[str, ...]]:
    """The text, or the lines of a file; one of them is empty. Raises DataError."""
    from playground.data.lines import read_lines

    if options.file and options.text is not None:
        raise DataError(TWO_INPUTS)
    if options.file:
        return "", read_lines(options.file)
    if options.text is not None:
        return options.text, ()
    if sys.stdin is None or sys.stdin.isatty():
        raise DataError(NO_INPUT)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        raise DataError(NOT_UTF8, offset=error.start) from error

"""`translate`: a text, a translator's file or what comes through a pipe, by a base and its adapters."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli.parts.options import BEAMS_HELP, DONE, INTERRUPTED, Add, positive
from playground.cli.parts.terminal import one_line, terminal_language, write_json, write_line
from playground.errors import DataError
from playground.files import write_atomically
from playground.numbers import percent
from playground.service import Playground
from playground.texts import Text
from playground.translate.agreement import said_agreements
from playground.translate.engines import ENGINES

if TYPE_CHECKING:
    from playground.translate.document import Document
    from playground.translate.text import TranslateRequest, TranslateUpdate

DEFAULT_MODEL = "m2m100-mini"

TRANSLATE_HELP = Text(
    "translate a text, or a file: TXT, TMX, XLIFF, PO", "traduz um texto ou um arquivo: TXT, TMX, XLIFF, PO"
)
MODEL_HELP = Text(
    "a name from `models`, a Hub id or a folder (default: the runs' base, or m2m100-mini)",
    "um nome de `models`, um id do Hub ou uma pasta (padrão: a base das execuções, ou m2m100-mini)",
)
FROM_HELP = Text(
    "language of the text, such as en (default: the file's)", "idioma do texto, como en (padrão: o do arquivo)"
)
TO_HELP = Text(
    "language to translate into, such as pt (default: the file's)", "idioma da tradução, como pt (padrão: o do arquivo)"
)
RUNS_HELP = Text(
    "a run id, as `runs` lists it; up to three, beside the base",
    "o id de uma execução, como `runs` mostra; até três, ao lado da base",
)
FILE_HELP = Text(
    "a text file, translated line by line, or TMX, XLIFF or PO, of which the texts without a finished translation are"
    " translated; XLIFF and PO come out filled in and otherwise as they were, TMX as a new memory",
    "um arquivo de texto, traduzido linha por linha, ou TMX, XLIFF ou PO, do qual são traduzidos os textos sem tradução"
    " terminada; XLIFF e PO saem preenchidos e, de resto, como eram, TMX como uma nova memória",
)
OUTPUT_HELP = Text(
    "where the translated file is written, with the last run's translations (default: standard output)",
    "onde o arquivo traduzido é gravado, com as traduções da última execução (padrão: a saída padrão)",
)
ENGINE_HELP = Text(
    "what translates: pytorch, or ctranslate2 with the weights in 8 bits, faster on a processor (default: pytorch)",
    "o que traduz: pytorch, ou ctranslate2 com os pesos em 8 bits, mais rápido em um processador (padrão: pytorch)",
)
TEXT_HELP = Text("the text; without it and --file, standard input", "o texto; sem ele e sem --file, a entrada padrão")
NO_INPUT = Text(
    "There is no text. Write it after the options, name a file with --file, or send it through a pipe.",
    "Não há texto. Escreva-o depois das opções, indique um arquivo com --file, ou envie-o por um pipe.",
)
TWO_INPUTS = Text(
    "A text and --file were both given. Choose one.", "Foram dados um texto e também --file. Escolha um dos dois."
)
NO_LANGUAGES = Text(
    "Give the languages with --from and --to: nothing else says them.",
    "Dê os idiomas com --from e --to: nada mais os informa.",
)
OUTPUT_OF_TEXT = Text(
    "--output is for what --file translates. Give both, or neither.",
    "--output serve para o que --file traduz. Dê os dois, ou nenhum.",
)
UNWRITABLE = Text(
    "{file} cannot be written ({reason}). Give --output another place.",
    "{file} não pode ser gravado ({reason}). Dê outro lugar em --output.",
)
NO_FOLDER = Text("there is no such folder", "essa pasta não existe")
FILLED = Text("Filled in: {count}. {left}", "Preenchidos: {count}. {left}")
NOT_UTF8 = Text(
    "Standard input is not UTF-8 text: byte {offset} cannot be read. Convert it first.",
    "A entrada padrão não é texto UTF-8: o byte {offset} não pode ser lido. Converta-a antes.",
)


def add_commands(add: Add) -> None:
    command = add(translate, TRANSLATE_HELP, runs_dir=True)
    command.add_argument("--model", metavar="MODEL", help=MODEL_HELP)
    command.add_argument("--from", dest="source", metavar="CODE", help=FROM_HELP)
    command.add_argument("--to", dest="target", metavar="CODE", help=TO_HELP)
    command.add_argument("--run", action="append", dest="runs", default=[], metavar="RUN", help=RUNS_HELP)
    command.add_argument("--file", type=Path, metavar="FILE", help=FILE_HELP)
    command.add_argument("--output", type=Path, metavar="FILE", help=OUTPUT_HELP)
    command.add_argument("--beams", type=positive, default=4, metavar="N", help=BEAMS_HELP)
    command.add_argument("--engine", choices=list(ENGINES), default="pytorch", help=ENGINE_HELP)
    command.add_argument("text", nargs="?", metavar="TEXT", help=TEXT_HELP)


def translate(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    # A bad file or run is told before torch loads.
    text, document = _read_input(options)
    bases = [playground.config_of(run_id).base_model for run_id in options.runs]
    source = options.source or (document and (document.source_language or document.usual_source))
    target = options.target or (document and document.target_language)
    if not source or not target:
        raise DataError(NO_LANGUAGES)

    from playground.data.example import Languages
    from playground.model.translate import TranslationConfig
    from playground.translate.files import check_languages
    from playground.translate.text import TranslateRequest

    if document:
        check_languages(document, Languages(source, target))
    request = TranslateRequest(
        base_model=options.model or next(iter(bases), DEFAULT_MODEL),
        run_ids=tuple(options.runs),
        languages=Languages(source, target),
        text=text,
        lines=document.sources if document else (),
        decoding=TranslationConfig(num_beams=options.beams),
        engine=options.engine,
    )
    update, status = _follow(playground, request)
    is_text = document is None or document.name.lower().endswith(".txt")
    for said in said_agreements(update):  # standard output is the translation
        write_line(said.to(terminal_language()), sys.stderr)
    if options.json:
        write_json(update)
    elif document and (options.output or not is_text):
        _write_file(options.output, document, update)
    elif options.runs:
        _write_side_by_side(update)
    else:
        write_line(update.texts[0].removesuffix("\n"))
    return status


def _write_file(output: Path | None, document: Document, update: TranslateUpdate) -> None:
    """The file with the last column's translations; how many there are goes to standard error."""
    from playground.translate.document import said_left
    from playground.translate.files import fill_document
    from playground.translate.result_files import to_tmx

    column = len(update.columns) - 1
    filled = fill_document(document, update, column)
    content = filled.content if filled else to_tmx(update, column).encode()
    if output:
        try:
            write_atomically(output, content)
        except OSError as error:
            raise DataError(UNWRITABLE, file=output.name, reason=error.strerror) from error
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    if filled:
        left = said_left([*document.left.items(), *filled.left.items()])
        write_line(FILLED.to(terminal_language(), count=filled.filled, left=left).strip(), sys.stderr)


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
    language = terminal_language()
    labels = [f"{column.label} ({column.run_id})" if column.run_id else column.label for column in update.columns]
    for row in update.rows:
        write_line(f"> {one_line(row.source, 2000)}")
        for label, made in zip(labels, row.translations, strict=True):
            if made is not None:
                notes = "  ".join([percent(made.confidence, 0, language), *(f"[{badge}]" for badge in made.badges)])
                write_line(f"  {one_line(label, 60)}: {one_line(made.text, 4000)}  {notes}")


def _read_input(options: argparse.Namespace) -> tuple[str, Document | None]:
    """The text, or the file. Raises DataError."""
    from playground.translate.files import open_document

    if options.file and options.text is not None:
        raise DataError(TWO_INPUTS)
    if options.file:
        if options.output is not None and not options.output.absolute().parent.is_dir():
            raise DataError(UNWRITABLE, file=options.output.name, reason=NO_FOLDER)
        return "", open_document(options.file, options.source)
    if options.output is not None:
        raise DataError(OUTPUT_OF_TEXT)
    if options.text is not None:
        return options.text, None
    if sys.stdin is None or sys.stdin.isatty():
        raise DataError(NO_INPUT)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        raise DataError(NOT_UTF8, offset=error.start) from error

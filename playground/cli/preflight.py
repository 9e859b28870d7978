"""`preflight`: what a run would cost, told before it starts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from playground.cli.options import DONE, FAILED, Add
from playground.cli.run_file import values_of, with_overrides
from playground.cli.terminal import one_line, terminal_language, to_json, write_json, write_line, write_table
from playground.cli.train import FILE_HELP, SET_HELP
from playground.numbers import byte_size
from playground.preflight.charts import PARTS
from playground.service import Playground
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.preflight.report import Preflight
    from playground.preflight.timing import Timing

PREFLIGHT_HELP = Text(
    "what a run would cost: parameters, adapter size, memory, tokens, warnings; loads no weights",
    "o que uma execução custaria: parâmetros, tamanho do adaptador, memória, tokens, avisos; não carrega pesos",
)
PARAMETERS = Text(
    "{trainable:,} of {total:,} parameters train ({share:.2%}); the adapter's file has {file:bytes}",
    "{trainable:,} de {total:,} parâmetros treinam ({share:.2%}); o arquivo do adaptador tem {file:bytes}",
)
TOKENS = Text(
    "{train} training examples, {held_out} held out, {dropped} left out, {cut} cut; each is seen {passes:.1f} times",
    "{train} exemplos de treino, {held_out} reservados, {dropped} deixados de fora, {cut} cortados; cada um é visto"
    " {passes:.1f} vezes",
)
MEMORY = Text(
    "about {total:bytes} at the fullest moment ({moment}) on {device}, {dtype}",
    "cerca de {total:bytes} no momento mais cheio ({moment}) em {device}, {dtype}",
)
LAST = Text(
    "the last estimate, of the run {name}, was {off:+.0%} off its peak",
    "a última estimativa, da execução {name}, errou o pico em {off:+.0%}",
)
TIME = Text(
    "about {total:duration} of training: {step:duration} a step, {evaluation:duration} an evaluation",
    "cerca de {total:duration} de treino: {step:duration} por passo, {evaluation:duration} por avaliação",
)
PROBE_HELP = Text(
    "also train two steps, to tell how long the run will take", "treina também dois passos, para dizer quanto demora"
)
READY, NOT_READY = Text("ready", "pronto"), Text("not ready", "não está pronto")


def add_commands(add: Add) -> None:
    language = terminal_language()
    command = add(preflight, PREFLIGHT_HELP, runs_dir=True)
    command.add_argument("file", metavar="FILE", help=FILE_HELP.to(language))
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=SET_HELP.to(language))
    command.add_argument("--probe", action="store_true", help=PROBE_HELP.to(language))


def preflight(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    values = with_overrides(values_of(options.file), options.set)
    with contextlib.redirect_stdout(sys.stderr):
        report = playground.preflight(values)
        timing = playground.time_run(values) if options.probe and report.ready else None
    if options.json:
        write_json({**to_json(report), "time": timing})
    else:
        _write(report, timing, terminal_language())
    return DONE if report.ready else FAILED


def _write(report: Preflight, timing: Timing | None, language: Language) -> None:
    trainable, total = report.trainable_parameters, report.total_parameters
    values = {"trainable": trainable, "total": total, "share": trainable / total, "file": report.adapter_bytes}
    write_line(PARAMETERS.to(language, **values))
    if report.tokens:
        tokens = report.tokens
        line = TOKENS.to(
            language,
            train=tokens.train_examples,
            held_out=tokens.held_out_examples,
            dropped=tokens.dropped_examples,
            cut=tokens.truncated_examples,
            passes=tokens.passes,
        )
        write_line(line)
    if report.memory:
        memory = report.memory
        where = {"moment": memory.moment, "device": report.device, "dtype": report.dtype}
        write_line(MEMORY.to(language, total=memory.total, **where))
        names = [text.to(language) for text in PARTS.values()]
        write_table(names, [[byte_size(getattr(memory, part), language) for part in PARTS]])
    if report.last_estimate:
        name, off = one_line(report.last_estimate.name, 60), report.last_estimate.off
        write_line(LAST.to(language, name=name, off=off))
    if timing:
        write_line(TIME.to(language, total=timing.total, step=timing.step, evaluation=timing.evaluation))
    for finding in report.findings:
        write_line(f"{'!!' if finding.blocks else '!'} {finding.message.to(language)}")
    write_line((READY if report.ready else NOT_READY).to(language))

"""`preflight` and `find-lr`: what a run would cost, and which learning rate suits it, told before it starts."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli.parts.options import DONE, FAILED, Add
from playground.cli.parts.run_file import values_of, with_overrides
from playground.cli.parts.terminal import one_line, terminal_language, to_json, write_json, write_line, write_table
from playground.cli.train import check_inputs
from playground.numbers import byte_size
from playground.preflight.charts import PARTS
from playground.service import Playground
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.preflight.rate_finder import RangeTest
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
SAMPLE = Text(
    "estimated from {examples} of about {of} examples: {mean:.1f} ± {margin:.1f} tokens each (95%, if all rows are like"
    " the first); --exact counts them all",
    "estimado por {examples} de cerca de {of} exemplos: {mean:.1f} ± {margin:.1f} tokens cada (95%, se todas as linhas"
    " forem como as primeiras); --exact conta todos",
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
EXACT_HELP = Text(
    "count the tokens of every example, also of a large file, of which a sample is encoded otherwise",
    "conta os tokens de cada exemplo, também de um arquivo grande, do qual senão se codifica uma amostra",
)
PROBE_HELP = Text(
    "also train two steps, to tell how long the run will take", "treina também dois passos, para dizer quanto demora"
)
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
READY, NOT_READY = Text("ready", "pronto"), Text("not ready", "não está pronto")


def add_commands(add: Add) -> None:
    command = add(preflight, PREFLIGHT_HELP, runs_dir=True)
    command.add_settings()
    command.add_argument("--exact", action="store_true", help=EXACT_HELP)
    command.add_argument("--probe", action="store_true", help=PROBE_HELP)
    add(find_lr, FIND_HELP).add_settings()


def preflight(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    values = with_overrides(values_of(options.file), options.set)
    with contextlib.redirect_stdout(sys.stderr):
        report = playground.preflight(values, options.exact)
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
        if tokens.sample:
            write_line(SAMPLE.to(language, **vars(tokens.sample)))
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


# --- which learning rate ------------------------------------------------------------------------


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

"""`evaluate`: whether an adapter translates better than its base, with its uncertainty."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.cli.parts.options import BEAMS_HELP, DONE, RUN_HELP, Add, positive
from playground.cli.parts.terminal import one_line, terminal_language, write_line, write_table
from playground.errors import DataError
from playground.numbers import decimal, interval
from playground.service import Playground
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.verdict.judge import Result, Verdict

EVALUATE_HELP = Text(
    "judge translation runs against their base: BLEU, chrF, TER, intervals and paired tests",
    "julga execuções de tradução contra a base: BLEU, chrF, TER, intervalos e testes pareados",
)
TEST_HELP = Text(
    "a file of pairs (TSV, CSV, JSONL, TMX, XLIFF, PO); without it, the first run's held-out pairs",
    "um arquivo de pares (TSV, CSV, JSONL, TMX, XLIFF, PO); sem ele, os pares reservados da primeira execução",
)
TARGET_HELP = Text(
    "the second of two text files: each of its lines translates the line of --test with the same number",
    "o segundo de dois arquivos de texto: cada linha traduz a linha de --test com o mesmo número",
)
TARGET_ALONE = Text(
    "--test-target is one of two text files. Give the other with --test.",
    "--test-target é um de dois arquivos de texto. Dê o outro com --test.",
)
FROM_HELP = Text("source language of --test (default: the run's)", "idioma de origem de --test (padrão: o da execução)")
TO_HELP = Text("target language of --test (default: the run's)", "idioma de destino de --test (padrão: o da execução)")
LEAKAGE_HELP = Text(
    "judge even if test sentences were trained on", "julga mesmo que frases de teste estivessem no treino"
)
HALF_DIRECTION = Text(
    "Give both --from and --to, or neither for the run's own direction.",
    "Dê --from e --to, ou nenhum dos dois para a direção da própria execução.",
)
PROGRESS = Text("{label}: {done} of {total} sentences", "{label}: {done} de {total} frases")
DECODING = Text("decoding: {settings}", "decodificação: {settings}")
METRICS = ("BLEU", "chrF", "TER")


def add_commands(add: Add) -> None:
    command = add(evaluate, EVALUATE_HELP, runs_dir=True)
    command.add_argument("runs", nargs="+", metavar="RUN", help=RUN_HELP)
    command.add_argument("--test", type=Path, metavar="FILE", help=TEST_HELP)
    command.add_argument("--test-target", type=Path, metavar="FILE", help=TARGET_HELP)
    command.add_argument("--from", dest="source", metavar="CODE", help=FROM_HELP)
    command.add_argument("--to", dest="target", metavar="CODE", help=TO_HELP)
    command.add_argument("--beams", type=positive, default=4, metavar="N", help=BEAMS_HELP)
    command.add_argument("--accept-leakage", action="store_true", help=LEAKAGE_HELP)


def evaluate(options: argparse.Namespace) -> int:
    playground = Playground(options.runs_dir)
    for run_id in options.runs:
        playground.config_of(run_id)  # an unknown run is told before torch loads
    if (options.source is None) != (options.target is None):
        raise DataError(HALF_DIRECTION)
    if options.test_target and not options.test:
        raise DataError(TARGET_ALONE)

    from playground.data.example import Languages
    from playground.model.translate import TranslationConfig
    from playground.verdict.files import to_json
    from playground.verdict.judged_runs import JudgeProgress, JudgeRequest

    request = JudgeRequest(
        run_ids=tuple(options.runs),
        test_file=str(options.test) if options.test else None,
        test_target=str(options.test_target) if options.test_target else None,
        languages=Languages(options.source, options.target) if options.source else None,
        decoding=TranslationConfig(num_beams=options.beams),
        accept_leakage=options.accept_leakage,
    )
    verdict: Verdict | None = None
    with contextlib.redirect_stdout(sys.stderr):
        for update in playground.judge(request):
            if not isinstance(update, JudgeProgress):
                verdict = update
            elif not options.json and (update.done == update.total or update.done % 50 == 0):
                line = PROGRESS.to(
                    terminal_language(), label=one_line(update.label, 40), done=update.done, total=update.total
                )
                write_line(line, sys.stderr)
    assert verdict is not None
    if options.json:
        write_line(json.dumps(json.loads(to_json(verdict)), ensure_ascii=False))
    else:
        _write(verdict)
    return DONE


def _write(verdict: Verdict) -> None:
    """The sentence of each adapter, the figures, the signatures."""
    from playground.verdict.judge import signatures

    language = terminal_language()
    for result in verdict.adapters:
        if result.against_base:
            write_line(f"{one_line(result.system.label, 60)}: {result.against_base.sentence.to(language)}")
            for caution in filter(None, (result.system.other_base, result.against_base.caution)):
                write_line(f"  {one_line(caution.to(language), 500)}")
    header = ("", *METRICS, "p (BLEU)", "p (chrF)", "+ = −")
    write_table(header, [_row(result, language) for result in verdict.results])
    write_line(DECODING.to(language).format(settings=verdict.base.system.decoding))
    for signature in signatures(verdict):
        write_line(signature)


def _row(result: Result, language: Language) -> tuple[str, ...]:
    scores = (result.scores[name] for name in METRICS)
    figures = [
        f"{decimal(score.score, 2, language)} [{interval(score.interval.low, score.interval.high, 2, language)}]"
        for score in scores
    ]
    against = result.against_base
    if against is None:
        return result.system.label, *figures, "", "", ""
    chances = [decimal(against.differences[name].p_bootstrap, 4, language) for name in METRICS[:2]]
    return result.system.label, *figures, *chances, f"{against.wins} {against.ties} {against.losses}"

"""Events, tables and texts as terminal lines. Model output and names are untrusted: no control characters pass."""

from __future__ import annotations

import json
import locale
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TextIO

from playground.catalog.devices import DTYPE_REASONS
from playground.data.left_out import said
from playground.files import writable
from playground.numbers import decimal
from playground.texts import Language, Text
from playground.train.events import (
    Downloading,
    EvalLogged,
    Event,
    Resumed,
    RunFinished,
    RunStarted,
    SampleLogged,
    ScoreLogged,
    StageChanged,
    StepLogged,
)

if TYPE_CHECKING:
    from playground.compare.answers import CompareUpdate

STAGE = Text("stage {stage}", "etapa {stage}")
DOWNLOADING = Text("download {done:bytes} of {total:bytes}{silent}", "download {done:bytes} de {total:bytes}{silent}")
SILENT = Text(
    ", nothing has come for {seconds:.0f} s; still waiting", ", nada chega há {seconds:.0f} s; ainda esperando"
)
RESUMED = Text("goes on after step {step}", "continua depois do passo {step}")
RESUMED_EARLIER = Text(
    "goes on after step {step}: {damaged} newer checkpoint(s) could not be read",
    "continua depois do passo {step}: {damaged} ponto(s) salvo(s) mais novo(s) não puderam ser lidos",
)
STARTED = Text(
    "start {trainable:,} of {total:,} parameters train on {device}, {dtype} ({reason}); {train} "
    "examples, {held_out} held-out ones at each evaluation, {dropped} left out, {cut} cut",
    "início {trainable:,} de {total:,} parâmetros treinam em {device}, {dtype} ({reason}); {train} "
    "exemplos, {held_out} reservados em cada avaliação, {dropped} deixados de fora, {cut} cortados",
)
STEP = Text(
    "step {step}  loss {loss:.4f}  learning rate {rate:.3g}  {speed:.2f} examples/s  {memory:bytes}",
    "passo {step}  perda {loss:.4f}  taxa de aprendizado {rate:.3g}  {speed:.2f} exemplos/s  {memory:bytes}",
)
EVALUATION = Text(
    "eval {step}  held-out loss {loss:.4f}  perplexity {perplexity:.2f}",
    "avaliação {step}  perda nos reservados {loss:.4f}  perplexidade {perplexity:.2f}",
)
SAMPLE = Text("sample {step}  {prompt}  ->  {answer}", "exemplo {step}  {prompt}  ->  {answer}")
SCORE = Text(
    "score {step}  chrF {chrf:.1f}  BLEU {bleu:.1f}  general chrF {general}",
    "nota {step}  chrF {chrf:.1f}  BLEU {bleu:.1f}  chrF geral {general}",
)
FINISHED = Text(
    "{status} {steps} steps in {seconds:duration}  held-out loss {base} -> {loss}  {speed:.2f} examples/s  peak"
    " {memory:bytes}",
    "{status} {steps} passos em {seconds:duration}  perda nos reservados {base} -> {loss}  {speed:.2f} exemplos/s  "
    "pico {memory:bytes}",
)


def terminal_language() -> Language:
    """Portuguese where the terminal's locale says so, else English. JSON output does not depend on it."""
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((value for value in settings if value), None) or locale.getlocale()[0] or ""
    return "pt" if chosen.lower().startswith("pt") else "en"


def one_line(text: object, width: int = 100) -> str:
    """Printable characters only, on one line, shortened to `width`."""
    flat = " ".join("".join(character if character.isprintable() else " " for character in str(text)).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def write_json(value: object, stream: TextIO | None = None) -> None:
    """One JSON value on one line, sent at once: a reader of the pipe sees each event as it happens."""
    write_line(json.dumps(to_json(value), ensure_ascii=False, allow_nan=False), stream)


def to_json(value: Any) -> Any:
    """Dataclasses as objects, a Text in both languages, and null for what JSON cannot say (NaN, infinity)."""
    if isinstance(value, Text):
        return value._asdict()
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_line(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(writable(text) + "\n")
    (stream or sys.stdout).flush()


def write_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their longest cell, two spaces apart."""
    cells = [[one_line(cell, 120) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def write_comparison(update: CompareUpdate) -> None:
    """Prompt by prompt, one line a column; then the scores."""
    labels = [f"{column.label} ({column.run_id})" if column.run_id else column.label for column in update.columns]
    for prompt, reference, answers in zip(update.prompts, update.references, update.answers, strict=True):
        write_line(f"> {one_line(prompt, 500)}")
        for label, answer in [*zip(labels, answers, strict=True), *([("=", reference)] if reference else [])]:
            write_line(f"  {one_line(label, 60)}: {one_line(answer, 2000)}")
    language = terminal_language()
    for warning in (column.warning for column in update.columns if column.warning):
        write_line(f"! {one_line(warning.to(language), 500)}")
    names = list(dict.fromkeys(name for scores in update.scores for name in scores))
    if names:
        cells = [[decimal(scores.get(name), 2, language) for name in names] for scores in update.scores]
        write_table(("", *names), [(label, *row) for label, row in zip(labels, cells, strict=True)])


def event_line(event: Event, language: Language) -> str:
    """One event as one line."""
    match event:
        case StageChanged():
            return STAGE.to(language, stage=event.stage)
        case Downloading():
            silent = SILENT.to(language, seconds=event.silent_seconds) if event.silent_seconds >= 5 else ""
            return DOWNLOADING.to(language, done=event.done_bytes, total=event.total_bytes, silent=silent)
        case Resumed():
            text = RESUMED_EARLIER if event.damaged else RESUMED
            return text.to(language, step=event.step, damaged=event.damaged)
        case RunStarted():
            return STARTED.to(
                language,
                trainable=event.trainable_parameters,
                total=event.total_parameters,
                device=event.device,
                dtype=event.dtype,
                reason=DTYPE_REASONS[event.dtype_reason].to(language),
                train=event.train_examples,
                held_out=event.eval_examples,
                dropped=event.dropped_examples,
                cut=event.truncated_examples,
            ) + _remarks(event, language)
        case StepLogged():
            return STEP.to(
                language,
                step=event.step,
                loss=event.loss,
                rate=event.learning_rate,
                speed=event.examples_per_second,
                memory=event.memory_bytes,
            )
        case EvalLogged():
            return EVALUATION.to(language, step=event.step, loss=event.loss, perplexity=event.perplexity)
        case SampleLogged():
            answer = one_line(event.adapter or event.base)
            return SAMPLE.to(language, step=event.step, prompt=one_line(event.prompt, 60), answer=answer)
        case ScoreLogged():
            general = decimal(event.general_chrf, 1, language)
            return SCORE.to(language, step=event.step, chrf=event.chrf, bleu=event.bleu, general=general)
        case RunFinished():
            return FINISHED.to(
                language,
                status=event.status,
                steps=event.steps,
                seconds=event.seconds,
                base=decimal(event.eval_loss_base, 4, language),
                loss=decimal(event.eval_loss, 4, language),
                speed=event.examples_per_second,
                memory=event.peak_memory_bytes,
            )


def _remarks(event: RunStarted, language: Language) -> str:
    """What else is to be known of a run that begins: what of the data it leaves out, and that its base is another."""
    left_out = said(event.left_out or {})
    warning = Text(*event.other_base).to(language) if event.other_base else ""
    return (f"; {left_out.to(language)}" if left_out else "") + (f"\n! {warning}" if warning else "")

"""Events, tables and texts as terminal lines. Model output and names are untrusted: no control characters pass."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from playground.texts import Language, Text
from playground.train.events import EvalLogged, Event, RunFinished, RunStarted, StageChanged, StepLogged

STAGE = Text("stage {stage}", "etapa {stage}")
STARTED = Text(
    "start {trainable:,} of {total:,} parameters train on {device}, {dtype} ({reason}); "
    "{train} examples, {held_out} held out, {dropped} left out, {cut} cut",
    "início {trainable:,} de {total:,} parâmetros treinam em {device}, {dtype} ({reason}); "
    "{train} exemplos, {held_out} separados, {dropped} deixados de fora, {cut} cortados",
)
STEP = Text(
    "step {step}  loss {loss:.4f}  learning rate {rate:.2e}  {speed:.2f} examples/s  {memory}",
    "passo {step}  perda {loss:.4f}  taxa de aprendizado {rate:.2e}  {speed:.2f} exemplos/s  {memory}",
)
EVALUATION = Text(
    "eval {step}  held-out loss {loss:.4f}  perplexity {perplexity:.2f}  answer: {answer}",
    "avaliação {step}  perda separada {loss:.4f}  perplexidade {perplexity:.2f}  resposta: {answer}",
)
FINISHED = Text(
    "{status} {steps} steps in {seconds:.1f} s  held-out loss {base} -> {loss}  {speed:.2f} examples/s  peak {memory}",
    "{status} {steps} passos em {seconds:.1f} s  perda separada {base} -> {loss}  {speed:.2f} exemplos/s  "
    "pico {memory}",
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


def size(count: float) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def write_json(values: Mapping[str, Any] | Sequence[Any], stream: TextIO | None = None) -> None:
    """One JSON value on one line, sent at once: a reader of the pipe sees each event as it happens."""
    (stream or sys.stdout).write(json.dumps(values, ensure_ascii=False) + "\n")
    (stream or sys.stdout).flush()


def write_line(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(text + "\n")
    (stream or sys.stdout).flush()


def write_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their longest cell, two spaces apart."""
    cells = [[one_line(cell, 60) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def event_line(event: Event, language: Language) -> str:
    """One event as one line."""
    match event:
        case StageChanged():
            return STAGE.to(language, stage=event.stage)
        case RunStarted():
            return STARTED.to(
                language,
                trainable=event.trainable_parameters,
                total=event.total_parameters,
                device=event.device,
                dtype=event.dtype,
                reason=event.dtype_reason,
                train=event.train_examples,
                held_out=event.eval_examples,
                dropped=event.dropped_examples,
                cut=event.truncated_examples,
            )
        case StepLogged():
            return STEP.to(
                language,
                step=event.step,
                loss=event.loss,
                rate=event.learning_rate,
                speed=event.examples_per_second,
                memory=size(event.memory_bytes),
            )
        case EvalLogged():
            return EVALUATION.to(
                language,
                step=event.step,
                loss=event.loss,
                perplexity=event.perplexity,
                answer=one_line(event.sample_adapter or event.sample_base),
            )
        case RunFinished():
            return FINISHED.to(
                language,
                status=event.status,
                steps=event.steps,
                seconds=event.seconds,
                base=_loss(event.eval_loss_base),
                loss=_loss(event.eval_loss),
                speed=event.examples_per_second,
                memory=size(event.peak_memory_bytes),
            )


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"

"""Events, tables and texts as terminal lines. Model output and names are untrusted: no control characters pass."""

from __future__ import annotations

import json
import locale
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TextIO

from pydantic import BaseModel

from playground.catalog.devices import DTYPE_REASONS
from playground.data.columns import some_rows
from playground.data.left_out import said
from playground.data.rows.shuffled import IS_A_CONTROL
from playground.files import writable
from playground.numbers import decimal, percent
from playground.texts import Language, Text
from playground.train.events import (
    ChangeLogged,
    Downloading,
    EvalLogged,
    Event,
    Resumed,
    RowsSkipped,
    RunFinished,
    RunStarted,
    SampleLogged,
    ScoreLogged,
    StageChanged,
    StepLogged,
    to_values,
)

# What each kind of event says; `{names}` are its fields.
LINES: dict[type[Event], Text] = {
    StageChanged: Text("stage {stage}", "etapa {stage}"),
    Downloading: Text(
        "download {done_bytes:bytes} of {total_bytes:bytes}", "download {done_bytes:bytes} de {total_bytes:bytes}"
    ),
    Resumed: Text("goes on after step {step}", "continua depois do passo {step}"),
    RunStarted: Text(
        "start {trainable_parameters:,} of {total_parameters:,} parameters train on {device}, {dtype} ({reason});"
        " {train_examples} examples, {eval_examples} held-out ones at each evaluation, {dropped_examples} left out,"
        " {truncated_examples} cut",
        "início {trainable_parameters:,} de {total_parameters:,} parâmetros treinam em {device}, {dtype} ({reason});"
        " {train_examples} exemplos, {eval_examples} reservados em cada avaliação, {dropped_examples} deixados de fora,"
        " {truncated_examples} cortados",
    ),
    RowsSkipped: Text(
        "skipped {count} of {rows} rows, which cannot be read ({places}). The first: {reason}",
        "puladas {count} de {rows} linhas, que não podem ser lidas ({places}). A primeira: {reason}",
    ),
    StepLogged: Text(
        "step {step}  loss {loss:.4f}  learning rate {learning_rate:.3g}  {examples_per_second:.2f} examples/s "
        " {memory_bytes:bytes}",
        "passo {step}  perda {loss:.4f}  taxa de aprendizado {learning_rate:.3g}  {examples_per_second:.2f} exemplos/s "
        " {memory_bytes:bytes}",
    ),
    EvalLogged: Text(
        "eval {step}  held-out loss {loss:.4f}  perplexity {perplexity:.2f}",
        "avaliação {step}  perda nos reservados {loss:.4f}  perplexidade {perplexity:.2f}",
    ),
    SampleLogged: Text("sample {step}  {prompt}  ->  {answer}", "exemplo {step}  {prompt}  ->  {answer}"),
    ScoreLogged: Text(
        "score {step}  chrF {chrf:.1f}  BLEU {bleu:.1f}  general chrF {general}",
        "nota {step}  chrF {chrf:.1f}  BLEU {bleu:.1f}  chrF geral {general}",
    ),
    ChangeLogged: Text(
        "change {step}  KL from the base {kl}  largest change of a layer {largest}",
        "mudança {step}  KL em relação à base {kl}  maior mudança de uma camada {largest}",
    ),
    RunFinished: Text(
        "{status} {steps} steps in {seconds:duration}  held-out loss {base} -> {loss}  {examples_per_second:.2f}"
        " examples/s  peak {peak_memory_bytes:bytes}",
        "{status} {steps} passos em {seconds:duration}  perda nos reservados {base} -> {loss}  "
        "{examples_per_second:.2f} exemplos/s  pico {peak_memory_bytes:bytes}",
    ),
}
SILENT = Text(
    ", nothing has come for {seconds:.0f} s; still waiting", ", nada chega há {seconds:.0f} s; ainda esperando"
)
STREAMED = Text(
    "; the number of examples is an estimate by the first rows: the others are read while it trains",
    "; o número de exemplos é uma estimativa pelas primeiras linhas: as outras são lidas durante o treino",
)
DAMAGED = Text(
    ": {damaged} newer checkpoint(s) could not be read",
    ": {damaged} ponto(s) salvo(s) mais novo(s) não puderam ser lidos",
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
    """Dataclasses and settings as objects, a Text in both languages, null for what JSON cannot say (NaN, infinity)."""
    if isinstance(value, Text):
        return value._asdict()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
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


def event_line(event: Event, language: Language) -> str:
    """One event as one line."""
    values = to_values(event)
    match event:
        case RunStarted():
            values["reason"] = DTYPE_REASONS[event.dtype_reason].to(language)
        case RowsSkipped():
            values |= {"places": some_rows(event.places), "reason": one_line(Text(*event.reason).to(language), 200)}
        case SampleLogged():
            values |= {"prompt": one_line(event.prompt, 60), "answer": one_line(event.adapter or event.base)}
        case ScoreLogged():
            values["general"] = decimal(event.general_chrf, 1, language)
        case ChangeLogged():
            changes = [value for row in event.relative for value in row if value is not None]
            largest = percent(max(changes, default=None), 2, language)
            values |= {"kl": decimal(event.kl, 4, language), "largest": largest}
        case RunFinished():
            losses = {"base": event.eval_loss_base, "loss": event.eval_loss}
            values |= {name: decimal(loss, 4, language) for name, loss in losses.items()}
    return LINES[type(event)].to(language, **values) + _remarks(event, language)


def _remarks(event: Event, language: Language) -> str:
    """What else is to be known: of a run that begins, what of the data it leaves out and that its base is another."""
    match event:
        case Downloading() if event.silent_seconds >= 5:
            return SILENT.to(language, seconds=event.silent_seconds)
        case Resumed() if event.damaged:
            return DAMAGED.to(language, damaged=event.damaged)
        case RunStarted():
            streamed = STREAMED.to(language) if event.is_streamed else ""
            left_out = said(event.left_out or {})
            control = IS_A_CONTROL if event.shuffled_answers else None
            remarks = "".join(f"; {text.to(language)}" for text in (left_out, control) if text)
            warning = f"\n! {Text(*event.other_base).to(language)}" if event.other_base else ""
            return streamed + remarks + warning
    return ""

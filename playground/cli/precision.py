"""`quantization`: one base in fp32, bf16, int8 and NF4, side by side."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.catalog.precisions import PRECISIONS
from playground.cli.parts.options import DONE, FAILED, Add
from playground.cli.parts.terminal import terminal_language, write_json, write_line, write_table
from playground.numbers import byte_size, decimal, duration, percent
from playground.service import Playground
from playground.texts import Language, Text

if TYPE_CHECKING:
    from playground.precision.comparison import PrecisionComparison

QUANTIZATION_HELP = Text(
    "one base in fp32, bf16, int8 and NF4: bytes, load time, speed, perplexity, error of the weights",
    "uma base em fp32, bf16, int8 e NF4: bytes, tempo de carga, velocidade, perplexidade, erro dos pesos",
)
MODEL_HELP = Text("a model's name, Hub id or folder", "o nome de um modelo, id do Hub ou pasta")
TRAIN_HELP = Text(
    "also measure the peak memory of two training steps: LoRA on fp32 and bf16, QLoRA on NF4",
    "mede também o pico de memória de dois passos de treino: LoRA em fp32 e bf16, QLoRA em NF4",
)
AGAIN_HELP = Text("measure even what was kept from an earlier time", "mede mesmo o que foi guardado de outra vez")
STAGES = {
    "loading": Text("{label}: loading", "{label}: carregando"),
    "weights": Text("{label}: comparing the weights with the file", "{label}: comparando os pesos com o arquivo"),
    "writing": Text("{label}: timing an answer", "{label}: cronometrando uma resposta"),
    "reading": Text("{label}: reading the fixed text", "{label}: lendo o texto fixo"),
    "training": Text("{label}: two training steps", "{label}: dois passos de treino"),
}
HEADER = (
    Text("precision", "precisão"),
    Text("weights", "pesos"),
    Text("load", "carga"),
    Text("tokens/s", "tokens/s"),
    Text("loss", "perda"),
    Text("perplexity", "perplexidade"),
    Text("largest weight error", "maior erro de pesos"),
    Text("peak of training", "pico de treino"),
)


def add_commands(add: Add) -> None:
    command = add(quantization, QUANTIZATION_HELP)
    command.add_argument("model", metavar="MODEL", help=MODEL_HELP)
    command.add_argument("--train", action="store_true", help=TRAIN_HELP)
    command.add_argument("--again", action="store_true", help=AGAIN_HELP)


def quantization(options: argparse.Namespace) -> int:
    language = terminal_language()
    playground = Playground(Path("runs"))
    found: PrecisionComparison | None = None
    with contextlib.redirect_stdout(sys.stderr):
        for found in playground.compare_precisions(options.model, train=options.train, again=options.again):
            if found.current and not options.json:
                label = PRECISIONS[found.current].label
                write_line(STAGES[found.stage].to(language, label=label), sys.stderr)
    assert found is not None
    if options.json:
        write_json(found)
    else:
        write_table([name.to(language) for name in HEADER], rows(found, language))
    for text in found.failed.values():
        write_line(text.to(language), sys.stderr)
    return DONE if found.measured else FAILED


def rows(found: PrecisionComparison, language: Language) -> list[tuple[str, ...]]:
    """A line for each measured precision."""
    lines: list[tuple[str, ...]] = []
    for name, item in found.measured.items():
        largest = max((module.relative for module in item.errors.modules), default=0.0)
        peak = found.training.get(name)
        lines.append(
            (
                PRECISIONS[name].label,
                byte_size(item.weight_bytes, language),
                duration(item.load_seconds, language),
                decimal(item.tokens_per_second, 1, language),
                decimal(item.loss, 4, language),
                decimal(item.perplexity, 2, language),
                percent(largest, 3, language),
                f"{PRECISIONS[name].trains_as} {byte_size(peak.peak_bytes, language)}" if peak else "–",
            )
        )
    return lines

"""CTranslate2 against PyTorch: m2m100-mini, and an adapter of everyday phrases merged into it.

    python benchmarks/ctranslate2.py [--sentences 200] [--beams 1] [--steps 120] [--rounds 3] [--json]

Both translate the same held-out sentences with the same limits. Equal: translations that are the same to the letter.
Change: BLEU and chrF less those of PyTorch in float32, with the interval of sacrebleu's paired bootstrap. Chances: mean
and largest difference of the log-probabilities of the references' tokens. Seconds: the least of the rounds, of PyTorch
with the merged model in float32, and as the page has it, the adapter beside the base in the numbers of this processor;
each engine also works out a confidence for every sentence.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

# Python puts a script's own folder first, where this file would be found in the package's place.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.one_run import trained
from playground.data.example import Example, Languages
from playground.data.read import load_split
from playground.model.adapt import attached
from playground.model.engines.ctranslate2_search import FastTranslator
from playground.model.engines.log_probabilities import log_probabilities, reference_ids
from playground.model.engines.to_ctranslate2 import QUANTIZATIONS, to_ctranslate2
from playground.model.load import BaseModel, load_base
from playground.model.merge import merged
from playground.model.translate import TranslationConfig, translate
from playground.service import Playground
from playground.verdict.significance import Measure

MODEL = "m2m100-mini"
LANGUAGES = Languages("en", "pt")
DATA = {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"}
Results = Iterator[tuple[int, Any]]


def held_out(playground: Playground, count: int) -> list[Example]:
    config = playground.check({"base_model": MODEL, "data": DATA})
    return load_split(config.data, config.seed).held_out[:count]


def timed(rounds: int, work: Callable[[], Results]) -> tuple[float, list[str]]:
    """The least seconds, and the texts in the order of the sentences; once before, to warm up."""
    found = dict(work())
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        found = dict(work())
        seconds.append(time.perf_counter() - started)
    return min(seconds), [found[place].text for place in range(len(found))]


def change(name: str, references: list[str], before: list[str], after: list[str]) -> list[float]:
    """The difference of a score, and its interval."""
    measure = Measure(name, references, LANGUAGES.target)
    difference, interval = measure.change(measure.counts(before), measure.counts(after))
    return [difference, interval.low, interval.high]


class Plain:
    """What PyTorch makes of the sentences, with the model in float32."""

    def __init__(self, adapter: Path | None, examples: list[Example], options: argparse.Namespace) -> None:
        self.base, self.rounds = merged(MODEL, adapter), options.rounds
        self.sources, self.references = [item.prompt for item in examples], [item.completion for item in examples]
        self.decoding = TranslationConfig(num_beams=options.beams)
        self.seconds, self.texts = self.translated(self.base.model, self.base)
        self.ids = reference_ids(self.base, examples)
        self.chances = log_probabilities(self.base.model, self.base, self.ids)

    def translated(self, model: Any, base: BaseModel) -> tuple[float, list[str]]:
        work = partial(translate, model, base, self.sources, LANGUAGES, self.decoding)
        return timed(self.rounds, work)

    def against(self, fast: FastTranslator) -> dict[str, Any]:
        seconds, texts = timed(self.rounds, partial(fast.translate, self.sources, LANGUAGES, self.decoding))
        other = fast.log_probabilities([source for source, _ in self.ids], [target for _, target in self.ids])
        apart = [
            abs(one - two)
            for rows in zip(self.chances, other, strict=True)
            for one, two in list(zip(*rows, strict=True))[1:]  # the language token is no choice
        ]
        return {
            "equal": sum(map(str.__eq__, self.texts, texts)) / len(texts),
            "BLEU": change("BLEU", self.references, self.texts, texts),
            "chrF": change("chrF", self.references, self.texts, texts),
            "chances_mean": sum(apart) / len(apart),
            "chances_largest": max(apart),
            "seconds": seconds,
            "times_faster": self.seconds / seconds,
        }


def compared(adapter: Path | None, examples: list[Example], options: argparse.Namespace) -> dict[str, Any]:
    plain, page = Plain(adapter, examples, options), load_base(MODEL)
    with attached(page, adapter) if adapter else nullcontext(page.model) as model:
        page_seconds, _ = plain.translated(model, page)
    scores = {name: score(name, plain.references, plain.texts) for name in ("BLEU", "chrF")}
    found: dict[str, Any] = {"pytorch": {"seconds": plain.seconds, **scores}}
    found["page"] = {"dtype": str(page.dtype), "seconds": page_seconds}
    for quantization in QUANTIZATIONS:
        with tempfile.TemporaryDirectory() as folder:
            to_ctranslate2(merged(MODEL, adapter), Path(folder), quantization)
            figures = plain.against(FastTranslator(Path(folder), plain.base, quantization))
            figures["mebibytes"] = (Path(folder) / "model.bin").stat().st_size / 2**20
        found[quantization] = {**figures, "times_faster_than_page": page_seconds / figures["seconds"]}
    return found


def score(name: str, references: list[str], texts: list[str]) -> float:
    measure = Measure(name, references, LANGUAGES.target)
    return measure.total(measure.counts(texts))


def shown(value: Any) -> str:
    if isinstance(value, list):
        return "{:+.3f} [{:+.3f}, {:+.3f}]".format(*value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        playground = Playground(Path(folder) / "runs")
        examples = held_out(playground, options.sentences)
        found = {
            "base": compared(None, examples, options),
            "adapter": compared(
                trained(playground, options.steps, base_model=MODEL, data=DATA).adapter, examples, options
            ),
        }
    if options.json:
        print(json.dumps(found))
        return
    for model, engines in found.items():
        for engine, figures in engines.items():
            for name, value in figures.items():
                print(f"{model:8} {engine:8} {name:22} {shown(value)}")


if __name__ == "__main__":
    main()

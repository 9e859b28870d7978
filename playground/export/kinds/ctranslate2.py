"""Base and adapter for CTranslate2, which translates on a processor several times as fast as PyTorch."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from playground.catalog.capabilities import no_merge
from playground.catalog.resolve import task_of
from playground.config import RunConfig
from playground.data.example import Example, Languages
from playground.errors import RunError
from playground.export.evidence import take_evidence
from playground.export.kinds import Written
from playground.export.kinds import merged as merged_kind
from playground.export.proof import Asked, Conversion
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.engines.ctranslate2_search import FastTranslator
from playground.model.engines.log_probabilities import log_probabilities, reference_ids
from playground.model.engines.to_ctranslate2 import Quantization, to_ctranslate2
from playground.model.load import BaseModel, load_base
from playground.model.translate import translate
from playground.texts import Text
from playground.train.scores import GREEDY
from playground.verdict.significance import Interval, Measure

METRICS = ("BLEU", "chrF")
NOT_TRANSLATION = Text(
    "{model} answers and does not translate. Take it away as a merged model, or as GGUF.",
    "{model} responde e não traduz. Leve-o como modelo mesclado ou como GGUF.",
)


@dataclass(frozen=True)
class Held:
    """Held-out pairs of one direction, what the trained model makes of them, and how likely it finds the references."""

    examples: list[Example]
    languages: Languages
    texts: list[str]
    ids: list[tuple[list[int], list[int]]]
    chances: list[list[float]]


def refusal(config: RunConfig) -> Text | None:
    if task_of(config) != "seq2seq_lm":
        return NOT_TRANSLATION.filled(model=config.base_model)
    return no_merge(config.method.method)


def write(taken: Taken, folder: Path) -> Steps[Written]:
    return write_as(taken, folder, "int8")


def write_as(taken: Taken, folder: Path, quantization: Quantization) -> Steps[Written]:
    """Raises ModelError for a family that CTranslate2 does not take."""
    with taken.adapted() as (base, model):
        held = yield from _held(taken, base, model)
    with tempfile.TemporaryDirectory() as place:
        of_merge = yield from merged_kind.write(taken, Path(place))
        merged = replace(load_base(place, dtype="float32"), source=taken.config.base_model)
        prompts = yield from take_evidence(taken, merged, merged.model)
        yield Step("converting")
        to_ctranslate2(merged, folder, quantization)
    fast = FastTranslator(folder, merged, quantization)
    yield Step("comparing")
    told, facts = _compared(held, fast)
    return Written(
        prompts=[_as_it_says(fast, asked, held.languages) for asked in prompts],
        conversion=told,
        facts={**of_merge.facts, "quantization": quantization, **facts},
    )


def _held(taken: Taken, base: BaseModel, model: Any) -> Steps[Held]:
    """Raises RunError for a run whose held-out examples are no translations."""
    pairs = [example for example in taken.held_out(base) if example.languages is not None]
    languages = pairs[0].languages if pairs else None
    if languages is None:
        raise RunError(NOT_TRANSLATION, model=taken.config.base_model)
    examples = [example for example in pairs if example.languages == languages]
    ids = reference_ids(base, examples)
    found: dict[int, str] = {}
    yield Step("asking", 0, len(examples))
    for place, made in translate(model, base, [example.prompt for example in examples], languages, GREEDY):
        found[place] = made.text
        yield Step("asking", len(found), len(examples))
    texts = [found[place] for place in range(len(examples))]
    return Held(examples, languages, texts, ids, log_probabilities(model, base, ids))


def _compared(held: Held, fast: FastTranslator) -> tuple[Conversion, dict[str, Any]]:
    """The change of BLEU, and what else is known: of the probabilities only those of the references are told."""
    found = dict(fast.translate([example.prompt for example in held.examples], held.languages, GREEDY))
    texts = [found[place].text for place in range(len(held.examples))]
    chances = fast.log_probabilities([source for source, _ in held.ids], [target for _, target in held.ids])
    gaps = [
        other - one
        for rows in zip(held.chances, chances, strict=True)
        for one, other in list(zip(*rows, strict=True))[1:]  # the first names the language, or is as good as any other
    ]
    references = [example.completion for example in held.examples]
    changes: dict[str, tuple[float, Interval]] = {}
    scores: dict[str, float] = {}
    for name in METRICS:
        measure = Measure(name, references, held.languages.target)
        before, after = measure.counts(held.texts), measure.counts(texts)
        changes[name], scores[name] = measure.change(before, after), measure.total(before)
    facts = {
        "equal_translations": sum(map(str.__eq__, held.texts, texts)) / len(texts),
        "mean_log_probability_change": sum(gaps) / len(gaps) if gaps else 0.0,
        "trained": scores,
        "changes": {name: {"difference": found, **asdict(interval)} for name, (found, interval) in changes.items()},
    }
    change, interval = changes["BLEU"]
    told = Conversion(
        kl=None,
        score="BLEU",
        trained=scores["BLEU"],
        change=change,
        low=interval.low,
        high=interval.high,
        examples=len(texts),
    )
    return told, facts


def _as_it_says(fast: FastTranslator, asked: Asked, languages: Languages) -> Asked:
    """Of its numbers only the log-probabilities of the expected tokens are told: they stand for the logits."""
    ((_, made),) = fast.translate([asked.prompt["text"]], languages, GREEDY)
    chances = fast.log_probabilities([asked.input_ids], [asked.continuation])
    return replace(asked, answer=made.text, places=[asked.continuation], logits=chances)

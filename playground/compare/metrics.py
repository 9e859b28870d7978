"""How good answers are, as numbers. Answers are model output: they are parsed, never run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from playground.texts import Text

Score = Callable[[Sequence[str], Sequence[str]], float]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`function(hypotheses, references)`, lists of equal length; `signature` says how, for reports.

    Where `needs_reference` is false the references are not looked at. An empty list scores 0.
    """

    name: str
    label: Text
    help: Text
    function: Score
    higher_is_better: bool = True
    needs_reference: bool = True
    unit: str = "%"
    signature: str = ""


def parse_json(text: str) -> Any:
    """The value that `text` is, or None. `null`, and what JSON does not know such as NaN, count as no answer."""
    try:
        return json.loads(text.strip(), parse_constant=_reject)
    except (ValueError, RecursionError):
        return None


def _reject(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _share(hits: Sequence[float]) -> float:
    return 100.0 * math.fsum(hits) / len(hits) if hits else 0.0


def valid_json(hypotheses: Sequence[str], _references: Sequence[str]) -> float:
    return _share([parse_json(text) is not None for text in hypotheses])


def exact_match(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    return _share([text.strip() == reference.strip() for text, reference in zip(hypotheses, references, strict=True)])


def key_accuracy(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Over all keys of all references: those whose value is right. References that are no object have no keys."""
    hits: list[float] = []
    for text, reference in zip(hypotheses, references, strict=True):
        expected, found = parse_json(reference), parse_json(text)
        if isinstance(expected, dict):
            answer = found if isinstance(found, dict) else {}
            hits.extend(key in answer and same(answer[key], value) for key, value in expected.items())
    return _share(hits)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: in Python `True == 1`, in JSON they differ; 1 and 1.0 are one number."""
    pairs = [(one, other)]  # a list instead of recursion: nesting as deep as the file likes
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            pairs.extend((left[key], right[key]) for key in left)
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            pairs.extend(zip(left, right, strict=True))
        elif isinstance(left, dict | list) or isinstance(left, bool) != isinstance(right, bool) or left != right:
            return False
    return True


def _corpus(metric: CHRF | BLEU) -> Score:
    """sacrebleu's score of all answers together."""
    return lambda answers, references: (
        float(metric.corpus_score(list(answers), [list(references)]).score) if answers else 0.0
    )


_CHRF, _BLEU = CHRF(), BLEU()
chrf, bleu = _corpus(_CHRF), _corpus(_BLEU)


def _signature(metric: CHRF | BLEU) -> str:
    name = metric.corpus_score(["a"], [["a"]]).name  # the signature counts references: only after a first score
    return f"{name}|{metric.get_signature()}"


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="valid_json", function=valid_json, needs_reference=False,
            label=Text("Valid JSON", "JSON válido"),
            help=Text("Share of answers that are JSON and nothing else.", "Parcela das respostas que são só JSON."),
        ),
        Metric(
            name="exact_match", function=exact_match,
            label=Text("Exact match", "Igual à referência"),
            help=Text(
                "Share of answers equal to the reference, spaces at the ends aside.",
                "Parcela das respostas iguais à referência, exceto espaços nas pontas.",
            ),
        ),
        Metric(
            name="key_accuracy", function=key_accuracy,
            label=Text("Right keys", "Chaves certas"),
            help=Text(
                "Share of the reference's JSON keys to which the answer gives the right value.",
                "Parcela das chaves JSON da referência às quais a resposta dá o valor certo.",
            ),
        ),
        Metric(
            name="chrf", function=chrf, unit="", signature=_signature(_CHRF),
            label=Text("chrF", "chrF"),
            help=Text(
                "Overlap of short letter sequences with the reference, 0 to 100 (sacrebleu).",
                "Sobreposição de sequências curtas de letras com a referência, de 0 a 100 (sacrebleu).",
            ),
        ),
        Metric(
            name="bleu", function=bleu, unit="", signature=_signature(_BLEU),
            label=Text("BLEU", "BLEU"),
            help=Text(
                "Overlap of word sequences with the reference, 0 to 100 (sacrebleu).",
                "Sobreposição de sequências de palavras com a referência, de 0 a 100 (sacrebleu).",
            ),
        ),
    )
}  # fmt: skip

PERPLEXITY_LABEL = Text("Perplexity of the reference", "Perplexidade da referência")


def label_of(name: str) -> Text:
    """The label of a score of a comparison: a metric, or `perplexity`, for which lower is better."""
    return METRICS[name].label if name in METRICS else PERPLEXITY_LABEL


def is_better(name: str, score: float, other: float) -> bool:
    """Whether `score` beats `other` in the score called `name`."""
    return score > other if name in METRICS and METRICS[name].higher_is_better else score < other

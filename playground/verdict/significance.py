"""Corpus scores with intervals and paired tests: sacrebleu's own computations, each sentence counted only once.

`sacrebleu.significance.PairedTest` counts every system again for each test, TER above all, and does not
give the differences from which the interval of a difference comes. Here the counts of each sentence are
kept, and the resamples of sacrebleu (same seed, same order) are drawn from them, so the figures are the
command's. Only two systems with equal counts throughout are treated otherwise: see `paired_tests`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import estimate_ci

SEED = 12345
RESAMPLES = 1000
TRIALS = 10_000
TRIALS_AT_ONCE = 500  # keeps memory flat: a test set of thousands of sentences would need gigabytes
METRIC_NAMES = ("BLEU", "chrF", "TER")
SACREBLEU_NAMES = {"BLEU": "BLEU", "chrF": "chrF2", "TER": "TER"}
LOWER_IS_BETTER = ("TER",)
# Scripts without spaces between words: BLEU counts characters there, TER splits them too.
CHARACTER_TOKENS = {"zh": "zh", "ja": "char", "ko": "char", "th": "char", "km": "char", "lo": "char", "my": "char"}

Counts = NDArray[np.float32]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """95 % lie between `low` and `high`."""

    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """A corpus score; `mean` and `half_width` are sacrebleu's "μ ± 95% CI"."""

    score: float
    mean: float
    half_width: float
    signature: str

    @property
    def interval(self) -> Interval:
        return Interval(self.mean - self.half_width, self.mean + self.half_width)


@dataclass(frozen=True)
class Difference:
    """A system's score minus the base's, its interval, and how likely so large a one is by chance."""

    difference: float
    interval: Interval
    p_bootstrap: float
    p_randomization: float
    signature_bootstrap: str
    signature_randomization: str


class Measure:
    """One metric against fixed references. `name` is one of METRIC_NAMES."""

    def __init__(self, name: str, references: Sequence[str], target_language: str = "") -> None:
        self.name = name
        self._metric: Any = _metric(name, [list(references)], target_language.split("-")[0])
        self._draws = np.random.default_rng(SEED).choice(len(references), size=(RESAMPLES, len(references)))

    def counts(self, hypotheses: Sequence[str]) -> Counts:
        """One row a sentence; rows add up to a corpus."""
        return np.array(self._metric._extract_corpus_statistics(list(hypotheses), None), dtype=np.float32)

    def of(self, counts: NDArray[Any]) -> float:
        """The score of the sentences whose counts were added up."""
        return float(self._metric._compute_score_from_stats(counts.tolist()).score)

    def total(self, counts: Counts) -> float:
        return self.of(counts.sum(0, dtype=np.float64))

    def sentences(self, counts: Counts) -> list[float]:
        return [self.of(row) for row in counts]

    def score(self, counts: Counts) -> Score:
        """As `sacrebleu --confidence` gives it."""
        mean, half_width = estimate_ci(self.resampled(counts))
        return Score(self.total(counts), float(mean), float(half_width), self._signature(bs=RESAMPLES))

    def resampled(self, counts: Counts) -> Scores:
        """The scores of all resamples, in an order that is the same for every system."""
        return np.array([self.of(counts[places].sum(0)) for places in self._draws])

    def paired_tests(self, base: Counts, other: Counts) -> Difference:
        """As `sacrebleu --paired-bs` and `--paired-ar` give it.

        Where no resample shows any difference both p-values are 1: sacrebleu, which counts only what is
        above the observed difference, would call two equal systems significantly different (p = 0.001).
        """
        difference = self.total(other) - self.total(base)
        resampled = self.resampled(other) - self.resampled(base)
        interval = _middle(resampled)
        if not resampled.any() and np.array_equal(base, other):
            p_bootstrap = p_randomization = 1.0
        else:
            sizes = np.abs(resampled)
            p_bootstrap = _p_value(sizes - sizes.mean(), abs(difference))
            p_randomization = _p_value(self._shuffled(base, other), abs(difference))
        signatures = self._signature(bs=RESAMPLES), self._signature(ar=TRIALS)
        return Difference(difference, interval, p_bootstrap, p_randomization, *signatures)

    def change(self, base: Counts, other: Counts) -> tuple[float, Interval]:
        """The difference alone, and its interval: those of `paired_tests`, in a fraction of the time."""
        difference = self.total(other) - self.total(base)
        return difference, _middle(self.resampled(other) - self.resampled(base))

    def _shuffled(self, base: Counts, other: Counts) -> Scores:
        """How far two systems lie apart after each sentence went to either of them by a coin's toss."""
        tosses = np.random.default_rng(SEED).integers(2, size=(TRIALS, len(base)), dtype=bool)
        one, two = base.astype(np.float64), other.astype(np.float64)
        sizes = []
        for start in range(0, TRIALS, TRIALS_AT_ONCE):
            kept = tosses[start : start + TRIALS_AT_ONCE].astype(np.float64)
            first, second = kept @ one + (1 - kept) @ two, (1 - kept) @ one + kept @ two
            sizes += [abs(self.of(a) - self.of(b)) for a, b in zip(first, second, strict=True)]
        return np.array(sizes)

    def _signature(self, **samples: int) -> str:
        signature = self._metric.get_signature()
        signature.update("seed", str(SEED))
        for name, count in samples.items():
            signature.update(name, count)
        return f"{SACREBLEU_NAMES[self.name]}|{signature.format()}"


def _middle(resampled: Scores) -> Interval:
    """Without the 2.5 % at each end."""
    low = len(resampled) // 40
    ordered = np.sort(resampled)
    return Interval(float(ordered[low]), float(ordered[len(ordered) - low - 1]))


def _metric(name: str, references: list[list[str]], language: str) -> BLEU | CHRF | TER:
    if name == "BLEU":
        return BLEU(tokenize=CHARACTER_TOKENS.get(language, "13a"), references=references)
    if name == "chrF":
        return CHRF(references=references)
    by_character = language in CHARACTER_TOKENS
    return TER(normalized=by_character, asian_support=by_character, references=references)


def _p_value(found: Scores, observed: float) -> float:
    """The share above the observed difference; the observed one counts as well, so it is never 0."""
    return float((np.sum(found > observed) + 1) / (len(found) + 1))

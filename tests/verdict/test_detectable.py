"""What so many sentences can show: against stored translations, sacrebleu's resamples, and simulated verdicts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from playground.verdict.detectable import SPREAD, detectable_chrf
from playground.verdict.significance import Measure

STORED = Path(__file__).with_name("paired_outputs.jsonl")
SETS = ("everyday-phrases", "software-messages")
Rows = list[dict[str, str]]


def rows_of(name: str) -> Rows:
    lines = STORED.read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["set"] == name]


def changes(rows: Rows) -> np.ndarray:
    """How far each sentence's chrF moved from the base to the adapter."""
    measure = Measure("chrF", [row["reference"] for row in rows], "pt")
    base, adapter = (measure.sentences(measure.counts([row[side] for row in rows])) for side in ("base", "adapter"))
    return np.array(adapter) - np.array(base)


def test_the_spread_is_that_of_the_stored_translations() -> None:
    spreads = [changes(rows_of(name)).std(ddof=1) for name in SETS]
    assert spreads == pytest.approx([13.9, 19.4], abs=0.05)
    assert math.sqrt(sum(spread**2 for spread in spreads) / 2) == pytest.approx(SPREAD, abs=0.1)


@pytest.mark.parametrize("name", SETS)
def test_the_formula_s_error_is_that_of_the_bootstrap_of_whole_corpora(name: str) -> None:
    """sacrebleu resamples corpora, whose chrF is no mean of sentences: it moves as much as the mean does."""
    rows = rows_of(name)
    measure = Measure("chrF", [row["reference"] for row in rows], "pt")
    base, adapter = (measure.resampled(measure.counts([row[side] for row in rows])) for side in ("base", "adapter"))
    formula = changes(rows).std(ddof=1) / math.sqrt(len(rows))
    assert (adapter - base).std() == pytest.approx(formula, rel=0.1)


@pytest.mark.parametrize("sentences", [30, 96, 400])
def test_a_bootstrap_finds_the_difference_four_times_out_of_five(sentences: int) -> None:
    """Verdicts on drawn sentences whose true difference is the one that is promised."""
    random = np.random.default_rng(7)
    pool = np.concatenate([(found := changes(rows_of(name))) - found.mean() for name in SETS])
    pool *= SPREAD / pool.std()
    trials, resamples = 400, 400
    found = 0
    for _ in range(trials):
        drawn = random.choice(pool, sentences) + detectable_chrf(sentences)
        means = drawn[random.integers(sentences, size=(resamples, sentences))].mean(axis=1)
        found += np.mean(np.abs(means - means.mean()) >= abs(drawn.mean())) < 0.05
    assert found / trials == pytest.approx(0.8, abs=0.06)


def test_four_times_the_sentences_show_half_the_difference() -> None:
    assert detectable_chrf(400) == pytest.approx(detectable_chrf(100) / 2)
    assert detectable_chrf(96) == pytest.approx(4.8, abs=0.05)
    assert math.isfinite(detectable_chrf(0))

"""Invented sentences, translations of them with more or less noise, and the verdict on those."""

from __future__ import annotations

import random

from playground.verdict.judge import System, TestSet, Verdict, judge
from playground.verdict.leakage import Pair

DECODING = "beams:4"
WORDS = (
    "casa",
    "de",
    "o",
    "gato",
    "está",
    "na",
    "chuva,",
    "bonita",
    "grande",
    "carro",
    "velho",
    "menina",
    "pão!",
    "hoje",
)
SOURCES = ("house", "of", "the", "cat", "is", "in", "rain", "pretty", "big", "car", "old", "girl", "bread", "today")


def sentences(count: int, seed: int = 0) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(3, 14))).capitalize() + "." for _ in range(count)]


def noisy(texts: list[str], share: float, seed: int) -> list[str]:
    """Each word replaced with the chance `share`."""
    chance = random.Random(seed)
    return [
        " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split()) for text in texts
    ]


def make_test(references: list[str]) -> TestSet:
    chance = random.Random(9)
    pairs = tuple(Pair(" ".join(chance.choices(SOURCES, k=len(text.split()))), text) for text in references)
    return TestSet("test.tsv", "en", "pt", pairs)


def make_system(outputs: list[str], label: str = "adapter", decoding: str = DECODING) -> System:
    run_id = None if label == "base" else "20250101-000000-abcdef"
    return System(label, run_id, tuple(outputs), decoding)


def verdict_of(count: int, base_noise: float, noise: float) -> Verdict:
    references = sentences(count)
    base, adapter = noisy(references, base_noise, 1), noisy(references, noise, 2)
    return judge(make_test(references), make_system(base, "base"), [make_system(adapter)])

"""Did an adapter translate better than its base? Figures with their uncertainty, and one plain sentence.

Everything here is arithmetic on finished translations: no model, no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from playground.data.example import Languages
from playground.errors import RunError
from playground.texts import Text
from playground.verdict.leakage import Leak, Pair
from playground.verdict.significance import METRIC_NAMES, Counts, Difference, Measure, Score
from playground.verdict.wording import caution, decide, sentence

# sacrebleu prints two digits: sentences equal to that precision are ties.
TIE_DIGITS = 2
# Source words, ends included; the last one is open.
LENGTHS: tuple[tuple[int, int | None], ...] = ((1, 3), (4, 6), (7, 10), (11, 15), (16, 25), (26, None))

NOTHING = Text(
    "There is nothing to judge: no test sentence. Give a test file with at least one.",
    "Não há o que julgar: nenhuma frase de teste. Dê um arquivo de teste com ao menos uma.",
)
UNEQUAL = Text(
    "{name} has {found} translations for {expected} test sentences. Translate every sentence once.",
    "{name} tem {found} traduções para {expected} frases de teste. Traduza cada frase uma vez.",
)
OTHER_SIGNATURE = Text(
    "{name} was translated with other settings ({found}) than the base ({expected}), so their scores cannot be "
    "compared. Translate both again with the same settings.",
    "{name} foi traduzido com configurações ({found}) diferentes das da base ({expected}), então suas "
    "notas não podem ser comparadas. Traduza ambos de novo com as mesmas configurações.",
)


@dataclass(frozen=True)
class System:
    """One model's translations of the test sentences; `run_id` is None for the base.

    `decoding` says how they were made (`TranslationConfig.signature()`); `badges` has what looks suspicious
    in each, as `playground.translate.suspicion` names it, or is empty where nobody looked. `other_base` warns of an
    adapter that was trained on other weights than those it was judged with.
    """

    label: str
    run_id: str | None
    outputs: tuple[str, ...]
    decoding: str
    badges: tuple[tuple[str, ...], ...] = ()
    other_base: Text | None = None


@dataclass(frozen=True)
class AgainstBase:
    """An adapter beside the base: `differences` by metric, sentences won and lost by chrF, and what it means.

    `outcome`: better, worse, undecided or identical.
    """

    outcome: str
    sentence: Text
    caution: Text | None
    differences: dict[str, Difference]
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True)
class Result:
    """One system's figures; `against_base` is None for the base itself."""

    system: System
    scores: dict[str, Score]
    sentence_chrf: tuple[float, ...]
    against_base: AgainstBase | None


@dataclass(frozen=True)
class LengthBucket:
    """Corpus chrF of the sentences with `shortest` to `longest` source words (None: no end), one number a system."""

    shortest: int
    longest: int | None
    sentences: int
    chrf: tuple[float, ...]


@dataclass(frozen=True)
class TestSet:
    """Where the test sentences come from, and what they are."""

    __test__ = False  # no test class, whatever pytest thinks of the name

    name: str
    source_language: str
    target_language: str
    pairs: tuple[Pair, ...]
    leaks: tuple[Leak, ...] = ()

    @property
    def languages(self) -> Languages:
        return Languages(self.source_language, self.target_language)


@dataclass(frozen=True)
class Verdict:
    """`results` begins with the base."""

    test: TestSet
    results: tuple[Result, ...]
    lengths: tuple[LengthBucket, ...]
    created_at: str = field(default_factory=lambda: datetime.now().isoformat(timespec="seconds"))

    @property
    def base(self) -> Result:
        return self.results[0]

    @property
    def adapters(self) -> tuple[Result, ...]:
        return self.results[1:]


def judge(test: TestSet, base: System, adapters: Sequence[System]) -> Verdict:
    """Score every system and test each adapter against the base. Raises RunError for rows that cannot be compared."""
    check_comparable(test, [base, *adapters])
    references = [pair.reference for pair in test.pairs]
    measures = {name: Measure(name, references, test.target_language) for name in METRIC_NAMES}
    counted = [
        {name: measure.counts(system.outputs) for name, measure in measures.items()} for system in (base, *adapters)
    ]
    results = [
        Result(
            system,
            {name: measures[name].score(counts[name]) for name in METRIC_NAMES},
            tuple(measures["chrF"].sentences(counts["chrF"])),
            None,
        )
        for system, counts in zip((base, *adapters), counted, strict=True)
    ]
    compared = [
        replace(result, against_base=_compare(measures, (results[0], counted[0]), (result, counts)))
        for result, counts in zip(results[1:], counted[1:], strict=True)
    ]
    lengths = _by_length(test.pairs, measures["chrF"], [counts["chrF"] for counts in counted])
    return Verdict(test, (results[0], *compared), lengths)


def check_comparable(test: TestSet, systems: Sequence[System]) -> None:
    """Raises RunError unless every system translated every sentence in the base's way."""
    if not test.pairs:
        raise RunError(NOTHING)
    for system in systems:
        if len(system.outputs) != len(test.pairs):
            raise RunError(UNEQUAL, name=system.label, found=len(system.outputs), expected=len(test.pairs))
        if system.decoding != systems[0].decoding:
            raise RunError(OTHER_SIGNATURE, name=system.label, found=system.decoding, expected=systems[0].decoding)


def extremes(verdict: Verdict, adapter: int, count: int = 10) -> dict[str, list[int]]:
    """Places of the `best` and `worst` sentences of an adapter and of those it changed most (`gained`, `lost`).

    `adapter` counts from 0. Sentences whose score did not move are in neither of the last two.
    """
    scores, base = verdict.adapters[adapter].sentence_chrf, verdict.base.sentence_chrf
    places = range(len(scores))
    change = [after - before for after, before in zip(scores, base, strict=True)]
    by_score = sorted(places, key=lambda place: scores[place])
    by_change = sorted((place for place in places if not _is_tie(change[place])), key=lambda place: change[place])
    return {
        "best": by_score[::-1][:count],
        "worst": by_score[:count],
        "gained": [place for place in by_change[::-1][:count] if change[place] > 0],
        "lost": [place for place in by_change[:count] if change[place] < 0],
    }


def signatures(verdict: Verdict) -> list[str]:
    """sacrebleu's own, each once: of scores, and of the tests against the base. `decoding` of the systems is beside."""
    found = [score.signature for result in verdict.results for score in result.scores.values()]
    for result in verdict.adapters:
        if result.against_base:
            for difference in result.against_base.differences.values():
                found += [difference.signature_bootstrap, difference.signature_randomization]
    return list(dict.fromkeys(found))


def _compare(
    measures: dict[str, Measure], base: tuple[Result, dict[str, Counts]], other: tuple[Result, dict[str, Counts]]
) -> AgainstBase:
    (base_result, base_counts), (result, counts) = base, other
    differences = {name: measure.paired_tests(base_counts[name], counts[name]) for name, measure in measures.items()}
    changes = [after - before for after, before in zip(result.sentence_chrf, base_result.sentence_chrf, strict=True)]
    ties = sum(map(_is_tie, changes))
    wins = sum(change > 0 and not _is_tie(change) for change in changes)
    outcome = decide(differences, result.system.outputs == base_result.system.outputs)
    return AgainstBase(
        outcome=outcome,
        sentence=sentence(outcome, differences, len(changes)),
        caution=caution(outcome, differences, len(changes)),
        differences=differences,
        wins=wins,
        ties=ties,
        losses=len(changes) - wins - ties,
    )


def _is_tie(change: float) -> bool:
    return round(change, TIE_DIGITS) == 0


def _by_length(pairs: Sequence[Pair], measure: Measure, counts: Sequence[Counts]) -> tuple[LengthBucket, ...]:
    """The buckets that have sentences."""
    words = [max(1, len(pair.source.split())) for pair in pairs]
    buckets = []
    for shortest, longest in LENGTHS:
        places = [place for place, count in enumerate(words) if shortest <= count <= (longest or count)]
        if places:
            chrf = tuple(measure.total(system[places]) for system in counts)
            buckets.append(LengthBucket(shortest, longest, len(places), chrf))
    return tuple(buckets)

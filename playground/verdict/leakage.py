"""Test sentences that the training data already contains: a score on them shows memory, not skill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from playground.data.same import normalised
from playground.errors import RunError
from playground.texts import Text

LISTED = 5

LEAKAGE = Text(
    "{count} of {total} test sentences also occur in the training data, for example: {examples}. Scores on them show "
    "memory. Give a test file without them, or acknowledge the leakage to have the verdict all the same.",
    "{count} de {total} frases de teste também aparecem nos dados de treino, por exemplo: {examples}. Notas sobre elas "
    "mostram memória. Dê um arquivo de teste sem elas, ou confirme o vazamento para ter o veredito mesmo assim.",
)

Kind = Literal["pair", "source", "reversed"]


class Pair(NamedTuple):
    source: str
    reference: str


@dataclass(frozen=True)
class Leak:
    """Test sentence `number` (from 1) was trained on.

    `kind`: "pair", source and reference; "source", the source with another target, which is `trained`;
    "reversed", the pair in the other direction.
    """

    number: int
    kind: Kind
    source: str
    reference: str
    trained: str


class LeakageError(RunError):
    """The verdict waits until somebody has seen `leaks`, found in `total` test sentences."""

    def __init__(self, leaks: Sequence[Leak], total: int) -> None:
        self.leaks = tuple(leaks)
        self.total = total
        examples = "; ".join(f"{leak.number}. {leak.source[:80]}" for leak in leaks[:LISTED])
        super().__init__(LEAKAGE, count=len(leaks), total=total, examples=examples)


def find_leaks(training: Iterable[Pair], test: Sequence[Pair]) -> list[Leak]:
    """At most one leak a test sentence, the gravest; case, spaces, punctuation and forms of Unicode do not count."""
    keys = [(normalised(source), normalised(reference)) for source, reference in test]
    texts = {text for pair in keys for text in pair}  # kept are the training pairs that begin with one of these
    pairs: set[tuple[str, str]] = set()
    targets: dict[str, str] = {}
    for source, target in training:
        if (trained := normalised(source)) in texts:
            pairs.add((trained, normalised(target)))
            targets.setdefault(trained, target)
    leaks = []
    for number, ((source, reference), (key, answer)) in enumerate(zip(test, keys, strict=True), start=1):
        if (key, answer) in pairs:
            leaks.append(Leak(number, "pair", source, reference, reference))
        elif (answer, key) in pairs:
            leaks.append(Leak(number, "reversed", source, reference, reference))
        elif key in targets:
            leaks.append(Leak(number, "source", source, reference, targets[key]))
    return leaks

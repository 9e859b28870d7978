"""From figures to one plain sentence that claims no more than they show."""

from __future__ import annotations

from collections.abc import Mapping

from playground.texts import Text
from playground.verdict.significance import LOWER_IS_BETTER, Difference

HEADLINE = "BLEU"
LEVEL = 0.05
# Fewer test sentences than these carry a warning, whatever the test says: so few are rarely a fair sample of a
# text, and a difference that is found in them is mostly found too large (https://arxiv.org/abs/2010.06595).
MIN_SENTENCES = 100

BETTER = Text(
    "Better by {difference:.1f} BLEU, 95% sure between {low:.1f} and {high:.1f}.",
    "Melhor em {difference:.1f} BLEU, com 95% de certeza entre {low:.1f} e {high:.1f}.",
)
WORSE = Text(
    "Worse by {difference:.1f} BLEU, 95% sure between {low:.1f} and {high:.1f}.",
    "Pior em {difference:.1f} BLEU, com 95% de certeza entre {low:.1f} e {high:.1f}.",
)
TOO_FEW = Text(
    "No difference can be shown; {count} sentences are too few.",
    "Nenhuma diferença pode ser demonstrada; {count} frases são poucas.",
)
ONE_IS_TOO_FEW = Text(
    "No difference can be shown; one sentence is too few.",
    "Nenhuma diferença pode ser demonstrada; uma frase é pouco.",
)
UNDECIDED = Text(
    "No difference can be shown on {count} sentences: it lies between {low:.1f} and {high:.1f} BLEU, 95% sure.",
    "Nenhuma diferença pode ser demonstrada em {count} frases: ela está entre {low:.1f} e {high:.1f} BLEU, com 95% de "
    "certeza.",
)
IDENTICAL = Text(
    "No difference: base and adapter give identical translations ({count} of {count}).",
    "Nenhuma diferença: base e adaptador dão traduções idênticas ({count} de {count}).",
)
FEW = Text(
    "Only {count} test sentences: below {minimum}, a verdict says little about other texts. Test on more.",
    "Só {count} frases de teste: abaixo de {minimum}, um veredito diz pouco sobre outros textos. Teste com mais.",
)
DISAGREE = Text(
    "{metrics} says the opposite: read the sentences before you decide.",
    "{metrics} diz o contrário: leia as frases antes de decidir.",
)


def is_shown(difference: Difference) -> bool:
    """Whether a difference is more than chance: by both tests, and its interval does not hold 0."""
    low, high = difference.interval.low, difference.interval.high
    certain = max(difference.p_bootstrap, difference.p_randomization) < LEVEL
    return certain and (low > 0 or high < 0)


def is_gain(metric: str, difference: Difference) -> bool:
    return difference.difference < 0 if metric in LOWER_IS_BETTER else difference.difference > 0


def decide(differences: Mapping[str, Difference], identical: bool) -> str:
    """better, worse, undecided or identical, by BLEU."""
    if identical:
        return "identical"
    headline = differences[HEADLINE]
    if not is_shown(headline):
        return "undecided"
    return "better" if headline.difference > 0 else "worse"


def sentence(outcome: str, differences: Mapping[str, Difference], count: int) -> Text:
    """The verdict in one sentence."""
    headline = differences[HEADLINE]
    low, high = headline.interval.low, headline.interval.high
    if outcome == "identical":
        return IDENTICAL.filled(count=count)
    if outcome == "better":
        return BETTER.filled(difference=headline.difference, low=low, high=high)
    if outcome == "worse":
        return WORSE.filled(difference=-headline.difference, low=-high, high=-low)
    if count >= MIN_SENTENCES:
        return UNDECIDED.filled(count=count, low=low, high=high)
    return TOO_FEW.filled(count=count) if count > 1 else ONE_IS_TOO_FEW


def caution(outcome: str, differences: Mapping[str, Difference], count: int) -> Text | None:
    """What a reader of the sentence should know besides, or None."""
    parts = []
    if count < MIN_SENTENCES:
        parts.append(FEW.filled(count=count, minimum=MIN_SENTENCES))
    if outcome in ("better", "worse"):
        opposed = [
            metric
            for metric, difference in differences.items()
            if is_shown(difference) and is_gain(metric, difference) != (outcome == "better")
        ]
        if opposed:
            parts.append(DISAGREE.filled(metrics=", ".join(opposed)))
    return Text.joined(parts) if parts else None

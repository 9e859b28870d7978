"""How often another engine wrote what PyTorch writes, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.texts import Text, one_line
from playground.translate.engines import ENGINES

if TYPE_CHECKING:
    from playground.translate.text import TranslateUpdate

SAID = Text(
    "{engine}, {name}: {equal} of the {count} sentences that PyTorch translated too came out exactly as with it.",
    "{engine}, {name}: {equal} das {count} frases que o PyTorch também traduziu saíram exatamente como nele.",
)


@dataclass(frozen=True)
class Agreement:
    """Of so many sentences, how many the engine translated exactly as PyTorch does, in this direction."""

    sentences: int = 0
    equal: int = 0


def said_agreements(update: TranslateUpdate) -> list[Text]:
    """One for each column whose engine has been compared; none for PyTorch itself."""
    columns = zip(update.columns, update.agreements, strict=False)
    return [
        SAID.filled(
            engine=ENGINES[update.engine], name=one_line(column.label), equal=known.equal, count=known.sentences
        )
        for column, known in columns
        if known and known.sentences
    ]

"""What a file to translate is, whatever its format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from playground.catalog.codes import canonical
from playground.texts import Text
from playground.translate.must_keep import PLACEHOLDER, lost_placeholders

Reason = Literal["codes", "plural", "language", "placeholder", "characters", "nothing"]
# Why a unit stays as it is; all but the last three are known before anything is translated.
REASONS: dict[Reason, Text] = {
    "codes": Text("{count} with markup inside the sentence", "{count} com marcação dentro da frase"),
    "plural": Text(
        "{count} with plural forms that do not follow from singular and plural",
        "{count} com formas de plural que não seguem do singular e do plural",
    ),
    "language": Text("{count} of other languages", "{count} de outros idiomas"),
    "placeholder": Text(
        "{count} whose translation lost or changed a placeholder",
        "{count} cuja tradução perdeu ou mudou um marcador",
    ),
    "characters": Text(
        "{count} whose translation the file's encoding cannot hold",
        "{count} cuja tradução não cabe na codificação do arquivo",
    ),
    "nothing": Text("{count} without a translation", "{count} sem tradução"),
}
LEFT = Text("These stay as they are: {reasons}.", "Estes ficam como estão: {reasons}.")
# What C and Python fill in, in the order of the text unless it has a name or a number.
DIRECTIVE = re.compile(
    r"%(?:\(\w+\)|\d+\$)?[-+#0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|ll|[hlLqjzt])?[diouxXeEfFgGaAcrspn@%]"
)


def said_left(left: Iterable[tuple[Reason, int]]) -> Text:
    """How many units stay as they are, and why; empty where none does."""
    reasons = [REASONS[reason].filled(count=count) for reason, count in left if count]
    return LEFT.filled(reasons=Text.joined(reasons, ", ")) if reasons else Text("", "")


class Filled(NamedTuple):
    """A file with translations in it: its bytes, how many units were filled in, and how many were not, and why."""

    content: bytes
    filled: int
    left: Mapping[Reason, int]


Fill = Callable[[Sequence[str | None], str], Filled]


@dataclass(frozen=True)
class Document:
    """A file to translate. `sources` are its texts without a finished translation, in the file's order.

    The languages are what the file itself says, empty where it does not; `usual_source` is what files of its format are
    nearly always written in. `fill(translations, target_language)` writes
    one translation a source into the file (None: there is none) and nothing else; it is None for a format that is
    not given back. `left` counts the units of which no source is given, and why.
    """

    name: str
    sources: tuple[str, ...]
    source_language: str = ""
    target_language: str = ""
    usual_source: str = ""
    left: Mapping[Reason, int] = field(default_factory=dict)
    fill: Fill | None = None


def plain_code(language: str) -> str:
    """A language's code for a file and for its name: a model may call its languages anything."""
    return re.sub(r"[^A-Za-z0-9]+", "-", canonical(language)).strip("-")


def with_edges_of(source: str, translation: str) -> str:
    """The translation with the spaces and line breaks that the source begins and ends with."""
    body = source.strip()
    start = source.find(body) if body else 0
    return source[:start] + translation.strip() + source[start + len(body) :]


def keeps_placeholders(source: str, translation: str, *, is_format: bool = False) -> bool:
    """Whether the same placeholders stand in both, those that are filled by their place in the same order.

    `is_format`: the text is a format string of C or Python for certain, where every % counts.
    """
    if lost_placeholders(source, translation) or lost_placeholders(translation, source):
        return False
    before, after = (_by_place(text, is_format) for text in (source, translation))
    return before == after


def _by_place(text: str, is_format: bool) -> tuple[list[str], list[str]]:
    """What is filled by its place, in order; and by its name or number, in any order."""
    found = DIRECTIVE.findall(text) if is_format else [match.group() for match in PLACEHOLDER.finditer(text)]
    found = [item for item in found if item.startswith("%") or item == "{}"]
    named = [item for item in found if "(" in item or "$" in item]
    return [item for item in found if item not in named], sorted(named)

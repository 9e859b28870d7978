"""What a data set holds that cannot be learned from: passed over, counted, and said."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from playground.texts import Text

Reason = Literal["untranslated", "other_languages", "bad", "rejected", "image", "sound", "no_answer", "no_conversation"]
LeftOut = Mapping[Reason, int]  # only what occurred
NOTHING: LeftOut = MappingProxyType({})

REASONS: dict[str, Text] = {
    "untranslated": Text("{count} without a finished translation", "{count} sem tradução terminada"),
    "other_languages": Text("{count} in other languages", "{count} em outros idiomas"),
    "bad": Text("{count} marked as bad answers", "{count} marcadas como respostas ruins"),
    "rejected": Text(
        "{count} rejected answers beside chosen ones", "{count} respostas rejeitadas, ao lado das escolhidas"
    ),
    "image": Text("{count} that need an image or video", "{count} que precisam de uma imagem ou vídeo"),
    "sound": Text("{count} that need sound", "{count} que precisam de som"),
    "no_answer": Text("{count} without an answer", "{count} sem resposta"),
    "no_conversation": Text("{count} without a question and an answer to it", "{count} sem pergunta e sua resposta"),
}
LEFT_OUT = Text("Left out of the data: {parts}.", "Ficou de fora dos dados: {parts}.")


def said(left_out: LeftOut | Mapping[str, int]) -> Text | None:
    """One sentence about what was left out for a known reason, most frequent first; None where nothing was."""
    ordered = sorted(left_out.items(), key=lambda item: -item[1])
    found = [(REASONS[reason], count) for reason, count in ordered if reason in REASONS]
    parts = [text.filled(count=count) for text, count in found]
    return LEFT_OUT.filled(parts=Text.joined(parts, ", ")) if parts else None


def both(one: LeftOut, other: LeftOut) -> LeftOut:
    """What two stages of reading left out, added up."""
    sums = {reason: one.get(reason, 0) + other.get(reason, 0) for reason in (*one, *other)}
    return {reason: count for reason, count in sums.items() if count}

"""What a data set holds that cannot be learned from: passed over, counted, and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playground.texts import Text

Reason = Literal["untranslated", "bad", "image", "sound", "no_answer", "no_conversation"]
LeftOut = Mapping[Reason, int]  # only what occurred

REASONS: dict[Reason, Text] = {
    "untranslated": Text("{count} without a finished translation", "{count} sem tradução terminada"),
    "bad": Text("{count} marked as bad answers", "{count} marcadas como respostas ruins"),
    "image": Text("{count} that need an image or video", "{count} que precisam de uma imagem ou vídeo"),
    "sound": Text("{count} that need sound", "{count} que precisam de som"),
    "no_answer": Text("{count} without an answer", "{count} sem resposta"),
    "no_conversation": Text("{count} without a question and an answer to it", "{count} sem pergunta e sua resposta"),
}


def parts_of(left_out: LeftOut) -> list[Text]:
    """What was left out, a text a reason, most frequent first."""
    ordered = sorted(left_out.items(), key=lambda item: -item[1])
    return [Text(*(template.format(count=count) for template in REASONS[reason])) for reason, count in ordered]

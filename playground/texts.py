"""One visible text in every language of the product."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["en", "pt"]
# Control characters, halves of a character (which no file can hold), and marks that turn the direction of what follows
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
LANGUAGES: dict[Language, str] = {"en": "English", "pt": "Português"}


def one_line(text: str) -> str:
    """A name as lists show it: what cannot be seen, line ends and tabs become single spaces."""
    return " ".join(UNSEEN.sub(" ", text).split())


class Text(NamedTuple):
    """A text in English and in Brazilian Portuguese; `{name}` marks a value to fill in."""

    en: str
    pt: str

    def to(self, language: Language, /, **values: object) -> str:
        template = self.pt if language == "pt" else self.en
        return template.format(**values) if values else template

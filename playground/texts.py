"""One visible text in every language of the product."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from playground import numbers

Language = Literal["en", "pt"]
# Control characters, halves of a character (which no file can hold), and marks that turn the direction of what follows
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
LANGUAGES: dict[Language, str] = {"en": "English", "pt": "Português"}


def one_line(text: str) -> str:
    """A name as lists show it: what cannot be seen, line ends and tabs become single spaces."""
    return " ".join(UNSEEN.sub(" ", text).split())


class Text(NamedTuple):
    """A text in English and in Brazilian Portuguese; `{name}` marks a value to fill in.

    A number is written as the language writes it, by a spec if there is one: `{loss:.4f}`, `{size:bytes}`; see
    `numbers.formatted`. What is no count (a port, an id) is filled in as a string. A value may itself be a Text.
    """

    en: str
    pt: str

    def to(self, language: Language, /, **values: object) -> str:
        template = self.pt if language == "pt" else self.en
        told = {name: value.to(language) if isinstance(value, Text) else value for name, value in values.items()}
        return _Filling(language).vformat(template, (), told) if told else template

    def filled(self, **values: object) -> Text:
        """The same text with its values in."""
        return Text(self.to("en", **values), self.to("pt", **values))

    @classmethod
    def joined(cls, parts: Iterable[Text], between: str = " ") -> Text:
        return cls(*(between.join(spellings) for spellings in zip(*parts, strict=True)))


class _Filling(string.Formatter):
    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return numbers.formatted(value, format_spec, self.language)
        return str(super().format_field(value, format_spec))

"""One visible text in every language of the product."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["en", "pt"]
LANGUAGES: dict[Language, str] = {"en": "English", "pt": "Português"}


class Text(NamedTuple):
    """A text in English and in Brazilian Portuguese; `{name}` marks a value to fill in."""

    en: str
    pt: str

    def to(self, language: Language, /, **values: object) -> str:
        template = self.pt if language == "pt" else self.en
        return template.format(**values) if values else template

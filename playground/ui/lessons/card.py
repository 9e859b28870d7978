"""The result card of a lesson whose answer is there: the words of its panel, for the picture that one saves."""

from __future__ import annotations

from playground.lessons.card import Card, card_svg
from playground.service.lessons.calls import LessonTaken
from playground.texts import Language
from playground.ui.lessons.words import answer_of, said_of
from playground.ui.texts import t


def result_card(taken: LessonTaken, language: Language) -> str:
    """An SVG document."""
    question = taken.preset.lesson.question
    guess = t("lesson_none", language) if taken.guess is None else question.choices[taken.guess].text.to(language)
    rows = [
        (t("lesson_question", language), question.text.to(language)),
        (t("lesson_guess", language), guess),
        ("", answer_of(taken, language)),
        ("", said_of(taken, language)),
    ]
    footer = f"{taken.name} · {t('title', language)}"
    card = Card(title=taken.preset.title.to(language), rows=rows, curves=taken.curves, footer=footer)
    return card_svg(card, language)

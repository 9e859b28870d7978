"""What came out of a lesson, in words: for the panel beside its charts, and for the card that one saves."""

from __future__ import annotations

from playground.service.lessons.calls import LessonTaken
from playground.texts import Language
from playground.ui.texts import t


def said_of(taken: LessonTaken, language: Language) -> str:
    """What was measured, told by the lesson to who has guessed; nothing where nothing was measured."""
    if taken.measured is None:
        return ""
    lesson, measured = taken.preset.lesson, taken.measured.said.to(language)
    if taken.guess is None:
        key = "lesson_plain_race" if taken.preset.is_race else "lesson_plain"
        return t(key, language, measured=measured)
    guess = lesson.question.choices[taken.guess].text.to(language)
    return lesson.reveal.text.to(language, guess=guess, measured=measured)


def answer_of(taken: LessonTaken, language: Language) -> str:
    """Which choice was right, and whether it was guessed."""
    if taken.answer is None:
        return t("lesson_answer", language)
    if taken.answer == taken.guess:
        return f"✓ {t('lesson_right', language)}"
    answer = taken.preset.lesson.question.choices[taken.answer].text.to(language)
    return t("lesson_wrong", language, answer=answer)

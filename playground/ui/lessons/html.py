"""A lesson beside its charts, as HTML: the guess and the caption while it trains, the reveal once it has ended."""

from __future__ import annotations

from base64 import b64encode

from markupsafe import Markup

from playground.catalog.lessons.glossary import GLOSSARY
from playground.catalog.lessons.lesson import Lesson, Step, Tab
from playground.catalog.presets import load_preset
from playground.service.lessons.calls import LessonTaken
from playground.texts import Language
from playground.ui.lessons.card import result_card
from playground.ui.lessons.words import answer_of, said_of
from playground.ui.texts import t

# The buttons beside a run or race that take it to a tab.
BUTTONS: dict[Tab | None, str] = {
    "compare": "live-ask",
    "translate": "live-translate",
    "verdict": "live-judge",
    "inside": "live-inside",
    "runs": "race-to-runs",
}


def panel_html(taken: LessonTaken, language: Language) -> str:
    lesson = taken.preset.lesson
    done = Markup(' data-done="{}"').format(taken.preset.name) if taken.measured else ""
    parts = [_question(taken, language), _reveal(taken, language), _card(taken, language), _see(lesson, language)]
    if taken.has_ended:
        parts.append(_next(lesson, language))
    return str(
        Markup('<div class="pp-lesson pp-lesson-panel"{}><h3>{}</h3>{}</div>').format(
            done, lesson.title.to(language), Markup("").join(parts)
        )
    )


def _question(taken: LessonTaken, language: Language) -> Markup:
    question = taken.preset.lesson.question
    asked = Markup("<p>{}</p>").format(question.text.to(language))
    if taken.guess is None:
        return asked if taken.has_ended else asked + Markup("<p>{}</p>").format(t("lesson_no_guess", language))
    guess = question.choices[taken.guess].text.to(language)
    return asked + Markup("<p><strong>{}:</strong> {}</p>").format(t("lesson_guess", language), guess)


def _reveal(taken: LessonTaken, language: Language) -> Markup:
    """What came out, said by the lesson to who guessed; nothing before the end."""
    if not taken.has_ended:
        return Markup("")
    if taken.measured is None:
        key = "lesson_to_measure" if taken.can_measure else "lesson_unanswered"
        return Markup('<p class="pp-reveal" role="status">{}</p>').format(t(key, language))
    words = answer_of(taken, language), said_of(taken, language)
    return Markup('<p class="pp-reveal" role="status"><strong>{}</strong> {}</p>').format(*words)


def _card(taken: LessonTaken, language: Language) -> Markup:
    """The link that saves the result card, which it holds: of an event past the queue gradio serves no file."""
    if taken.measured is None:
        return Markup("")
    picture = b64encode(result_card(taken, language).encode()).decode()
    return Markup('<p class="pp-next"><a download="{}.svg" href="data:image/svg+xml;base64,{}">{}</a></p>').format(
        taken.preset.name, picture, t("lesson_card", language)
    )


def _see(lesson: Lesson, language: Language) -> Markup:
    """What one sees in the chart, and the words of it, folded."""
    words = [
        (word.to(language), meaning.to(language)) for word, meaning in (GLOSSARY[name] for name in lesson.glossary)
    ]
    meanings = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*pair) for pair in words)
    named = ", ".join(word for word, _ in words)
    return Markup("<p><strong>{}:</strong> {}</p><details><summary>{}: {}</summary><dl>{}</dl></details>").format(
        t("lesson_see", language), lesson.see.to(language), t("lesson_words", language), named, meanings
    )


def _next(lesson: Lesson, language: Language) -> Markup:
    """Other lessons and tabs; the changed run is a button of its own, which asks the server."""
    steps = Markup("").join(_step(step, language) for step in lesson.next if step.set is None)
    return Markup('<h4>{}</h4><p class="pp-next">{}</p>').format(t("lesson_next", language), steps)


def _step(step: Step, language: Language) -> Markup:
    if step.lesson is not None:
        title = load_preset(step.lesson).title.to(language)
        label = step.text.to(language) if step.text else t("lesson_next_lesson", language, title=title)
        return Markup('<a href="?lesson={0}" data-lesson-link="{0}">{1}</a>').format(step.lesson, label)
    label = step.text.to(language) if step.text else ""
    return Markup('<button type="button" data-opens="{}">{}</button>').format(BUTTONS[step.tab], label)

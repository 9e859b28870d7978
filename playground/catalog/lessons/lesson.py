"""What the `lesson` section of a preset says: what one is told, asked, shown and offered next.

A lesson asks before the run and answers from it: `reveal.measurement` names what is measured (playground/lessons), and
each choice of the question says for which values it is right.
"""

from __future__ import annotations

import re
import string
from typing import Annotated, Any, Literal, LiteralString

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from playground.catalog.lessons.glossary import GLOSSARY
from playground.config import Settings, problem_of
from playground.errors import ConfigError, Problem
from playground.texts import Language, Text

Group = Literal["begin", "translate", "race", "inside"]
GROUPS: dict[Group, Text] = {
    "begin": Text("Begin", "Começar"),
    "translate": Text("Translate", "Traduzir"),
    "race": Text("Race", "Corridas"),
    "inside": Text("Inside", "Por dentro"),
}
Tab = Literal["compare", "translate", "verdict", "inside", "runs"]
MAX_SENTENCES, MAX_NEXT = 3, 3
PLACEHOLDERS = {"guess", "measured"}

# Faults that only a lesson can have, by the name of the error.
FAULTS: dict[str, Text] = {
    "lesson_sentences": Text(
        "has {count} sentences. Tell it in {limit} at most.", "tem {count} frases. Conte em no máximo {limit}."
    ),
    "lesson_figures": Text(
        "holds the figure {value}. A reveal names no result: write {{measured}} where the run's own is to stand.",
        "contém o número {value}. A revelação não cita resultado: escreva {{measured}} onde entra o da execução.",
    ),
    "lesson_template": Text(
        "needs {guess} and {measured}, once each, and nothing else between braces.",
        "precisa de {guess} e {measured}, uma vez cada, e de nada mais entre chaves.",
    ),
    "lesson_value": Text(
        "has no value to compare. Give it one of `range: [low, high]` (null: no bound) and `names: [entrant, …]`.",
        "não tem valor para comparar. Dê um entre `range: [mínimo, máximo]` (null: sem limite) e"
        " `names: [participante, …]`.",
    ),
    "lesson_range": Text(
        "is {value}: write [low, high], the lower number first; null is no bound.",
        "é {value}: escreva [mínimo, máximo], o número menor primeiro; null é sem limite.",
    ),
    "lesson_step": Text(
        "needs exactly one of lesson, set and tab; set and tab need a text for their button as well.",
        "precisa de exatamente um entre lesson, set e tab; set e tab precisam também de um text para o botão.",
    ),
    "lesson_word": Text("is {value}: choose {known}.", "é {value}: escolha {known}."),
}
UNKNOWN_FIELD = Text("there is no such field. Here stand: {known}.", "esse campo não existe. Aqui ficam: {known}.")
NO_LESSON = Text(
    "is missing. A preset says what it teaches in a section `lesson`; docs/teaching.md shows one.",
    "está faltando. Um preset diz o que ensina em uma seção `lesson`; docs/teaching.md mostra uma.",
)


def fault(name: LiteralString, **values: object) -> PydanticCustomError:
    """One of FAULTS, for pydantic to note where it stands."""
    return PydanticCustomError(name, "see FAULTS", values)


class Words(Settings):
    """A text in each language."""

    en: str = Field(min_length=1, max_length=500)
    pt: str = Field(min_length=1, max_length=500)

    def to(self, language: Language, /, **values: object) -> str:
        return Text(self.en.strip(), self.pt.strip()).to(language, **values)


class Title(Words):
    en: str = Field(min_length=1, max_length=60)
    pt: str = Field(min_length=1, max_length=60)


def _short(words: Words) -> Words:
    count = max(len(re.findall(r"[.!?](?=\s|$)", spelling.strip())) for spelling in (words.en, words.pt))
    if count > MAX_SENTENCES:
        raise fault("lesson_sentences", count=count, limit=MAX_SENTENCES)
    return words


def _template(words: Words) -> Words:
    for spelling in (words.en, words.pt):
        try:
            parts = list(string.Formatter().parse(spelling))
        except ValueError:
            raise fault("lesson_template") from None
        named = [name for _, name, _, _ in parts if name is not None]
        if sorted(named) != sorted(PLACEHOLDERS) or any(spec or conversion for _, _, spec, conversion in parts):
            raise fault("lesson_template")
        if figures := re.search(r"\d[\d.,]*", spelling):
            raise fault("lesson_figures", value=figures.group())
    return words


def _known_word(word: str) -> str:
    if word not in GLOSSARY:
        raise fault("lesson_word", value=repr(word[:40]), known=", ".join(GLOSSARY))
    return word


def _ordered(bounds: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    low, high = bounds
    if low is not None and high is not None and not low < high:
        raise fault("lesson_range", value=f"[{low:g}, {high:g}]")
    return bounds


Bounds = Annotated[tuple[float | None, float | None], AfterValidator(_ordered)]


class Choice(Settings):
    """An answer, right for a number of `range` (its lower bound belongs to it) or for one of the entrants `names`."""

    text: Words
    range: Bounds | None = None
    names: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=12)

    @model_validator(mode="after")
    def _has_one_value(self) -> Choice:
        if (self.range is None) == (self.names is None):
            raise fault("lesson_value")
        return self

    def is_right_for(self, value: float | str) -> bool:
        if self.names is not None or self.range is None or isinstance(value, str):
            return value in (self.names or ())
        low, high = self.range
        return (low is None or low <= value) and (high is None or value < high)


class Question(Settings):
    text: Words
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=4)


class Reveal(Settings):
    """`text` is said to who has guessed; `within` is a measurement's own, in percent."""

    measurement: str = Field(min_length=1, max_length=60)
    within: float | None = Field(default=None, gt=0, le=100)
    text: Annotated[Words, AfterValidator(_template)]


class Step(Settings):
    """What a button offers: another lesson, this one with one setting changed, or a tab with the run chosen there."""

    lesson: str | None = Field(default=None, max_length=80)
    set: dict[str, Any] | None = Field(default=None, min_length=1, max_length=3)
    tab: Tab | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Step:
        given = [value for value in (self.lesson, self.set, self.tab) if value is not None]
        if len(given) != 1 or (self.lesson is None and self.text is None):
            raise fault("lesson_step")
        return self


class Lesson(Settings):
    """`minutes` is for a laptop processor; `see` stands beside the chart while it grows."""

    group: Group
    minutes: float = Field(gt=0, le=60)
    title: Title
    story: Annotated[Words, AfterValidator(_short)]
    question: Question
    reveal: Reveal
    see: Words
    next: tuple[Step, ...] = Field(min_length=1, max_length=MAX_NEXT)
    glossary: tuple[Annotated[str, AfterValidator(_known_word)], ...] = Field(min_length=1, max_length=2)


# Which fields stand where, by the last name on the way there.
SHAPES: dict[str, type[Settings]] = {
    "lesson": Lesson,
    "question": Question,
    "choices": Choice,
    "reveal": Reveal,
    "next": Step,
}


def read_lesson(section: Any) -> Lesson:
    """The values of a `lesson` section, checked. Raises ConfigError with every problem, each with its place."""
    if section is None:
        raise ConfigError([Problem("lesson", NO_LESSON)])
    try:
        return Lesson.model_validate(section)
    except ValidationError as error:
        raise ConfigError([_problem(item) for item in error.errors()]) from error


def _problem(item: Any) -> Problem:
    place = tuple(part for part in item["loc"] if part != "[key]")
    where = ".".join(map(str, ("lesson", *place)))
    if item["type"] in FAULTS:
        return Problem(where, FAULTS[item["type"]], item.get("ctx", {}))
    if item["type"] == "extra_forbidden":
        parent = next((str(part) for part in reversed(("lesson", *place[:-1])) if isinstance(part, str)), "")
        return Problem(where, UNKNOWN_FIELD, {"known": ", ".join(SHAPES.get(parent, Words).model_fields)})
    found = problem_of(item)
    return Problem(where, found.message, found.values)

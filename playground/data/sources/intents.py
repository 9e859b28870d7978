"""Home Assistant's spoken commands, made concrete: sentence templates of the package `home_assistant_intents`.

A template is text with (a|b) one of, (a;b) all in any order, [a] perhaps, <rule> a named template and {list:slot} a
value, which also becomes a field of the answer. Nothing is copied from the package: it is read where it is installed.
"""

from __future__ import annotations

import collections
import importlib.util
import json
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from playground.data.sources.vocabulary import VOCABULARIES, Vocabulary, sounds_natural
from playground.errors import DataError
from playground.texts import Text

SEED = 7  # part of the data set: another seed is another data set
TRAIN_ROWS = 400
TEST_ROWS = 80
MAX_WORDS = 14
MAX_TRIES = 200  # sentences made from a kind of command until one is new and sounds natural
HIGHEST = {"timer_hours": 12, "timer_minutes": 59, "timer_seconds": 59}  # below the package's own, as people speak

# Commands whose fields can be read off the sentence; the package has more, many of them one fixed phrase.
INTENTS = (
    "HassTurnOn", "HassTurnOff", "HassLightSet", "HassClimateSetTemperature", "HassClimateGetTemperature",
    "HassSetPosition", "HassFanSetSpeed", "HassSetVolume", "HassMediaPause", "HassMediaNext",
    "HassStartTimer", "HassCancelTimer", "HassShoppingListAddItem", "HassGetWeather",
)  # fmt: skip

NO_PACKAGE = Text(
    "The data set home-assistant-intents/{language} needs the package home-assistant-intents."
    " Install it: pip install home-assistant-intents",
    "O conjunto home-assistant-intents/{language} precisa do pacote home-assistant-intents."
    " Instale: pip install home-assistant-intents",
)


class Template(NamedTuple):
    """One sentence template with what its block adds: fixed fields, and the kinds of device its {name} may be."""

    intent: str
    block: int
    sentence: str
    fields: dict[str, Any]
    domains: tuple[str, ...]


def read_intents(language: str, part: str) -> list[tuple[str, str]]:
    """(prompt, completion) pairs: 400 for part "train", 80 for "test", the same at every call.

    No template serves both parts; every kind of command in the test part also occurs in the training part.
    """
    train, test = _pairs(language)
    return list(train if part == "train" else test)


@cache
def _pairs(language: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    grammar = Grammar.load(language)
    train, test = split_templates(grammar.templates())
    seen: set[str] = set()
    test_pairs = _sample(grammar, test, TEST_ROWS, random.Random(f"{SEED} test"), seen)
    return _sample(grammar, train, TRAIN_ROWS, random.Random(f"{SEED} train"), seen), test_pairs


def split_templates(templates: list[Template]) -> tuple[list[Template], list[Template]]:
    """Hold out every third sentence of each block; a block's first sentence always trains."""
    position: dict[int, int] = {}
    held_out = set()
    for template in templates:
        place = position[template.block] = position.get(template.block, -1) + 1
        if place % 3 == 1:
            held_out.add(template.sentence)
    # By sentence, because some occur in two blocks: such a one is held out of both.
    train = [template for template in templates if template.sentence not in held_out]
    blocks = {template.block for template in train}
    test = [template for template in templates if template.sentence in held_out and template.block in blocks]
    return train, test


def _sample(
    grammar: Grammar, templates: list[Template], count: int, rng: random.Random, seen: set[str]
) -> list[tuple[str, str]]:
    """`count` pairs with prompts that are not in `seen`, taking intents, then their blocks, in turn."""
    by_intent: dict[str, dict[int, list[Template]]] = {}
    for template in templates:
        by_intent.setdefault(template.intent, {}).setdefault(template.block, []).append(template)
    pairs: list[tuple[str, str]] = []
    waiting = collections.deque(by_intent)
    while waiting and len(pairs) < count:
        intent = waiting.popleft()
        blocks = list(by_intent[intent].values())
        for _ in range(MAX_TRIES):
            utterance, fields = grammar.expand(rng.choice(rng.choice(blocks)), rng)
            prompt = f"{grammar.vocabulary.label}: {utterance}"
            is_short = len(utterance.split()) <= MAX_WORDS
            if prompt not in seen and is_short and sounds_natural(utterance, grammar.vocabulary):
                seen.add(prompt)
                answer = {"intent": intent, **dict(sorted(fields.items()))}
                pairs.append((prompt, json.dumps(answer, ensure_ascii=False)))
                waiting.append(intent)  # one that has nothing new to say leaves its turns to the others
                break
    return pairs


@dataclass(frozen=True)
class Grammar:
    """One language's templates, rules and lists."""

    values: dict[str, Any]
    vocabulary: Vocabulary

    @classmethod
    def load(cls, language: str) -> Grammar:
        """Raises DataError when the package is not installed."""
        found = importlib.util.find_spec("home_assistant_intents")
        if found is None or found.origin is None:
            raise DataError(NO_PACKAGE, language=language)
        path = Path(found.origin).parent / "data" / f"{language}.json"
        return cls(json.loads(path.read_text(encoding="utf-8")), VOCABULARIES[language])

    def templates(self) -> list[Template]:
        """Those of INTENTS whose every value can be named, in the package's order."""
        templates = []
        blocks = [(intent, block) for intent in INTENTS for block in self.values["intents"][intent]["data"]]
        for number, (intent, block) in enumerate(blocks):
            asked = block.get("requires_context", {}).get("domain", [])
            asked = [asked] if isinstance(asked, str) else asked
            domains = tuple(name for name in asked if name in self.vocabulary.names)
            for sentence in block["sentences"]:
                if self._can_expand(sentence, domains):
                    templates.append(Template(intent, number, sentence, block.get("slots", {}), domains))
        return templates

    def _can_expand(self, text: str, domains: tuple[str, ...]) -> bool:
        rules = [part.partition(">")[0] for part in text.split("<")[1:]]
        if not all(self._can_expand(self.rule(name), domains) for name in rules):
            return False
        names = [part.partition("}")[0].partition(":")[0] for part in text.split("{")[1:]]
        return all(
            bool(domains) if name == "name" else name in self.vocabulary.lists or "wildcard" not in self._list(name)
            for name in names
        )

    def rule(self, name: str) -> str:
        """A named template; the vocabulary's own goes first."""
        return self.vocabulary.rules.get(name) or self.values["expansion_rules"][name]

    def _list(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.values["lists"].get(name, {"wildcard": True})
        return found

    def expand(self, template: Template, rng: random.Random) -> tuple[str, dict[str, Any]]:
        """One concrete sentence, and its fields."""
        expansion = _Expansion(self, template.domains, rng, dict(template.fields))
        text = expansion.text(template.sentence)
        return " ".join(text.split()), expansion.fields

    def value(self, name: str, domains: tuple[str, ...], rng: random.Random) -> tuple[str, Any]:
        """A value of a list: the template of how it is said, and what it means (None: as it is said)."""
        if name == "name":
            return rng.choice(self.vocabulary.names[rng.choice(domains)]), None
        if name in self.vocabulary.lists:
            return rng.choice(self.vocabulary.lists[name]), None
        values = self._list(name)
        if "range" in values:
            bounds = values["range"]
            highest = HIGHEST.get(name, bounds["to"])
            number = rng.randrange(bounds["from"], highest + 1, bounds.get("step", 1))
            return str(number), number * bounds.get("multiplier", 1)
        entry = rng.choice(values["values"])
        return (entry, None) if isinstance(entry, str) else (entry["in"], entry.get("out"))


@dataclass
class _Expansion:
    """The way through one template; fills `fields` as it goes."""

    grammar: Grammar
    domains: tuple[str, ...]
    rng: random.Random
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self, template: str) -> str:
        """One choice for each (…) and […], rules and values put in."""
        options = _cut(template, "|")
        if len(options) > 1:
            return self.text(self.rng.choice(options))
        parts = _cut(template, ";")
        if len(parts) > 1:
            return " ".join(self.text(part) for part in self.rng.sample(parts, len(parts)))
        said, start = "", 0
        while start < len(template):
            part = self.PARTS.get(template[start])
            end = _end(template, start) if part else start + 1
            said += part(self, template[start + 1 : end - 1]) if part else template[start]
            start = end
        return said

    def _optional(self, inner: str) -> str:
        return self.text(inner) if self.rng.random() < 0.5 else ""

    def _rule(self, name: str) -> str:
        return self.text(self.grammar.rule(name))

    def _value(self, inner: str) -> str:
        name, _, slot = inner.partition(":")
        template, meaning = self.grammar.value(name, self.domains, self.rng)
        said = self.text(template)
        self.fields[slot or name] = said if meaning is None else meaning
        return said

    PARTS = {"(": text, "[": _optional, "<": _rule, "{": _value}


CLOSING = {"(": ")", "[": "]", "<": ">", "{": "}"}


@cache
def _cut(template: str, separator: str) -> list[str]:
    """The parts of a template between separators that stand outside of every bracket."""
    parts, start, place = [], 0, 0
    while place < len(template):
        if template[place] in CLOSING:
            place = _end(template, place)
            continue
        if template[place] == separator:
            parts.append(template[start:place])
            start = place + 1
        place += 1
    return [*parts, template[start:]]


@cache
def _end(template: str, start: int) -> int:
    """Just after the bracket that closes the one at `start`."""
    opening, closing, depth = template[start], CLOSING[template[start]], 0
    for place in range(start, len(template)):
        depth += (template[place] == opening) - (template[place] == closing)
        if depth == 0:
            return place + 1
    raise ValueError(f"unbalanced {opening} in {template!r}")

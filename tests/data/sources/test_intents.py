"""Home Assistant commands made from the installed package's templates."""

from __future__ import annotations

import json
import random
import re

import pytest

from playground.data.sources.intents import Grammar, Template, read_intents, split_templates
from playground.data.sources.vocabulary import ENGLISH, PORTUGUESE, VOCABULARIES, sounds_natural

LANGUAGES = list(VOCABULARIES)


def grammar(**rules: str) -> Grammar:
    lists = {
        "level": {"range": {"from": 5, "to": 5}},
        "state": {"values": [{"in": "open[ed]", "out": "on"}]},
        "one": {"values": ["um|uma"]},
    }
    return Grammar({"intents": {}, "lists": lists, "expansion_rules": rules}, ENGLISH)


def expansions(sentence: str, **rules: str) -> set[str]:
    """Every text that 300 tries give; the templates here have far fewer."""
    made, template = grammar(**rules), Template("Intent", 0, sentence, {}, ("light",))
    return {made.expand(template, random.Random(seed))[0] for seed in range(300)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("turn (on|off)", {"turn on", "turn off"}),
        ("turn on [the] fan[s]", {"turn on fan", "turn on fans", "turn on the fan", "turn on the fans"}),
        ("5( |-)hour[s]", {"5 hour", "5 hours", "5-hour", "5-hours"}),
        ("(a;b;c)", {"a b c", "a c b", "b a c", "b c a", "c a b", "c b a"}),
        ("(a [(x|y)]|b)", {"a", "a x", "a y", "b"}),
        ("one|two", {"one", "two"}),
        ("<go> home", {"go home", "walk home"}),
        ("{one}", {"um", "uma"}),
    ],
)
def test_a_template_gives_all_its_sentences_and_no_other(sentence: str, expected: set[str]) -> None:
    assert expansions(sentence, go="(go|walk)") == expected


def test_values_become_fields_with_their_meaning() -> None:
    template = Template("Intent", 0, "set {level:brightness} and {state}", {"domain": "light"}, ())
    text, fields = grammar().expand(template, random.Random(1))
    assert text in ("set 5 and open", "set 5 and opened")
    assert fields == {"domain": "light", "brightness": 5, "state": "on"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_400_training_and_80_held_out_pairs_without_a_prompt_in_common(language: str) -> None:
    train, test = read_intents(language, "train"), read_intents(language, "test")
    assert (len(train), len(test)) == (400, 80)
    assert len({prompt for prompt, _ in train + test}) == 480


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_serves_both_parts(language: str) -> None:
    train, test = split_templates(Grammar.load(language).templates())
    assert not {template.sentence for template in train} & {template.sentence for template in test}
    assert len(test) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_commands_are_of_kinds_that_were_trained(language: str) -> None:
    kinds = [
        {
            (values["intent"], *sorted(values))
            for values in (json.loads(answer) for _, answer in read_intents(language, part))
        }
        for part in ("train", "test")
    ]
    assert len(kinds[1] & kinds[0]) / len(kinds[1]) > 0.8
    assert {kind[0] for kind in kinds[1]} <= {kind[0] for kind in kinds[0]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_answer_is_json_whose_numbers_and_names_are_in_the_sentence(language: str) -> None:
    for prompt, answer in read_intents(language, "train"):
        values = json.loads(answer)
        assert list(values)[0] == "intent"
        assert list(values)[1:] == sorted(list(values)[1:])
        for key in ("area", "floor", "name", "item"):
            assert values.get(key, "") in prompt, (prompt, answer)
        assert not re.search(r"[\[\](){}<>|;]", prompt), prompt


def test_the_same_pairs_come_at_every_call_and_a_caller_cannot_change_them() -> None:
    first = read_intents("en", "test")
    first.clear()
    assert len(read_intents("en", "test")) == 80


@pytest.mark.parametrize(
    ("sentence", "natural"),
    [
        ("liga a luz", True), ("liga o luz", False), ("acende todas as luzes", True), ("liga o meu timer", True),
        ("cancela a meu timer", False), ("mude o volume na sala", True), ("mude o volume no sala", False),
        ("timer de um minutos", False), ("timer de 2 minutos", True),
    ],
)  # fmt: skip
def test_portuguese_articles_and_numbers_agree(sentence: str, natural: bool) -> None:
    assert sounds_natural(sentence, PORTUGUESE) is natural

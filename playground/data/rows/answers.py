"""Answers that are no plain text: the first of several, the choice behind a letter or a number."""

from __future__ import annotations

import string
from collections.abc import Mapping

from playground.data.columns import parsed, to_text

LETTERS = string.ascii_uppercase


def first_answer(value: object) -> object:
    """The first of SQuAD's answers (`{"text": [...], "answer_start": [...]}`, or a list); empty where there is none."""
    value = parsed(value)
    if isinstance(value, Mapping):
        value = value.get("text", value)
    if not isinstance(value, list):
        return value
    first = next(iter(value), "")
    return first.get("text", "") if isinstance(first, Mapping) else first


def choices_of(value: object) -> dict[str, str]:
    """Texts by their letters, of a list or of ARC's `{"text": [...], "label": [...]}`; empty for anything else."""
    value = parsed(value)
    labels: list[object] = list(LETTERS)
    if isinstance(value, Mapping):
        given = value.get("label")
        labels = given if isinstance(given, list) else labels
        if all(isinstance(text, str) for text in value.values()):  # {"A": "…", "B": "…"}
            labels, value = list(value), list(value.values())
        else:
            value = value.get("text")
    if not isinstance(value, list) or len(value) > len(labels):
        return {}
    return {to_text(label): to_text(text) for label, text in zip(labels, value, strict=False)}


def listed_choices(choices: Mapping[str, str]) -> str:
    return "\n".join(f"{letter}. {text}" for letter, text in choices.items())


def chosen_choice(answer: str, choices: Mapping[str, str]) -> str:
    """`B. Lisbon` for the letter B, the number 1 (counted from 0) or the text Lisbon; other answers as they are."""
    letters = list(choices)
    by_number = next((letter for number, letter in enumerate(letters) if answer == str(number)), None)
    by_text = next((letter for letter, text in choices.items() if text.strip() == answer), None)
    letter = next((found for found in (answer, by_text, by_number) if found in choices), None)
    return f"{letter}. {choices[letter].strip()}" if letter is not None else answer

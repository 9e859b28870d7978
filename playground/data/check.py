"""What a person should know about a split before training on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from playground.data.example import Example, Split
from playground.texts import Text

Kind = Literal["duplicates", "leak", "empty", "same"]

MESSAGES: dict[Kind, Text] = {
    "duplicates": Text(
        "{count} training examples repeat an earlier one, for example “{sample}”: they weigh twice. Delete them unless"
        " that is wanted.",
        "{count} exemplos de treino repetem um anterior, por exemplo “{sample}”: pesam em dobro. Apague-os, a menos que"
        " seja de propósito.",
    ),
    "leak": Text(
        "{count} training prompts also occur in the held-out part, for example “{sample}”: the scores will look better"
        " than they are.",
        "{count} prompts de treino também estão nos exemplos reservados, por exemplo “{sample}”: as notas "
        "vão parecer melhores do que são.",
    ),
    "empty": Text(
        "{count} examples have an empty prompt or answer. Fill them or delete them.",
        "{count} exemplos têm prompt ou resposta vazia. Preencha ou apague.",
    ),
    "same": Text(
        "{count} examples have an answer equal to their prompt, for example “{sample}”: the model would learn to copy."
        " Check the columns.",
        "{count} exemplos têm resposta igual ao prompt, por exemplo “{sample}”: o modelo aprenderia a copiar."
        " Confira as colunas.",
    ),
}


@dataclass(frozen=True)
class Finding:
    """`rows` are places in the training part, from 1; for "empty" and "same" the held-out part counts on after it."""

    kind: Kind
    count: int
    rows: tuple[int, ...]
    message: Text


def check_split(split: Split) -> list[Finding]:
    """Everything worth a look, most serious first; an empty list means that nothing was found."""
    held_out_prompts = {_prompt(example) for example in split.held_out}
    everything = [*split.train, *split.held_out]
    seen: set[tuple[str, str]] = set()
    repeated = []
    for place, example in enumerate(split.train, start=1):
        key = (_prompt(example), _plain(example.completion))
        if key in seen:
            repeated.append(place)
        seen.add(key)
    places: dict[Kind, list[int]] = {
        "leak": _where(_prompt(example) in held_out_prompts for example in split.train),
        "empty": _where(not _plain(example.prompt) or not _plain(example.completion) for example in everything),
        "same": _where(_plain(example.prompt) == _plain(example.completion) != "" for example in everything),
        "duplicates": repeated,
    }
    return [_finding(kind, rows, everything) for kind, rows in places.items() if rows]


def _finding(kind: Kind, rows: list[int], everything: list[Example]) -> Finding:
    sample = " ".join(everything[rows[0] - 1].prompt.split())[:60]
    message = Text(*(template.format(count=len(rows), sample=sample) for template in MESSAGES[kind]))
    return Finding(kind, len(rows), tuple(rows), message)


def _where(flags: Iterable[bool]) -> list[int]:
    return [place for place, flag in enumerate(flags, start=1) if flag]


def _prompt(example: Example) -> str:
    asked = "\n".join(f"{message.role}: {message.content}" for message in example.messages)
    return _plain(asked or example.completion)


def _plain(text: str) -> str:
    """Without differences that a reader would not see: spaces and case."""
    return " ".join(text.casefold().split())

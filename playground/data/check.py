"""What a person should know about a split before training on it."""

from __future__ import annotations

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
        " than they are. Take them out of one of the two.",
        "{count} prompts de treino também estão nos exemplos reservados, por exemplo “{sample}”: as notas vão"
        " parecer melhores do que são. Tire-os de uma das duas partes.",
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
class Remark:
    """`sample`: how the first of the `count` examples begins."""

    kind: Kind
    count: int
    sample: str

    @property
    def message(self) -> Text:
        return MESSAGES[self.kind].filled(count=self.count, sample=self.sample)


def check_split(split: Split) -> list[Remark]:
    """Everything worth a look, most serious first; an empty list means that nothing was found.

    Repeats and leaks are training examples; empty and copied texts are looked for in both parts.
    """
    held_out_prompts = {_prompt(example) for example in split.held_out}
    everything = [*split.train, *split.held_out]
    answers = [(_prompt(example), _plain(example.completion)) for example in split.train]
    first = {answer: place for place, answer in reversed(list(enumerate(answers)))}
    found: dict[Kind, list[Example]] = {
        "leak": [example for example in split.train if _prompt(example) in held_out_prompts],
        "empty": [example for example in everything if not _plain(example.prompt) or not _plain(example.completion)],
        "same": [example for example in everything if _plain(example.prompt) == _plain(example.completion) != ""],
        "duplicates": [split.train[place] for place, answer in enumerate(answers) if first[answer] != place],
    }
    return [
        Remark(kind, len(examples), " ".join(examples[0].prompt.split())[:60])
        for kind, examples in found.items()
        if examples
    ]


def _prompt(example: Example) -> str:
    asked = "\n".join(f"{message.role}: {message.content}" for message in example.messages)
    return _plain(asked or example.completion)


def _plain(text: str) -> str:
    """Without differences that a reader would not see: spaces and case."""
    return " ".join(text.casefold().split())

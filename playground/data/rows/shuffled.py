"""The control of a training run: the same examples, each with the answer of another one."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from playground.data.example import Example
from playground.data.same import same_prompt
from playground.errors import DataError
from playground.texts import Text

IS_A_CONTROL = Text("answers shuffled: a control, not for use", "respostas embaralhadas: um controle, não para uso")
NO_ANSWERS = Text(
    "{file} holds texts that ask nothing: there are no answers to shuffle (data.shuffled_answers). Take data with"
    " questions or source sentences, or train without the control.",
    "{file} tem textos que não perguntam nada: não há respostas para embaralhar (data.shuffled_answers). Use dados com"
    " perguntas ou frases de origem, ou treine sem o controle.",
)


def shuffled_answers(examples: Sequence[Example], seed: int | str, file_name: str) -> list[Example]:
    """The examples in their order; the same for the same seed. No answer goes to an example of the same prompt.

    Where one prompt has more than half of the examples, as few of its answers as possible stay with it. An answer that
    several examples share may come back to one of them: to avoid it would only rename the labels of a classification,
    and new names can be learned. Raises DataError for texts without a prompt.
    """
    if not all(example.messages for example in examples):
        raise DataError(NO_ANSWERS, file=file_name)
    by_prompt: dict[str, list[int]] = {}
    places = list(range(len(examples)))
    Random(f"{seed} shuffled answers").shuffle(places)
    for place in places:
        by_prompt.setdefault(same_prompt(examples[place]), []).append(place)
    groups = list(by_prompt.values())
    apart = max((len(group) for group in groups), default=0)
    takers = [place for group in groups for place in group]
    givers = [*takers[apart:], *takers[:apart]]  # a group ends before the answers of its own begin
    answers = {taker: examples[giver].completion for taker, giver in zip(takers, givers, strict=True)}
    return [example._replace(completion=answers[place]) for place, example in enumerate(examples)]

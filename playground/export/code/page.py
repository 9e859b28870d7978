"""What the page says of a run's prompts and its first step, for its program to be compared with."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.data.encode import prompt_ids
from playground.data.example import Example
from playground.export.evidence import PROMPTS
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.generate import DecodingConfig, generate
from playground.model.load import BaseModel
from playground.model.virtual_tokens import room_for_text
from playground.train.scores import greedy


@dataclass(frozen=True, kw_only=True)
class PageSays:
    """`answers`: to each prompt alone; `together`: to all of them at once, as the page shows them.

    `first_loss` is None for a run that did not record it.
    """

    answers: list[str]
    together: list[str]
    first_loss: float | None
    dtype: str


def page_says(taken: Taken, base: BaseModel, model: Any, examples: Sequence[Example]) -> Steps[PageSays]:
    """The model is the run's own, as the page loads it."""
    events, _ = taken.folder.read_since(0)
    losses = [event["loss"] for event in events if event["event"] == "StepLogged" and event["step"] == 1]
    answers: list[str] = []
    for example in examples:
        yield Step("asking", len(answers), len(examples))
        answers += answers_of(base, model, [example])
    return PageSays(
        answers=answers,
        together=answers_of(base, model, examples),
        first_loss=losses[-1] if losses else None,
        dtype=str(base.dtype).removeprefix("torch."),
    )


def prompts_to_ask(taken: Taken, base: BaseModel, model: Any) -> list[Example]:
    """The first held-out examples that leave room for an answer."""
    room = room_for_text(model, base) - DecodingConfig().max_new_tokens
    examples = taken.held_out(base)
    if base.task == "seq2seq_lm":
        return examples[:PROMPTS]
    fitting = (example for example in examples if len(prompt_ids(example.opening, base.tokenizer)) <= room)
    return [example for example, _ in zip(fitting, range(PROMPTS), strict=False)]


def answers_of(base: BaseModel, model: Any, examples: Sequence[Example]) -> list[str]:
    """As the Compare and the Translate tab write them, greedily."""
    if not examples:
        return []
    if examples[0].languages:
        return greedy(model, base, [example.prompt for example in examples], examples[0].languages)
    prompts = [prompt_ids(example.opening, base.tokenizer) for example in examples]
    return deque(generate(model, base.tokenizer, prompts, DecodingConfig()), maxlen=1).pop()

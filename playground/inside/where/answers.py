"""What an adapter changed in its answers to a few held-out prompts, and what a random change of the same size does."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from playground.data.batches import collate
from playground.data.encode import Item
from playground.data.example import Example
from playground.errors import DataError
from playground.inside.control import controlled
from playground.inside.where.kept import KeptView
from playground.inside.where.shift import Shift, shift_of
from playground.model.load import BaseModel
from playground.model.virtual_tokens import text_limit
from playground.runs.folder import RunFolder
from playground.train.encoding import encode_for
from playground.train.loss import label_logits
from playground.train.sample import SAMPLE_TOKENS, HeldOutSample

PROMPTS = 3


@dataclass(frozen=True)
class Answers:
    """One shift a prompt; `controls` are those of a random change's own answers."""

    shifts: tuple[Shift, ...] = ()
    controls: tuple[Shift, ...] = ()
    total: int = PROMPTS

    @property
    def is_whole(self) -> bool:
        return len(self.controls) == self.total

    @property
    def share(self) -> float:
        return share_of(self.shifts)

    @property
    def control_share(self) -> float:
        return share_of(self.controls)


def share_of(shifts: Sequence[Shift]) -> float:
    """Of all places, those at which the base would have gone on otherwise."""
    return sum(shift.changed for shift in shifts) / max(sum(len(shift.tokens) for shift in shifts), 1)


KEPT = KeptView("answers", Answers)


def answers_of(
    folder: RunFolder, base: BaseModel, model: Any, held_out: Sequence[Example]
) -> Generator[Answers, None, None]:
    """Prompt by prompt, from what was kept. Raises DataError or ModelError."""
    limit = text_limit(folder.config, base)
    prompts = list(islice((example for example in held_out if _fits(base, example, limit)), PROMPTS))
    found = KEPT.read(folder) or Answers(total=len(prompts))
    yield found
    while not found.is_whole:
        example = prompts[len(found.controls)]
        if len(found.shifts) == len(found.controls):
            found = replace(found, shifts=(*found.shifts, _shift(model, base, example, limit, nullcontext(model))))
        else:
            shift = _shift(model, base, example, limit, controlled(model))
            found = replace(found, controls=(*found.controls, shift))
        KEPT.keep(folder, found)
        yield found


@torch.no_grad()
def _shift(model: Any, base: BaseModel, example: Example, limit: int, changed: AbstractContextManager[Any]) -> Shift:
    """Of the answer that the model gives while it is `changed`, read by itself and by the base."""
    with changed as asked:
        answer = HeldOutSample(asked, base, [example]).answer()
        batch = collate([_item(base, example, answer, limit)], base.tokenizer.pad_token_id, base.device)
        of_adapter, targets = label_logits(asked, batch)
    with model.disable_adapter():
        of_base, _ = label_logits(model, batch)
    if len(targets) > SAMPLE_TOKENS:  # the answer was cut, and its last token, the end, is not the model's own
        targets, of_base, of_adapter = targets[:-1], of_base[:-1], of_adapter[:-1]
    return shift_of(example.prompt, targets, of_base, of_adapter, base.tokenizer)


def _item(base: BaseModel, example: Example, answer: str, limit: int) -> Item:
    """Raises DataError where the prompt leaves no room for an answer."""
    return encode_for(base, [example._replace(messages=example.opening, completion=answer)], limit).items[0]


def _fits(base: BaseModel, example: Example, limit: int) -> bool:
    try:
        return bool(_item(base, example, example.reference, limit))
    except DataError:
        return False

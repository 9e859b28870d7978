"""Whether an execution says what a proof says: to the bit, within rounding, or something else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playground.export.own_process import Said
from playground.export.parts import Part
from playground.export.proof import Asked

Result = Literal["identical", "equal", "different"]
ROUNDING = 1e-3  # of a logit, in float32: other processors and thread counts add up in another order


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """What another processor may change: `rounding` of a logit, and the share of answers that are equal at least."""

    rounding: float = ROUNDING
    equal_answers: float = 1.0


EXACT = Tolerance()


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """`blame`: the part to which a difference is due; empty where there is none. `answers`: those that are equal."""

    result: Result
    largest_logit_difference: float | None
    blame: Part | Literal[""] = ""
    answers: int = 0
    of: int = 0


def agreement(prompts: Sequence[Asked], said: Said, tolerance: Tolerance = EXACT) -> Agreement:
    """Logits are compared on the tokens of the proof, so that a tokenizer is not blamed on the weights."""
    equal = sum(asked.answer == answer for asked, answer in zip(prompts, said.answers, strict=False))
    count = len(prompts)
    largest = largest_difference(prompts, said)
    if [asked.input_ids for asked in prompts] != said.input_ids:
        return Agreement(
            result="different", largest_logit_difference=largest, blame=_of_tokens(prompts), answers=equal,
            of=count,
        )  # fmt: skip
    is_rounding = largest is None or largest <= tolerance.rounding
    if not is_rounding or equal < tolerance.equal_answers * count:
        # Equal logits and other answers: what generates has other settings.
        blame: Part = "config" if is_rounding else "weights"
        return Agreement(result="different", largest_logit_difference=largest, blame=blame, answers=equal, of=count)
    exact = (largest == 0 or not prompts) and equal == count  # of what has nothing to be asked the files are all
    return Agreement(
        result="identical" if exact else "equal", largest_logit_difference=largest, answers=equal, of=count
    )


def largest_difference(prompts: Sequence[Asked], said: Said) -> float | None:
    """None where the engine tells no logits; infinite where it tells others than were asked for."""
    if said.logits is None:
        return None
    if len(said.logits) != len(prompts):
        return math.inf
    largest = 0.0
    for asked, rows in zip(prompts, said.logits, strict=True):
        if [len(row) for row in rows] != [len(row) for row in asked.logits]:
            return math.inf
        for expected, found in zip(asked.logits, rows, strict=True):
            gaps = [abs(a - b) for a, b in zip(expected, found, strict=True)]
            largest = max([largest, *(math.inf if math.isnan(gap) else gap for gap in gaps)])
    return largest


def _of_tokens(prompts: Sequence[Asked]) -> Part:
    """Whose files are what they were: of a chat, what is written around the texts is the likelier to have changed."""
    return "template" if any("messages" in asked.prompt for asked in prompts) else "tokenizer"

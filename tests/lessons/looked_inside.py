"""What the room inside would have kept of a run, by hand: a sweep of strengths, and a soft prompt."""

from __future__ import annotations

from playground.inside.sweep import Point, Sweep
from playground.inside.where.intervals import Difference
from playground.inside.where.prompts import Neighbour
from playground.inside.where.soft_prompt import Side, SoftPrompt

CHANCE = 0.2  # the highest cosine of a random vector with a word


def sweep_of(losses: dict[float, float]) -> Sweep:
    """Task losses by strength; 0 and 1 come first, as in every sweep."""
    points = tuple(Point("strength", value, loss, None, 0.1) for value, loss in losses.items())
    return Sweep(
        texts="", points=points, total=40, base_answer="", adapter_answer="", prompt="", groups=(), largest_rank=8,
        note=None, task_examples=32, held_out=60,
    )  # fmt: skip


def strengths(half: float) -> Sweep:
    """A loss that falls from 2 to 1, and to `half` at half the strength."""
    return sweep_of({0.0: 2.0, 1.0: 1.0, 0.5: half, 0.2: 1.9, 0.8: 1.01, 1.5: 1.25})


def prompt_of(near: int, word: str = " tea") -> SoftPrompt:
    """Four virtual tokens of which some are near a word, and the control."""
    cosines = [0.9 if place < near else 0.1 for place in range(4)]
    learned = Side(
        words=tuple((Neighbour(word, cosine),) for cosine in cosines),
        losses=((1.5, 1),),
        removals=(Difference(0.1, 0.0, 0.2),) * 4,
    )
    random = Side(words=((Neighbour(" x", CHANCE),), (Neighbour(" y", 0.1),)), losses=((3.0, 1),))
    return SoftPrompt(4, learned=learned, random=random)

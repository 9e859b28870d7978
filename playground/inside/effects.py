"""What a setting of the knobs does: loss on the task, loss on general text, distance from the base, one answer.

Losses are means over label tokens, in nats. The distance is KL(base ‖ setting), the mean over the label tokens of the
task, in nats: in this direction, and on the new task, it told best how much a model had forgotten (RL's Razor, Shenfeld
et al. 2025).

LoRA's layers compute as they do in training (train/passes/lora.py): a third of the time less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the field's usual name

from playground.data.batches import IGNORED, AnyBatch, Batch, collate
from playground.data.encode import Item
from playground.inside.knobs import ADAPTER, BASE, Setting
from playground.inside.measured_texts import MeasuredTexts
from playground.inside.scaled import ScaledAdapter
from playground.train.change import kl_divergence
from playground.train.loss import label_logits
from playground.train.passes.lora import fused_lora
from playground.train.sample import HeldOutSample

ROWS, TOKENS = 16, 4096  # of a batch at most
ENOUGH, ALIKE = 128, 0.75  # a batch of so many tokens takes no item whose length would leave less of it filled
AT_ONCE = 16  # label tokens whose probabilities are computed at once: a few megabytes, which stay in the cache
Applied = Callable[[], AbstractContextManager[Any]]  # the model at a setting, for the length of a block
KEPT_BYTES = 128 * 2**20  # of what the base predicts; label tokens beyond it do not count towards the distance


@dataclass(frozen=True, kw_only=True)
class Effects:
    """`losses` has the summed loss and the label tokens of each task example, `general_losses` of each general text.

    None is not measured, or cannot be.
    """

    task_loss: float
    losses: tuple[tuple[float, int], ...] = ()
    kl: float | None = None
    general_loss: float | None = None
    general_losses: tuple[tuple[float, int], ...] = ()
    answer: str | None = None


@dataclass
class Known:
    """What stays true of a run however its knobs stand: its texts, and what the base says to them."""

    texts: MeasuredTexts
    base_logits: list[torch.Tensor] = field(default_factory=list)
    references: dict[bool, tuple[Effects, Effects]] = field(default_factory=dict)  # by whether they have an answer


@dataclass
class Measure:
    """Measures settings of one attached adapter."""

    scaled: ScaledAdapter
    known: Known

    def __post_init__(self) -> None:
        self.texts = self.known.texts
        self.sample = HeldOutSample(self.scaled.model, self.scaled.base, self.texts.held_out)
        self._task, self._general = batches_of(self.texts.task), batches_of(self.texts.general)

    def effects(self, setting: Setting, *, answer: bool = True) -> Iterator[Effects]:
        """What is known of a setting, more each time: the task's loss, then distance and general text, then an answer.

        The model is at `setting` only while it is being asked, so an iterator may be left at any time.
        """
        applied = partial(self.scaled.applied, setting)
        losses, logits = self._task_losses(applied)
        found = Effects(task_loss=mean_of(losses), losses=losses)
        yield found
        if setting.is_base:
            self.known.base_logits = logits
        found = replace(found, kl=self._distance(logits), **self._general_effects(applied))
        del logits
        yield found
        if answer:
            with applied():
                said = self.sample.answer()
            yield replace(found, answer=said)

    def whole(self, setting: Setting, *, answer: bool = True) -> Effects:
        """The last of `effects`."""
        *_, last = self.effects(setting, answer=answer)
        return last

    def task(self, setting: Setting) -> Effects:
        """The loss on the task's examples alone."""
        return next(self.effects(setting, answer=False))

    def control(self, strength: float) -> Effects:
        """Of a random change, in each layer as large as the adapter's times `strength`; without an answer."""
        applied = partial(self.scaled.control, strength)
        losses, logits = self._task_losses(applied)
        general = self._general_effects(applied)
        return Effects(task_loss=mean_of(losses), losses=losses, kl=self._distance(logits), **general)

    def _general_effects(self, applied: Applied) -> dict[str, Any]:
        if not self.texts.general:
            return {}
        with applied() as model, fused_lora(model):
            losses = losses_of(model, self.texts.general, self._general, self.scaled.base)
        return {"general_loss": mean_of(losses), "general_losses": losses}

    def _task_losses(self, applied: Applied) -> tuple[tuple[tuple[float, int], ...], list[torch.Tensor]]:
        """The losses of the task's examples, and the logits of the label tokens that count towards the distance."""
        losses: dict[int, tuple[float, int]] = {}
        logits, room = [], KEPT_BYTES
        with applied() as model, fused_lora(model), torch.no_grad():
            for places in self._task:
                batch, found, targets = self._asked(model, [self.texts.task[place] for place in places])
                losses |= dict(zip(places, by_row(batch, token_losses(found, targets)), strict=True))
                count = min(len(found), room // (found.shape[1] * found.element_size()))
                logits.append(found if count == len(found) else found[:count].clone())
                room -= logits[-1].nbytes
        return tuple(losses[place] for place in range(len(losses))), logits

    def _distance(self, logits: Sequence[torch.Tensor]) -> float:
        if not self.known.base_logits:
            _, self.known.base_logits = self._task_losses(partial(self.scaled.applied, BASE))
        total = sum(divergence(*pair) for pair in zip(self.known.base_logits, logits, strict=True))
        return total / max(sum(map(len, logits)), 1)

    def kept_back(self, setting: Setting) -> Effects:
        """The losses of what no choice has seen: held-out examples and general text; no general loss without it."""
        found = []
        for items in (self.texts.more, self.texts.more_general):
            with self.scaled.applied(setting) as model, fused_lora(model):
                found.append(losses_of(model, items, batches_of(items), self.scaled.base))
        losses, general = found
        general_loss = mean_of(general) if general else None
        return Effects(task_loss=mean_of(losses), losses=losses, general_loss=general_loss, general_losses=general)

    def references(self, *, answer: bool = True) -> tuple[Effects, Effects]:
        """The base, and the adapter as it was trained; measured once."""
        if answer not in self.known.references:
            both = self.whole(BASE, answer=answer), self.whole(ADAPTER, answer=answer)
            self.known.references |= {answer: both, False: both}
        return self.known.references[answer]

    def _asked(self, model: Any, items: Sequence[Item]) -> tuple[AnyBatch, torch.Tensor, torch.Tensor]:
        base = self.scaled.base
        batch = collate(items, base.tokenizer.pad_token_id, base.device)
        return batch, *label_logits(model, batch)


def batches_of(items: Sequence[Item]) -> list[list[int]]:
    """The places of items that are read together, of like length, the same for every setting."""
    batches: list[list[int]] = [[]]
    for place in sorted(range(len(items)), key=lambda place: items[place].length):
        rows, length = len(batches[-1]) + 1, items[place].length
        tokens = sum(items[other].length for other in batches[-1])
        is_full = rows > ROWS or rows * length > TOKENS
        if batches[-1] and (is_full or (tokens >= ENOUGH and tokens + length < ALIKE * rows * length)):
            batches.append([])
        batches[-1].append(place)
    return batches if items else []


@torch.no_grad()
def losses_of(
    model: Any, items: Sequence[Item], batches: Sequence[Sequence[int]], base: Any
) -> tuple[tuple[float, int], ...]:
    """The summed loss and the label tokens of each item, in their order."""
    losses: dict[int, tuple[float, int]] = {}
    for places in batches:
        batch = collate([items[place] for place in places], base.tokenizer.pad_token_id, base.device)
        found = by_row(batch, token_losses(*label_logits(model, batch)))
        losses |= dict(zip(places, found, strict=True))
    return tuple(losses[place] for place in range(len(losses)))


def token_losses(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of each label token, in float32."""
    parts = zip(logits.split(AT_ONCE), targets.split(AT_ONCE), strict=True)
    return torch.cat([F.cross_entropy(part.float(), wanted, reduction="none") for part, wanted in parts])


def divergence(base: torch.Tensor, other: torch.Tensor) -> float:
    """KL(base ‖ other), summed over the rows of two tables of logits."""
    parts = zip(base.split(AT_ONCE), other.split(AT_ONCE), strict=True)
    return sum(float(kl_divergence(of_base, of_other).sum()) for of_base, of_other in parts)


def mean_of(losses: Sequence[tuple[float, int]]) -> float:
    """Per label token."""
    return sum(loss for loss, _ in losses) / max(sum(count for _, count in losses), 1)


def by_row(batch: AnyBatch, losses: torch.Tensor) -> list[tuple[float, int]]:
    """The losses of a batch's label tokens, summed, and their number, for each of its examples."""
    labels = batch.labels[:, 1:] if isinstance(batch, Batch) else batch.labels
    counts = (labels != IGNORED).sum(dim=1).tolist()
    return [(float(part.double().sum()), count) for part, count in zip(losses.split(counts), counts, strict=True)]

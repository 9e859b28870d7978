"""The strength and the cut that forget least and cost the task nothing, chosen on some examples and told on others."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from playground.inside.effects import Effects, Measure, mean_of
from playground.inside.knobs import ADAPTER, BASE, Setting
from playground.inside.sweep import Point, Sweep
from playground.texts import Text

LEAST_HELD_OUT = 64  # 32 choose, and as many at least report
ALLOWED = 0.02  # of the loss at strength 1: how much worse the upper end of the interval may be
TRIES = 8  # settings that are measured at most
RESAMPLES = 2000
STRENGTHS = (0.0, 1.5)  # beyond, less is never forgotten

TOO_FEW = Text(
    "This run holds out {count} examples: {least} are needed, half of them to choose and the others to report on the"
    " choice. Train on data that hold out more: of a file of your own, data.eval_fraction says how many; an included"
    " data set always holds out the same.",
    "Esta execução reserva {count} exemplos: são necessários {least}, metade para escolher e os outros para relatar a"
    " escolha. Treine com dados que reservem mais: de um arquivo próprio, data.eval_fraction diz quantos; um conjunto"
    " incluído reserva sempre os mesmos.",
)
Losses = Sequence[tuple[float, int]]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Setting and strength 1 on examples that took no part in the choice.

    `low` and `high`: 95 % interval of the difference of the losses, setting less strength 1, paired by example.
    """

    examples: int
    task_loss: float
    adapter_task_loss: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        return self.high <= ALLOWED * self.adapter_task_loss


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """`setting` is None where none can be given, and `reason` says why; else `reported` says what to expect of it.

    `forgets` and `adapter_forgets` are what the loss on general text has risen above the base's; where there is no
    such text it `is_by_distance`: KL from the base. `general_texts` took no part in the choice and report on it; 0
    where there are too few to keep some back, and those report that chose. `saved`: 95 % interval of what the setting
    forgets less than strength 1, paired by these texts; None without them.
    """

    setting: Setting | None
    reason: Text | None = None
    reported: Reported | None = None
    forgets: float = 0.0
    adapter_forgets: float = 0.0
    is_by_distance: bool = False
    general_texts: int = 0
    saved: tuple[float, float] | None = None
    tried: int = 0

    @property
    def may_save_nothing(self) -> bool:
        return self.saved is not None and self.saved[0] <= 0


@dataclass
class Choice:
    """A choice under way: it can be left between two measurements, and gone on with."""

    sweep: Sweep
    measured: dict[Setting, Effects] = field(default_factory=dict)
    adapter: Effects | None = None  # kept here: between two turns another base may have been in memory

    def going_on(self, measure: Measure) -> Generator[float | Recommendation, None, None]:
        """How much is done, from 0 to 1, and last the recommendation."""
        if self.sweep.held_out < LEAST_HELD_OUT:
            reason = TOO_FEW.filled(count=self.sweep.held_out, least=LEAST_HELD_OUT)
            yield Recommendation(setting=None, reason=reason)
            return
        self.adapter = adapter = self.adapter or measure.references(answer=False)[1]
        tries = candidates(self.sweep)
        for setting in tries:
            if setting not in self.measured:
                self.measured[setting] = measure.whole(setting, answer=False)
                yield len(self.measured) / (len(tries) + 2)
        good = {ADAPTER: adapter} | {
            setting: found for setting, found in self.measured.items() if is_as_good(found.losses, adapter.losses)
        }
        best = min(good, key=lambda setting: self._forgets(good[setting]))
        yield (len(tries) + 1) / (len(tries) + 2)
        here, at_one = measure.kept_back(best), measure.kept_back(ADAPTER)
        told = Recommendation(
            setting=best,
            reported=reported(here, at_one),
            forgets=self._forgets(good[best]),
            adapter_forgets=self._forgets(adapter),
            is_by_distance=self.sweep.base.general_loss is None,
            tried=len(self.measured),
        )
        if here.general_loss is not None:
            told = replace(told, **forgotten(measure.kept_back(BASE), here, at_one))
        yield told

    def _forgets(self, found: Effects) -> float:
        if found.general_loss is None or self.sweep.base.general_loss is None:
            return found.kl or 0.0
        return found.general_loss - self.sweep.base.general_loss


def is_ready(sweep: Sweep) -> bool:
    """Whether a sweep has what a choice is made from, or tells that there can be none."""
    return sweep.has_outline or sweep.held_out < LEAST_HELD_OUT


def candidates(sweep: Sweep) -> list[Setting]:
    """The settings worth a measurement, by what the knobs do one at a time: those that should forget least first."""
    strengths = [point for point in sweep.along("strength") if STRENGTHS[0] < point.value <= STRENGTHS[1]]
    limit = (1 + ALLOWED) * sweep.adapter.task_loss
    guesses = []
    for strength in strengths:
        for cut in sweep.along("rank"):
            both = [_sum(strength, cut, sweep.adapter, name) for name in ("task_loss", "general_loss", "kl")]
            rank = None if cut.value >= sweep.largest_rank else int(cut.value)
            setting = Setting(strength=strength.value, rank=rank)
            if both[0] <= limit and not setting.is_adapter:
                guesses.append((both[2] if sweep.base.general_loss is None else both[1], setting))
    return [setting for _, setting in sorted(guesses, key=lambda guess: guess[0])[:TRIES]]


def is_as_good(losses: Losses, of_adapter: Losses) -> bool:
    """Whether the upper end of the interval of the difference is at most `ALLOWED` of the loss at strength 1."""
    return paired_interval(losses, of_adapter)[1] <= ALLOWED * mean_of(of_adapter)


def paired_interval(losses: Losses, others: Losses) -> tuple[float, float]:
    """95 % interval of the difference of two mean losses per token, by resampling the examples they share; seeded."""
    changes = torch.tensor([loss - other for (loss, _), (other, _) in zip(losses, others, strict=True)])
    counts = torch.tensor([float(count) for _, count in losses])
    drawn = torch.randint(len(changes), (RESAMPLES, len(changes)), generator=torch.Generator().manual_seed(0))
    means = changes[drawn].sum(dim=1) / counts[drawn].sum(dim=1)
    low, high = torch.quantile(means, torch.tensor([0.025, 0.975])).tolist()
    return low, high


def forgotten(base: Effects, setting: Effects, adapter: Effects) -> dict[str, Any]:
    """What a `Recommendation` says of general text that took no part in the choice."""
    of_base, of_setting, of_adapter = (mean_of(found.general_losses) for found in (base, setting, adapter))
    return {
        "forgets": of_setting - of_base,
        "adapter_forgets": of_adapter - of_base,
        "general_texts": len(setting.general_losses),
        "saved": paired_interval(adapter.general_losses, setting.general_losses),
    }


def reported(setting: Effects, adapter: Effects) -> Reported:
    """Of the task, on the examples that took no part in the choice."""
    low, high = paired_interval(setting.losses, adapter.losses)
    return Reported(
        examples=len(setting.losses), task_loss=setting.task_loss, adapter_task_loss=adapter.task_loss,
        low=low, high=high,
    )  # fmt: skip


def _sum(one: Point, other: Point, adapter: Point, name: str) -> float:
    """What two knobs would do together if their effects added up."""
    return float((getattr(one, name) or 0) + (getattr(other, name) or 0) - (getattr(adapter, name) or 0))

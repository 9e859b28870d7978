"""One look at an adapter: its knobs at a setting, beside the base and the adapter as it was trained."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

from playground.inside.effects import Effects, Measure
from playground.inside.knobs import Setting
from playground.inside.sweep import Sweep, texts_of
from playground.texts import Text


@dataclass(frozen=True, kw_only=True)
class Look:
    """Losses are means over label tokens, `kl` is KL(base ‖ setting) on the task's answers; both in nats.

    `groups` and `largest_rank` are what the knobs of this adapter can be. `note` is what must be known of its strength.
    What is not measured yet, or cannot be, is None.
    """

    run_id: str
    knobs: dict[str, float]
    task_loss: float
    general_loss: float | None
    kl: float | None
    base_task_loss: float
    base_general_loss: float | None
    adapter_task_loss: float
    adapter_general_loss: float | None
    adapter_kl: float | None
    prompt: str
    answer: str | None
    base_answer: str | None
    adapter_answer: str | None
    task_examples: int
    groups: tuple[str, ...]
    largest_rank: int
    note: Text | None
    seconds: float


def looking(measure: Measure, run_id: str, setting: Setting, kept: Sweep | None = None) -> Generator[Look, None, None]:
    """More of a look each time: the task's loss, then distance and general text, then the answer.

    Base and strength 1 are those of a `kept` sweep on the same texts. Raises ConfigError for knobs that the adapter
    does not have.
    """
    started = time.perf_counter()
    measure.scaled.check(setting)
    base, adapter = kept_references(kept) if kept and kept.texts == texts_of(measure) else measure.references()
    for here in iter([adapter]) if setting.is_adapter else measure.effects(setting):
        yield _look(measure, run_id, setting, (base, here, adapter), time.perf_counter() - started)


def kept_references(sweep: Sweep) -> tuple[Effects, Effects]:
    """Base and strength 1 as a sweep has them, without the losses of single examples."""
    both = ((sweep.base, sweep.base_answer), (sweep.adapter, sweep.adapter_answer))
    base, adapter = (
        Effects(task_loss=point.task_loss, kl=point.kl, general_loss=point.general_loss, answer=answer)
        for point, answer in both
    )
    return base, adapter


def _look(
    measure: Measure, run_id: str, setting: Setting, found: tuple[Effects, Effects, Effects], seconds: float
) -> Look:
    base, here, adapter = found
    return Look(
        run_id=run_id,
        knobs=setting.to_values(),
        task_loss=here.task_loss,
        general_loss=here.general_loss,
        kl=here.kl,
        base_task_loss=base.task_loss,
        base_general_loss=base.general_loss,
        adapter_task_loss=adapter.task_loss,
        adapter_general_loss=adapter.general_loss,
        adapter_kl=adapter.kl,
        prompt=measure.sample.example.prompt,
        answer=here.answer,
        base_answer=base.answer,
        adapter_answer=adapter.answer,
        task_examples=len(measure.texts.task),
        groups=tuple(measure.scaled.groups),
        largest_rank=measure.scaled.largest_rank,
        note=measure.scaled.note,
        seconds=seconds,
    )

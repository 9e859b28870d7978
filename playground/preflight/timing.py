"""How long a run will take: two of its steps, one evaluation and one sample, timed on the real model."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from playground.config import RunConfig
from playground.data.encode import Item
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.preflight.token_lengths import batch_cost, training_steps
from playground.train.events import EvalLogged, StepLogged
from playground.train.prepare import Prepared, prepare
from playground.train.sample import progress_in_words


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds; `total` is what the run's summary will call `seconds`: without loading the model."""

    first_step: float
    step: float
    evaluation: float
    base_sample: float  # the base's answer, and for a translation the scores
    sample: float  # the same of the adapter
    total: float


def time_run(config: RunConfig) -> Timing:
    """Two steps of a resolved `config`; the base stays in memory as it was. Raises PlaygroundError."""
    prepared = prepare(config)
    try:
        steps, evaluation = _two_steps(prepared)
        base_sample, sample = _sample_seconds(prepared)
    except BaseException:
        forget_base()
        raise
    finally:
        detach(prepared.model)
    training = config.training
    evaluations = -(-training.max_steps // training.eval_every)
    # The clock begins with the base's evaluation and ends with the last one, before its sample.
    others = (training.max_steps - 1) * steps[1] + (1 + evaluations) * evaluation
    samples = base_sample + (evaluations - 1) * sample
    return Timing(
        first_step=steps[0],
        step=steps[1],
        evaluation=evaluation,
        base_sample=base_sample,
        sample=sample,
        total=steps[0] + others + samples,
    )


def _two_steps(prepared: Prepared) -> tuple[list[float], float]:
    """Seconds of the first step, of the second, and of an evaluation; the first step also warms up."""
    two = prepared.config.with_training(max_steps=2, eval_every=2)
    typical = replace(prepared.train_items, items=_typical(prepared))
    steps: list[float] = []
    clock = evaluation = 0.0
    for event in replace(prepared, config=two, train_items=typical, stream=None).train():
        if isinstance(event, StepLogged):
            steps.append(two.training.examples_per_step / event.examples_per_second)
        elif isinstance(event, EvalLogged):
            evaluation = event.seconds - clock  # the second one, on warm caches, stays
        clock = event.seconds
    return steps, evaluation


def _typical(prepared: Prepared) -> list[Item]:
    """The examples of the two steps whose cost is nearest to the mean of the run's steps."""
    steps = training_steps(prepared.train_items.items, prepared.config)
    costs = [batch_cost(step) for step in steps]
    mean = sum(costs) / len(costs)
    nearest = sorted(range(len(steps)), key=lambda place: abs(costs[place] - mean))[:2]
    return [item for place in (nearest * 2)[:2] for item in steps[place]]


def _sample_seconds(prepared: Prepared) -> tuple[float, float]:
    """An answer to a held-out prompt, and of a translation model a round of scores: of the base, and of the adapter."""
    sample, scores = progress_in_words(prepared)

    def seconds(step: int) -> float:
        started = time.perf_counter()
        sample.take(step)
        if scores:
            scores.take(step, 0.0)
        return time.perf_counter() - started

    return seconds(0), seconds(1)

"""The learning-rate range test (Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3).

The rate grows by the same factor at every step, from far too small to far too large. While it is too small the loss
stays; then it falls; then it climbs and the test ends. Model, data, adapter and loss are those of a run, taken by the
same loop; only the schedule differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from playground.catalog.methods import METHODS
from playground.catalog.resolve import task_of
from playground.charts.curves import smooth
from playground.config import RunConfig, TrainingConfig
from playground.errors import ModelError, PlaygroundError, reason_of
from playground.model.adapt import detach
from playground.model.in_memory import forget_base
from playground.texts import Text
from playground.train.events import StepLogged
from playground.train.prepare import Prepared, prepare

STEPS = 50
BELOW, ABOVE = 100, 30  # the range: the method's own rate divided by, and multiplied with
SMOOTHING = 0.8  # weight of the past; 0.98, as fastai has it, needs hundreds of steps
DIVERGED = 1.5  # times the loss at the start, or
REBOUND = 4.0  # times the lowest loss, as fastai has it: then learning has turned into its opposite
# A tenth of the rate with the lowest loss, which is already about to diverge (Howard and Gugger 2020, "fastai: A
# Layered API for Deep Learning"). The other usual choice, where the loss falls fastest, needs far more steps: the slope
# between single small batches is mostly the difference between the batches.
TENTH = 0.1
FIRST_STEPS = 5  # whose losses say where it started
LEAST_FALL = 0.02  # of the first loss: less is noise, and no learning
# AdaLoRA moves its ranks after 15 % of a run: in one this long it has not begun, and the test sees only the rate.
LONG_RUN = 100_000

FAILED = Text(
    "{method} failed during the test ({reason}). Change its settings, or choose another method.",
    "{method} falhou durante o teste ({reason}). Mude suas configurações, ou escolha outro método.",
)


@dataclass(frozen=True)
class RatePoint:
    """One step: mean loss per label token before the step was taken, and its smoothed value."""

    step: int
    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True, kw_only=True)
class RangeTest:
    """The test so far. `suggestion` is None until it has ended, and where the loss never fell.

    `lowest` is the rate at which the smoothed loss was lowest, `diverged_at` the one at which it had climbed too far;
    None where the range ended first.
    """

    method: str
    default: float
    steps: int
    points: tuple[RatePoint, ...] = ()
    suggestion: float | None = None
    lowest: float | None = None
    diverged_at: float | None = None
    finished: bool = False
    stopped: bool = False


def rate_at(step: int, lowest: float, highest: float, steps: int) -> float:
    """The rate of step 1 … `steps`: from `lowest` to `highest`, each the same multiple of the one before."""
    return lowest * (highest / lowest) ** ((step - 1) / (steps - 1))


def find_learning_rate(
    config: RunConfig, should_stop: Callable[[], bool] = lambda: False, steps: int = STEPS
) -> Iterator[RangeTest]:
    """The test as it goes on, first without a point; the last one is finished or stopped.

    `config` is resolved; its learning rate and schedule are not used. The base is left as it was, without an adapter,
    and nothing is written. Raises PlaygroundError.
    """
    default = METHODS[config.method.method].default_learning_rate(task_of(config))
    test = RangeTest(method=config.method.method, default=default, steps=steps)
    yield test
    points: list[RatePoint] = []
    with closing(_points(config, default, should_stop, steps)) as found:
        for point in found:
            points.append(point)
            test = replace(test, points=tuple(points))
            if diverged(points):
                test = replace(test, diverged_at=point.rate)
                break
            yield test
    if len(points) < steps and test.diverged_at is None:
        yield replace(test, stopped=True)
        return
    lowest = lowest_rate(points)
    suggestion = None if lowest is None else max(lowest * TENTH, points[0].rate)
    yield replace(test, finished=True, lowest=lowest, suggestion=suggestion)


def _points(
    config: RunConfig, default: float, should_stop: Callable[[], bool], steps: int
) -> Generator[RatePoint, None, None]:
    """A point a step. However it ends, the base stays behind without an adapter, or is forgotten."""
    if should_stop():
        return
    try:
        prepared = prepare(config.with_training(max_steps=LONG_RUN))
        try:
            # Held-out loss plays no part: the fewest evaluations, each of one example.
            short = config.with_training(max_steps=steps, eval_every=steps, eval_examples=1, learning_rate=default)
            yield from _train(replace(prepared, config=short), default, should_stop)
        finally:
            prepared.model.eval()
            detach(prepared.model)
    except PlaygroundError:
        forget_base()  # half of an adapter may be on it
        raise
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        forget_base()
        method = METHODS[config.method.method].label
        raise ModelError(FAILED, method=method, reason=reason_of(error)) from error


def _train(prepared: Prepared, default: float, should_stop: Callable[[], bool]) -> Iterator[RatePoint]:
    steps = prepared.config.training.max_steps

    def growing(step: int, _: TrainingConfig) -> float:
        return rate_at(step, default / BELOW, default * ABOVE, steps)

    losses: list[float] = []
    for event in prepared.train(should_stop=should_stop, learning_rate=growing):
        if isinstance(event, StepLogged):
            losses.append(event.loss)
            yield RatePoint(event.step, event.learning_rate, event.loss, smooth(losses, SMOOTHING)[-1])


def level_at_start(points: Sequence[RatePoint]) -> float:
    """The mean loss of the first steps, whose rates are too small to teach anything."""
    first = [point.loss for point in points[:FIRST_STEPS]]
    return sum(first) / len(first)


def diverged(points: Sequence[RatePoint]) -> bool:
    """Whether the smoothed loss is no number, or so far up that larger rates tell nothing more."""
    last = points[-1].smoothed
    if not math.isfinite(last):
        return True
    lowest = min(point.smoothed for point in points)
    return len(points) > FIRST_STEPS and last > min(DIVERGED * level_at_start(points), REBOUND * lowest)


def lowest_rate(points: Sequence[RatePoint]) -> float | None:
    """The rate at which the smoothed loss was lowest; None where it never fell."""
    usable = [point for point in points if math.isfinite(point.smoothed)]
    if not usable:
        return None
    lowest = min(usable, key=lambda point: point.smoothed)
    return lowest.rate if lowest.smoothed < (1 - LEAST_FALL) * level_at_start(usable) else None

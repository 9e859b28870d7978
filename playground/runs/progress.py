"""What the events of a run tell of it so far: the numbers of its line in a list, and its curve in small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_POINTS = 64


@dataclass
class SmallCurve:
    """A curve of any length in at most `MAX_POINTS` points, each the mean of equally many steps."""

    steps_a_point: int = 1
    sums: list[float] = field(default_factory=list)
    in_last: int = 0

    def add(self, value: float) -> None:
        if not self.sums or self.in_last == self.steps_a_point:
            if len(self.sums) == MAX_POINTS:
                self._halve()
            self.sums.append(0.0)
            self.in_last = 0
        self.sums[-1] += value
        self.in_last += 1

    def _halve(self) -> None:
        self.sums = [left + right for left, right in zip(self.sums[::2], self.sums[1::2], strict=True)]
        self.steps_a_point *= 2

    @property
    def points(self) -> list[float]:
        full = [total / self.steps_a_point for total in self.sums[:-1]]
        return [*full, self.sums[-1] / self.in_last] if self.sums else []


class Evaluation(NamedTuple):
    """The held-out loss after so many steps; seconds of the run's clock."""

    step: int
    seconds: float
    loss: float


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a run went, as its events tell: what stays of them once it has ended.

    `curve` is its training loss in small; `scores` are the chrF of its adapter by step; `seconds_by_example` is the
    sum, over the steps, of the seconds that an example took. `trainable_parameters` is None before the first step.
    """

    curve: tuple[float, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    scores: tuple[tuple[int, float], ...] = ()
    trainable_parameters: int | None = None
    base_bytes: int = 0
    seconds_by_example: float = 0.0


@dataclass
class Progress:
    """Of the events that were added, in their order."""

    steps: int = 0
    seconds: float = 0.0
    seconds_by_example: float = 0.0
    trainable_parameters: int | None = None
    base_bytes: int = 0
    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    losses: SmallCurve = field(default_factory=SmallCurve)

    def add(self, events: Iterable[dict[str, Any]]) -> Progress:
        for event in events:
            match event["event"]:
                case "StepLogged":
                    self.steps, self.seconds = event["step"], event["seconds"]
                    self.seconds_by_example += 1 / event["examples_per_second"] if event["examples_per_second"] else 0.0
                    self.losses.add(event["loss"])
                case "EvalLogged":
                    self.evaluations[event["step"]] = Evaluation(event["step"], event["seconds"], event["loss"])
                case "ScoreLogged" if event["step"]:
                    self.scores[event["step"]] = event["chrf"]
                case "RunStarted" if self.trainable_parameters is None:
                    self.trainable_parameters = event["trainable_parameters"]
                    self.base_bytes = event.get("base_bytes", 0)
        return self

    def summary(self) -> dict[str, Any]:
        """What the summary of the run will say, as far as its events tell: for runs that train or were interrupted."""
        after_base = [found.loss for step, found in self.evaluations.items() if step > 0]
        return {
            "steps": self.steps,
            "seconds": self.seconds,
            "eval_loss_base": self.evaluations[0].loss if 0 in self.evaluations else None,
            "eval_loss": min(after_base, default=None),
        }

    def course(self) -> Course:
        return Course(
            curve=tuple(self.losses.points),
            evaluations=tuple(self.evaluations.values()),
            scores=tuple(self.scores.items()),
            trainable_parameters=self.trainable_parameters,
            base_bytes=self.base_bytes,
            seconds_by_example=self.seconds_by_example,
        )


def progress_so_far(events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """As `Progress.summary`, of all of a run's events."""
    return Progress().add(events).summary()

"""Between the points of a sweep: what one knob does at any place, at once and without a model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from playground.inside.knobs import Setting
from playground.inside.sweep import Point, Sweep

NEIGHBOURS = 4  # points through which the curve goes: a cubic


def interpolated(sweep: Sweep, setting: Setting) -> Point | None:
    """What a sweep says of a setting; None with two knobs turned, and between points that are not there yet.

    Losses fall and rise by factors, so their logarithms are smoother than they are.
    """
    turned = setting.to_values()
    if not turned:
        return sweep.adapter
    if len(turned) > 1:
        return None
    ((knob, value),) = turned.items()
    return interpolated_along(sweep.along(knob), value)


def interpolated_along(points: Sequence[Point], value: float) -> Point | None:
    """What the points of one knob, by value, say of a place; None beyond them."""
    if len(points) < 2 or not points[0].value <= value <= points[-1].value:
        return None
    knob = points[0].knob
    # Ranks double from point to point: their logarithms are evenly apart.
    place = math.log2 if knob == "rank" else float
    at, places = place(value), [place(point.value) for point in points]
    task = _between(places, [point.task_loss for point in points], at)
    general = [point.general_loss for point in points if point.general_loss is not None]
    kl = max(cubic(places, [point.kl for point in points], at), 0.0)
    return Point(knob, value, task, _between(places, general, at) if general else None, kl)


def _between(places: Sequence[float], losses: Sequence[float], at: float) -> float:
    if min(losses) <= 0:  # a task that is known by heart
        return cubic(places, losses, at)
    return math.exp(cubic(places, [math.log(loss) for loss in losses], at))


def cubic(places: Sequence[float], values: Sequence[float], at: float) -> float:
    """The value `at` a place between the first and the last, of the polynomial through the nearest points."""
    after = next(index for index, place in enumerate(places) if place >= at)
    count = min(NEIGHBOURS, len(places))
    first = min(max(after - count // 2, 0), len(places) - count)
    near = range(first, first + count)
    total = 0.0
    for index in near:
        weight = math.prod((at - places[other]) / (places[index] - places[other]) for other in near if other != index)
        total += values[index] * weight
    return total

"""One knob after another at a few places, measured beforehand and kept with the run: a drag is answered from it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from playground.inside.effects import Effects, Measure
from playground.inside.knobs import Setting
from playground.inside.where.kept import KeptView
from playground.runs.folder import RunFolder

CONTROL = "control"  # a random change of equal norm in each layer, at a strength

# With base and adapter, and with the control, the first picture; then close to the base, where a loss falls fastest.
FIRST_STRENGTHS = (0.5, 2.0, -1.0, 1.5, -0.5)
OTHER_STRENGTHS = (0.2, 0.8, 0.1, 0.3, 0.4, 0.6, 0.7, 1.25, -0.2, -0.75, 0.05, -0.1, 0.35, 1.75)
CONTROL_STRENGTHS = (0.5, 1.0, 2.0)
GAINS = (0.0, 0.5, 2.0, -1.0, 1.5, -0.5, 0.25, 0.75, -0.25, -0.75, 0.15, 0.05)
SWEPT_GROUPS = ("early", "middle", "late", "attention", "mlp")


@dataclass(frozen=True)
class Point:
    """One knob at one place, all others as they are; `knob` is also `control`, whose value is a strength."""

    knob: str
    value: float
    task_loss: float
    general_loss: float | None
    kl: float


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What is known so far. `texts` says on what it was measured; `total` is how many points there will be."""

    texts: str
    points: tuple[Point, ...]
    total: int
    base_answer: str
    adapter_answer: str
    prompt: str
    groups: tuple[str, ...]
    largest_rank: int
    note: tuple[str, str] | None
    task_examples: int
    held_out: int  # examples that the run holds out, of which the sweep uses the first ones

    @property
    def is_whole(self) -> bool:
        return len(self.points) == self.total

    @property
    def has_outline(self) -> bool:
        """Whether strength and rank are measured, which come before the gains."""
        return self.is_whole or any(point.knob.startswith("gain.") for point in self.points)

    @property
    def base(self) -> Point:
        return self.points[0]

    @property
    def adapter(self) -> Point:
        return self.points[1]

    def along(self, knob: str) -> list[Point]:
        """The points of one knob by value; base and adapter are points of the strength, the adapter of every knob."""
        own = [point for point in self.points if point.knob == knob]
        if knob not in ("strength", CONTROL):
            value = float(self.largest_rank) if knob == "rank" else 1.0
            own.append(replace(self.adapter, knob=knob, value=value))
        return sorted(own, key=lambda point: point.value)


KEPT = KeptView("sweep", Sweep)


def kept_sweep(folder: RunFolder) -> Sweep | None:
    """As it was kept, whole or not; None where there is none, or none of these weights. Loads no model."""
    found = KEPT.read(folder)
    return found if found and len(found.points) >= 2 and all(map(_is_finite, found.points)) else None


def sweeping(folder: RunFolder, measure: Measure) -> Generator[Sweep, None, None]:
    """A sweep that grows point by point, from what was kept; each is kept as soon as it is measured."""
    found = kept_sweep(folder)
    if found is None or found.texts != texts_of(measure):
        found = _begun(measure)
        KEPT.keep(folder, found)
    known = {(point.knob, point.value) for point in found.points}
    missing = [place for place in _places(measure) if place not in known]
    found = replace(found, total=len(found.points) + len(missing))  # kept by a version with other places
    yield found
    for knob, value in missing:
        found = replace(found, points=(*found.points, _measured(measure, knob, value)))
        KEPT.keep(folder, found)
        yield found


def _begun(measure: Measure) -> Sweep:
    """Base and adapter, and what is known of both."""
    base, adapter = measure.references()
    scaled = measure.scaled
    return Sweep(
        texts=texts_of(measure),
        points=(_point("strength", 0.0, base), _point("strength", 1.0, adapter)),
        total=2 + len(list(_places(measure))),
        base_answer=base.answer or "",
        adapter_answer=adapter.answer or "",
        prompt=measure.sample.example.prompt,
        groups=tuple(scaled.groups),
        largest_rank=scaled.largest_rank,
        note=(scaled.note.en, scaled.note.pt) if scaled.note else None,
        task_examples=len(measure.texts.task),
        held_out=len(measure.texts.task) + len(measure.texts.more),
    )


def _places(measure: Measure) -> Iterator[tuple[str, float]]:
    """Every knob and value, what a first look needs before the rest."""
    scaled = measure.scaled
    yield from (("strength", value) for value in FIRST_STRENGTHS)
    yield from ((CONTROL, value) for value in CONTROL_STRENGTHS)
    yield from (("rank", float(rank)) for rank in _ranks(scaled.largest_rank, dense=scaled.is_linear))
    yield from (("strength", value) for value in OTHER_STRENGTHS)
    for group in SWEPT_GROUPS:
        if group in scaled.groups:
            yield from ((f"gain.{group}", value) for value in GAINS)


def _ranks(largest: int, *, dense: bool) -> list[int]:
    """1, 2, 4 … below the largest, and where a cut costs little all up to 8, and 12, 24 … between them."""
    powers = [2**power for power in range(largest.bit_length())]
    between = [*range(1, 8), *(3 * power for power in powers)] if dense else []
    return sorted(rank for rank in {*powers, *between} if rank < largest)


def _measured(measure: Measure, knob: str, value: float) -> Point:
    if knob == CONTROL:
        return _point(knob, value, measure.control(value))
    return _point(knob, value, measure.whole(setting_at(knob, value), answer=False))


def setting_at(knob: str, value: float) -> Setting:
    """One knob turned, all others as they are."""
    if knob == "rank":
        return Setting(rank=int(value))
    if knob == "strength":
        return Setting(strength=value)
    return Setting(gains=((knob.removeprefix("gain."), value),))


def _point(knob: str, value: float, found: Effects) -> Point:
    assert found.kl is not None, "a part of the effects is no point"
    return Point(knob, value, found.task_loss, found.general_loss, found.kl)


def _is_finite(point: Point) -> bool:
    values = (point.value, point.task_loss, point.kl, point.general_loss or 0.0)
    return all(map(math.isfinite, values))


def has_strengths(sweep: Sweep) -> bool:
    """Whether the outline of the strength curve is measured, which comes first."""
    return sweep.is_whole or len(sweep.along("strength")) >= 2 + len(FIRST_STRENGTHS)


def texts_of(measure: Measure) -> str:
    """Numbers of another type measure something else as well."""
    return f"{measure.scaled.base.dtype} {measure.known.texts.digest}"

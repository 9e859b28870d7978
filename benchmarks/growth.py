"""How time and memory grow: with the rows of a file, the runs in a folder, the size of a model, and so on.

    .venv/bin/python benchmarks/growth.py                 every curve, at four sizes each
    .venv/bin/python benchmarks/growth.py --curve rows    one of them
    .venv/bin/python benchmarks/growth.py --write         every curve, then docs/growth.md and its picture

A curve is a file of `benchmarks/curves/`: its `SIZES`, and `measure(size)`, which says seconds and bytes by name. Each
size is measured in a process of its own, all sizes one after another and then again; the lower of the two figures
counts, as what else the machine does only adds to it. What takes a minute is measured once. Load no other programs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # of the curves' own imports
ROUNDS = 2
SLOW_SECONDS = 60  # a size that takes longer is measured once
TOLERANCE = 1.5  # what is flat, or linear, may cost so many times as much; caches alone do some of that


@dataclass(frozen=True)
class Curve:
    """`grows` is what the sizes count; of the measures those that are `flat` may not grow, the others as it does."""

    grows: str
    flat: tuple[str, ...] = ()


CURVES = {
    "rows": Curve("rows of a data file", flat=("seconds_to_first_step", "peak_bytes")),
    "runs": Curve("runs in a folder"),
    "parameters": Curve("parameters of a model"),
    "tokens": Curve("tokens of a row"),
    "steps": Curve("steps of a run", flat=("seconds_of_a_look", "seconds_of_a_look_with_evaluation")),
    "entrants": Curve("entrants of a race"),
}


@dataclass(frozen=True)
class Measured:
    """What a curve's measure was at each of the sizes."""

    curve: str
    measure: str
    sizes: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def times(self) -> float:
        """How many times that of the smallest size the highest value is."""
        return max(self.values) / self.values[0]

    @property
    def allowed(self) -> float:
        return TOLERANCE if self.measure in CURVES[self.curve].flat else TOLERANCE * self.sizes[-1] / self.sizes[0]


def measure(name: str) -> list[Measured]:
    """The curve of this name, each of its measures at every size. Raises RuntimeError where a process fails."""
    sizes = importlib.import_module(f"curves.{name}").SIZES
    found: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    slow: set[int] = set()
    for _ in range(ROUNDS):
        for size in filter(lambda size: size not in slow, sizes):
            began = time.monotonic()
            found[size].append(_measure_apart(name, size))
            if time.monotonic() - began > SLOW_SECONDS:
                slow.add(size)
    lowest = [{key: min(once[key] for once in rounds) for key in rounds[0]} for rounds in found.values()]
    return [Measured(name, key, sizes, tuple(values[key] for values in lowest)) for key in lowest[0]]


def _measure_apart(name: str, size: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--curve", name, "--size", str(size)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the curve of {name} at {size:,} ended with {done.returncode}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(lines: list[Measured]) -> list[list[str]]:
    """Of one curve: its sizes as a heading, then a row for each measure."""
    heading = [CURVES[lines[0].curve].grows, *map(in_short, lines[0].sizes), "times", "at most"]
    rows = [[_words(line.measure), *_values(line), f"{line.times:.2f}", f"{line.allowed:,g}"] for line in lines]
    return [heading, *rows]


def in_short(size: int) -> str:
    return f"{size:,}" if size % 1000 == 0 or size < 10_000 else f"{size / 1e6:,.0f} million"


def _values(line: Measured) -> list[str]:
    return [_bytes(value) if "bytes" in line.measure else _seconds(value) for value in line.values]


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def _bytes(value: float) -> str:
    return f"{value / 1e6:,.0f} MB"


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--curve", choices=CURVES, help="this one alone")
    which.add_argument("--write", action="store_true", help="fill docs/growth.md and draw its picture")
    parser.add_argument("--size", type=int, help="of the curve, this size alone, once: what was measured, as JSON")
    options = parser.parse_args()
    if options.size is not None and options.curve:
        print(json.dumps(importlib.import_module(f"curves.{options.curve}").measure(options.size)))
        return
    busy, began, found = os.getloadavg()[0], time.monotonic(), []
    for name in [options.curve] if options.curve else CURVES:
        found.append(measure(name))
        _print(table(found[-1]))
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} minutes; {busy:.1f} programs at work before")
    if options.write:
        importlib.import_module("growth_page").write(found, busy, minutes)


def _print(rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print(first.ljust(widths[0]), *cells, sep="  ")
    print(flush=True)


if __name__ == "__main__":
    main()

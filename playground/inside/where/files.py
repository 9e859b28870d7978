"""The views as tables to take away."""

from __future__ import annotations

from playground.compare.spreadsheet import write_table
from playground.inside.where.weights import Weights

HEADER = ("name", "layer", "module", "norm", "base_norm", "relative", "rank")
OF_SPECTRUM = ("effective_rank", "control_effective_rank")


def weights_table(weights: Weights) -> str:
    """CSV: one row a layer, with its singular values and the control's behind it, largest first."""
    longest = max((len(cell.spectrum.values) for cell in weights.cells if cell.spectrum), default=0)
    values = [f"{side}_{place}" for side in ("sigma", "control_sigma") for place in range(1, longest + 1)]
    rows: list[list[object]] = [[*HEADER, *OF_SPECTRUM, *values]]
    for cell in weights.cells:
        rows.append([getattr(cell, name) for name in HEADER])
        if found := cell.spectrum:
            sides = [[*side, *[None] * (longest - len(side))] for side in (found.values, found.control)]
            rows[-1] += [*(getattr(found, name) for name in OF_SPECTRUM), *sides[0], *sides[1]]
    return write_table(rows)

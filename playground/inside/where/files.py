"""The views as tables to take away."""

from __future__ import annotations

from playground.compare.spreadsheet import write_table
from playground.inside.where.answers import Answers
from playground.inside.where.shift import LIKELIEST, Guess
from playground.inside.where.weights import Weights

HEADER = ("name", "layer", "module", "norm", "base_norm", "relative", "rank")
OF_SPECTRUM = ("effective_rank", "control_effective_rank")
MODELS = ("base", "adapter")


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


def answers_table(answers: Answers, shuffled: Answers | None = None) -> str:
    """CSV: one row a token, with the likeliest of both models at its place, each before its probability.

    `shuffled` are those of a control that was trained on shuffled answers.
    """
    guesses = [f"{model}_{place}{of}" for model in MODELS for place in range(1, LIKELIEST + 1) for of in ("", "_share")]
    rows: list[list[object]] = [["answer", "prompt", "position", "token", "rank_in_base", *guesses]]
    answered = {"adapter": answers.shifts, "random_change": answers.controls}
    if shuffled is not None:
        answered["shuffled_answers"] = shuffled.shifts
    for who, shifts in answered.items():
        for shift in shifts:
            for position, token in enumerate(shift.tokens, start=1):
                likeliest = [*_cells(token.of_base), *_cells(token.of_adapter)]
                rows.append([who, shift.prompt, position, token.text, token.rank, *likeliest])
    return write_table(rows)


def _cells(guesses: tuple[Guess, ...]) -> list[object]:
    return [cell for guess in guesses for cell in (guess.text, guess.probability)]

"""A measurement's result, as a number or a name and as a sentence."""

from __future__ import annotations

from typing import NamedTuple

from playground.texts import Text


class Measured(NamedTuple):
    """A number in the measurement's unit, or an entrant's name; and the sentence, which begins in lower case."""

    value: float | str
    said: Text

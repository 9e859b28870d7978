"""What changed between two answers, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

Part = tuple[str, str | None]
MAX_PAIRS = 10_000_000  # of words that may have to be compared: answers of some 1 500 words each
WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def word_diff(base: str, other: str) -> list[Part]:
    """Parts with "added", "removed" or None, in reading order, neighbours of a kind joined.

    Whitespace is kept: the parts that were not added join to `base`, those not removed to `other`.
    """
    before, after = WORDS.findall(base), WORDS.findall(other)
    if len(before) * len(after) > MAX_PAIRS:
        return [(base, "removed"), (other, "added")] if base != other else [(base, None)]
    parts: list[Part] = []
    # autojunk would treat every frequent word of a long answer, above all the space, as noise
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("".join(before[start:end]), None))
            continue
        if end > start:
            parts.append(("".join(before[start:end]), "removed"))
        if other_end > other_start:
            parts.append(("".join(after[other_start:other_end]), "added"))
    return parts

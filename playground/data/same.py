"""When two texts count as the same: the rule by which data are split, and by which leakage is found."""

from __future__ import annotations

import re
import unicodedata

WORDS = re.compile(r"\w+")


def normalised(text: str) -> str:
    """Only the words count; a text without any is compared as it stands."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(WORDS.findall(folded)) or folded.strip()

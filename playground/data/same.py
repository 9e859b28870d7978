"""When two texts count as the same: the rule by which data are split, and by which leakage is found."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from playground.data.example import Example

WORDS = re.compile(r"\w+")


def normalised(text: str) -> str:
    """Only the words count; a text without any is compared as it stands."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(WORDS.findall(folded)) or folded.strip()


def prompt_key(example: Example) -> str:
    """What is asked, spaces aside; of a text that asks nothing the text."""
    if not example.messages:
        return " ".join(example.completion.split())
    return "\n".join(f"{message.role}: {' '.join(message.content.split())}" for message in example.messages)


def same_prompt(example: Example) -> str:
    """Equal for examples that stay on one side of a split."""
    return normalised(prompt_key(example))


def place_of(example: Example, seed: int) -> tuple[bytes, str, Example]:
    """A random place that depends on the prompt and the seed, not on the order of the file."""
    key = prompt_key(example)
    return hashlib.sha256(f"{seed}\n{key}".encode()).digest(), key, example

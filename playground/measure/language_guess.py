"""Whether a text is in the language it should be in, by py3langid's model of 140 languages."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Languages that a text may be mistaken for, beside its source's: what translation models mostly fall back to.
# All 140 would add rare neighbours of every language, which short texts resemble by chance.
RIVALS = (
    "en", "pt", "es", "fr", "gl", "ca", "it", "de", "nl", "sv", "da", "no", "pl", "ro", "cs", "hu", "fi",
    "ru", "uk", "el", "tr", "ar", "he", "hi", "zh", "ja", "ko", "vi", "id",
)  # fmt: skip
# One language under several codes, or too close for a sentence to tell apart.
SAME = ({"no", "nb", "nn", "da"}, {"hr", "sr", "bs"}, {"id", "ms"}, {"hi", "mr", "ne"}, {"cs", "sk"}, {"tl", "fil"})
# How much likelier the other language must be, by number of words: natural logarithm over the square root of the
# length in bytes, py3langid's own scale. Chosen on right and wrong texts from the everyday phrases and from Django's
# catalogs in eleven languages, so that of right texts with two or three words some 4 % are doubted and of longer ones
# under 2 %. Of wrong ones 95 % and more are found, of those in a sister language (Spanish for Galician) half of the
# two-word ones, and 96 % from five words on.
MARGINS = {1: 2.0, 2: 1.5, 3: 0.7, 4: 0.5}
MARGIN = 0.3


def is_other_language(text: str, expected: str, source: str) -> bool:
    """Whether `text` is likelier in another language than in `expected`; `source` is the likeliest other.

    False for a language that the model does not know, and for a text without letters.
    """
    expected, source = expected.split("-")[0].split("_")[0], source.split("-")[0].split("_")[0]
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    scores = _scores(" ".join(words))
    known = [code for code in _like(expected) if code in scores]
    if not words or not known:
        return False
    own = max(scores[code] for code in known)
    rivals = [scores[code] for code in {*RIVALS, source} - _like(expected) if code in scores]
    margin = MARGIN if _has_no_spaces(text) else MARGINS.get(len(words), MARGIN)
    return max(rivals) - own > margin


def likelier(text: str, one: str, other: str) -> str:
    """The likelier of two languages."""
    scores = _scores(text)
    return other if scores.get(other, -math.inf) > scores.get(one, -math.inf) else one


def _like(code: str) -> set[str]:
    return {code}.union(*(group for group in SAME if code in group))


def _has_no_spaces(text: str) -> bool:
    """Chinese, Japanese, Thai and others write many words in one."""
    return any("\u0e00" <= character <= "\u0eff" or "\u3040" <= character <= "\u9fff" for character in text)


def _scores(text: str) -> dict[str, float]:
    """Comparable between languages, not between texts."""
    found = dict(_model().rank(text))
    scale = math.sqrt(len(text.encode("utf-8", errors="replace")) or 1)
    return {code: score / scale for code, score in found.items()}


@lru_cache(maxsize=1)
def _model() -> LanguageIdentifier:
    """Read once, in 0.3 s, from the package's own file."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)

"""Which language a text is in, and whether it is the one it should be, by py3langid's model of 140 languages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from playground.catalog.families import M2M100_CODES

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
# For the languages of two columns. On everyday phrases and Django's catalogs, English beside each of 27 languages in
# turn, 60 samples each: of samples of 4 pairs 85 % are told right and 0.6 % wrong, of 8 pairs 94 % and none, of 20
# pairs 99 % and none; the rest stays untold.
SURE = 1.0
MIN_ROWS = 4
MOST = 0.8  # of the rows, are as long as each other
RIGHT = 2 / 3  # of the rows, each on its own, are likelier in their columns' languages than the other way round
ALIKE = 3.0  # times longer may a translation be
CHARACTERS_READ = 400  # of a cell


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


def languages_of_columns(rows: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The languages of two columns of which one translates the other, row by row.

    None unless both are clear and differ, and the texts of a row are about as long as each other.
    """
    rows = [(one[:CHARACTERS_READ], other[:CHARACTERS_READ]) for one, other in rows if one and other]
    lengths = [(_length(one), _length(other)) for one, other in rows]
    alike = sum(max(pair) <= ALIKE * max(min(pair), 1) + 10 for pair in lengths)
    if len(rows) < MIN_ROWS or alike < MOST * len(rows):
        return None
    source, target = (_clear_language(" ".join(column)) for column in zip(*rows, strict=True))
    if source is None or target is None or source in _like(target):
        return None
    right = sum(
        likelier(one, source, target) == source and likelier(other, target, source) == target for one, other in rows
    )
    return (source, target) if right >= RIGHT * len(rows) else None


def _clear_language(text: str) -> str | None:
    """The language of some sentences; one of the common ones, where a rare one is hardly likelier.

    A word counts once: what all rows repeat would make any guess look sure.
    """
    words = [word for word in dict.fromkeys(text.split()) if any(map(str.isalpha, word))]
    if len(words) < MIN_ROWS and not _has_no_spaces(text):
        return None
    text = " ".join(words)
    scores = {code: score for code, score in _scores(text).items() if code in M2M100_CODES}
    ranked = sorted(scores, key=lambda code: -scores[code])
    common = next(code for code in ranked if code in RIVALS)
    best = ranked[0] if scores[ranked[0]] - scores[common] > 2 * SURE else common
    others = RIVALS if best in RIVALS else ranked
    second = max(scores[code] for code in others if code in scores and code not in _like(best))
    return best if scores[best] - second >= SURE else None


def _length(text: str) -> int:
    """Characters, those of scripts without spaces counted as the three that they stand for."""
    return len(text) * (3 if _has_no_spaces(text) else 1)


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

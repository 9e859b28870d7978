"""Text into sentences and back, with its lines, indents and list marks as they were.

The rules are short on purpose: a sentence too many or too few costs a translation little, while text
that is lost or moved costs everything. So `join` of the unchanged sentences is the text itself, always.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# In characters. Translation models learned from sentences of this length; longer ones are cut between words.
LONGEST_SENTENCE = 400

LIST_MARK = re.compile(r"\s*(?:(?:[-*+•‣◦·>–—]|#{1,6}|\(?\d{1,3}[.)]|\(?[a-z]\)|\[[ xX]\])\s+)*")
# With the quotes and brackets that close after it; French puts a space before some of them.
# Tried only where such a run begins: a million dots would else be tried from each of them to the last.
SENTENCE_END = re.compile(r"""(?:(?<![.!?…؟۔।])[.!?…؟۔।]+(?:["'”’)\]]|[\s]?»)*(?=\s)|[。！？]+[」』）]*)""")
SPACES = re.compile(r"\s*")
LAST_WORD = re.compile(r"[^\s\"'“‘«(\[]+$")
INITIAL = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # J. K. Rowling, p. ex., e.g., U.S.

# Written before a name, so a capital letter after them begins no sentence. English, Portuguese, Spanish, French.
BEFORE_A_NAME = re.compile(
    "mr|mrs|ms|messrs|dr|dra|drs|prof|profa|sr|sra|srs|srta|st|ste|mt|gen|col|capt|lt|sgt|rev|hon|gov|sen|rep|pres"
    "|exmo|exma|ilmo|eng|arq|adv|av|avda|dña|mme|mmes|mlle|mlles|mgr|me|vs|cf|ex|approx|aprox"
)
BEFORE_A_NUMBER = re.compile("no|nos|nº|nr|núm|num|figs?|arts?|págs?|pag|pp|vol|cap|chap|ch|sec|eq|tab|tel|ext|ref")

# Joined to the character before them: a cut between the two would change both.
JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True)
class SplitText:
    """`gaps` is one longer than `sentences`: what stands before, between and after them."""

    sentences: tuple[str, ...]
    gaps: tuple[str, ...]

    def join(self, sentences: Sequence[str]) -> str:
        """The text with `sentences` in the places of its own."""
        pairs = zip(self.gaps, (*sentences, ""), strict=True)
        return "".join(gap + sentence for gap, sentence in pairs)


def split_text(text: str, longest: int = LONGEST_SENTENCE) -> SplitText:
    """The sentences of every line. Lines without a letter (blank, rules, numbers, emoji) belong to the gaps."""
    sentences: list[str] = []
    gaps = [""]
    for line in text.splitlines(keepends=True):
        mark = LIST_MARK.match(line)
        start = mark.end() if mark else 0
        gaps[-1] += line[:start]
        for piece in _sentences(line[start:], longest):
            body = piece.strip()
            if not any(character.isalpha() for character in body):
                gaps[-1] += piece
                continue
            before = len(piece) - len(piece.lstrip())
            gaps[-1] += piece[:before]
            sentences.append(body)
            gaps.append(piece[before + len(body) :])
    return SplitText(tuple(sentences), tuple(gaps))


def _sentences(line: str, longest: int) -> list[str]:
    """Pieces that join to `line`, none with more than `longest` characters besides the space around it."""
    pieces, start = [], 0
    for found in SENTENCE_END.finditer(line):
        if _ends_here(line, start, found):
            pieces.append(line[start : found.end()])
            start = found.end()
    pieces.append(line[start:])
    return [part for piece in pieces for part in _shortened(piece, longest)]


def _ends_here(line: str, start: int, found: re.Match[str]) -> bool:
    after = line[found.end() : found.end() + 40].lstrip().lstrip("\"'“‘«([¿¡-–— ")
    if after[:1].islower():
        return False
    if found.group() != ".":
        return True
    word = LAST_WORD.search(line[max(start, found.start() - 40) : found.start()])
    if word is None:
        return True
    before = word.group().lower()
    if BEFORE_A_NUMBER.fullmatch(before):
        return not after[:1].isdigit()
    return not (BEFORE_A_NAME.fullmatch(before) or INITIAL.fullmatch(before))


def _shortened(piece: str, longest: int) -> list[str]:
    parts: list[str] = []
    start, end = 0, len(piece.rstrip())
    while True:
        words = SPACES.match(piece, start, end)
        lead = words.end() if words else start
        if end - lead <= longest:
            return [*parts, piece[start:]]
        cut = _cut(piece, lead, lead + longest)
        parts.append(piece[start:cut])
        start = cut


def _cut(piece: str, start: int, end: int) -> int:
    """Where to cut: after a comma or the like, else after a word, in the second half; else at `end` itself."""
    half = (start + end) // 2
    for marks in (",;:，；：、", " \u00a0\t"):
        found = max(piece.rfind(mark, half, end) for mark in marks)
        if found >= 0:
            return found + 1
    cut = end
    while cut > half and (unicodedata.combining(piece[cut]) or piece[cut] in JOINERS or piece[cut - 1] in JOINERS):
        cut -= 1
    return cut if cut > half else end

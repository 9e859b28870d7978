"""The inside of a <source>, <seg-source> or <target>: its texts, and the markup around and between them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from playground.data.formats.xliff import CODE
from playground.translate.xml_text import Splice, Tag, XmlText

NOT_SPOKEN = ("protected", "x-sdl-deleted")  # marks whose text is not to be translated, or was deleted


class Part(NamedTuple):
    """A text with no markup in it, and the bytes that it takes.

    `mark` is the id of the sentence that it is, `inside` where that sentence lies with its codes; without such
    sentences, "" and the whole side.
    """

    text: str
    start: int
    end: int
    mark: str
    inside: tuple[int, int]


class Mark(NamedTuple):
    """A sentence of a side (<mrk mtype="seg">)."""

    name: str
    tag: Tag
    inside: tuple[int, int]
    gaps: range


class Side:
    """Told the events of what is inside it; markup cuts its text into gaps, the first one before any markup."""

    def __init__(self, text: XmlText, tag: Tag) -> None:
        self._text, self.tag = text, tag
        self.inside, self.end = (tag.end, tag.end), tag.end
        self._cuts: list[tuple[int, int]] = []
        self._words: defaultdict[int, str] = defaultdict(str)
        self._marks: list[Mark] = []
        self._open: list[tuple[Tag, str | None, int]] = []  # tag, a sentence's id, its first gap
        self._code_depth = 0  # of the outermost open code, whose text is none of the sentence's

    @property
    def depth(self) -> int:
        return len(self._open)

    @property
    def has_words(self) -> bool:
        return any(words.strip() for words in self._words.values())

    def opened(self, name: str, attributes: dict[str, str], tag: Tag) -> None:
        kind = attributes.get("mtype", "") if name == "mrk" else ""
        is_code = name in CODE or kind in NOT_SPOKEN or attributes.get("translate") == "no"
        mark = attributes.get("mid", "") if kind == "seg" else None
        if not self._code_depth and is_code:
            self._code_depth = len(self._open) + 1
        elif not self._code_depth:
            self._cuts.append((tag.start, tag.end))
        self._open.append((tag, mark, len(self._cuts)))

    def closed(self, position: int) -> None:
        tag, mark, first = self._open.pop()
        end = tag.end if tag.is_empty else self._text.end_of(b">", position)
        if self._code_depth:
            if len(self._open) < self._code_depth:
                self._code_depth = 0
                self._cuts.append((tag.start, end))
            return
        if mark is not None:
            gaps = range(first, first if tag.is_empty else len(self._cuts) + 1)
            self._marks.append(Mark(mark, tag, (tag.end, tag.end if tag.is_empty else position), gaps))
        if not tag.is_empty:
            self._cuts.append((position, end))

    def text(self, text: str) -> None:
        if not self._code_depth:
            self._words[len(self._cuts)] += text

    def passed(self, start: int, end: int) -> None:
        """A comment or an instruction to a program: kept where it is, as codes are."""
        if not self._code_depth:
            self._cuts.append((start, end))

    def finish(self, position: int) -> None:
        if not self.tag.is_empty:
            self.inside, self.end = (self.tag.end, position), self._text.end_of(b">", position)

    def parts(self) -> tuple[Part, ...] | None:
        """The text of the side, or of each of its sentences; None where markup stands inside of one of them."""
        spoken = self._spoken()
        marks = self._marks or [Mark("", self.tag, self.inside, range(len(self._cuts) + 1))]
        parts = []
        for mark in marks:
            inner = spoken[bisect_left(spoken, mark.gaps.start) : bisect_left(spoken, mark.gaps.stop)]
            if len(inner) > 1:
                return None
            parts += [Part(self._words[gap], *self._bounds(gap), mark.name, mark.inside) for gap in inner]
        return tuple(parts) if len(parts) == len(spoken) else None

    def _spoken(self) -> list[int]:
        """The gaps that hold words."""
        return sorted(gap for gap, words in self._words.items() if words.strip())

    def empty_marks(self) -> dict[str, Mark]:
        """The sentences that hold no word, by their id."""
        spoken = self._spoken()
        return {
            mark.name: mark
            for mark in self._marks
            if bisect_left(spoken, mark.gaps.start) == bisect_left(spoken, mark.gaps.stop)
        }

    def filled_mark(self, mark: Mark, inside: bytes) -> Splice:
        """What writes a sentence into one of the side's marks."""
        start_tag = self._text.with_attributes(mark.tag, {}, opened=True)
        end_tag = b"</%s>" % mark.tag.name if mark.tag.is_empty else b""
        return Splice(mark.tag.start, mark.inside[1], start_tag + inside + end_tag)

    def indent(self) -> bytes:
        """The white space before the side's tag."""
        start = self.tag.start
        while self._text.utf8[start - 1 : start].isspace():
            start -= 1
        return self._text.utf8[start : self.tag.start]

    def _bounds(self, gap: int) -> tuple[int, int]:
        start = self._cuts[gap - 1][1] if gap else self.inside[0]
        return start, self._cuts[gap][0] if gap < len(self._cuts) else self.inside[1]

"""XLIFF 1.x and 2.x filled in: targets are written into the file's own bytes, everything else stays.

A model knows no inline codes: a text is translated where all of them stand at its edges, and they stay there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from playground.catalog.codes import canonical, has_shape
from playground.data.content import MAX_DEPTH, TOO_DEEP, TimeLimit
from playground.data.formats.xliff import NOT_XLIFF, UNFINISHED, UNITS
from playground.errors import DataError
from playground.translate.document import Document, Filled, Reason, keeps_placeholders, plain_code, with_edges_of
from playground.translate.xliff_side import Part, Side
from playground.translate.xml_text import Splice, Tag, XmlText

# What a machine's translation is: in version 1 its state says so; in version 2 "translated" comes before "reviewed".
STATE_1 = {b"state": b"needs-review-translation", b"state-qualifier": b"leveraged-mt"}
STATE_2 = {b"state": b"translated", b"subState": b"mt:needs-review"}
SIDES = ("source", "seg-source", "target")


@dataclass
class Unit:
    """A <trans-unit> or <segment>: its tag and its sides, as far as it has them."""

    tag: Tag
    state: str
    sides: dict[str, Side] = field(default_factory=dict)

    @property
    def template(self) -> Side | None:
        """The side that a target is made like: where a tool has cut the source into sentences, that one."""
        return self.sides.get("seg-source") or self.sides.get("source")

    @property
    def is_finished(self) -> bool:
        target = self.sides.get("target")
        return target is not None and target.has_words and not self.state.startswith(UNFINISHED)


Wanted = list[tuple[Unit, tuple[Part, ...]]]  # units, each with its texts that are to be translated


def read_xliff(content: bytes, name: str) -> Document:
    """Its units without a finished translation. Raises DataError."""
    text = XmlText(content, name)
    reader = _Reader(text)
    text.parse(reader)
    left: Counter[Reason] = Counter(reader.left)
    wanted: Wanted = []
    for unit in reader.units:
        parts = _parts_of(unit)
        if parts is None:
            left["codes"] += 1
        elif parts:
            wanted.append((unit, parts))
    return Document(
        name=name,
        sources=tuple(part.text for _, parts in wanted for part in parts),
        source_language=reader.languages[0],
        target_language=reader.languages[1],
        left=left,
        fill=partial(_fill, text, reader, wanted),
    )


def _parts_of(unit: Unit) -> tuple[Part, ...] | None:
    """The texts of a unit that are to be translated; None where codes inside of one forbid it."""
    template, target = unit.template, unit.sides.get("target")
    empty = target.empty_marks() if target and unit.is_finished else None
    if template is None or empty == {}:
        return ()
    parts = template.parts()
    return parts if parts is None or empty is None else tuple(part for part in parts if part.mark in empty)


def _fill(
    text: XmlText, reader: _Reader, wanted: Wanted, translations: Sequence[str | None], target_language: str
) -> Filled:
    left: Counter[Reason] = Counter()
    splices: list[Splice] = []
    filled = done = 0
    for unit, parts in wanted:
        made = translations[done : done + len(parts)]
        done += len(parts)
        reason = _reason_against(parts, made)
        if reason:
            left[reason] += 1
            continue
        new = [(part, text.written(with_edges_of(part.text, str(one)))) for part, one in zip(parts, made, strict=True)]
        splices += _of_some(text, unit, new) if unit.is_finished else _of_all(text, reader, unit, new)
        filled += 1
    if filled:
        # A target's language must be said: version 2 demands it, and tools ask for it in version 1.
        code = plain_code(target_language).encode()
        attribute = b"trgLang" if reader.is_version_2 else b"target-language"
        for tag in reader.without_target_language:
            splices.append(Splice(tag.start, tag.end, text.with_attributes(tag, {attribute: code})))
    return Filled(text.with_splices(splices), filled, left)


def _reason_against(parts: Sequence[Part], made: Sequence[str | None]) -> Reason | None:
    if any(one is None or not one.strip() for one in made):
        return "nothing"
    kept = (keeps_placeholders(part.text, str(one)) for part, one in zip(parts, made, strict=True))
    return None if all(kept) else "placeholder"


def _of_some(text: XmlText, unit: Unit, new: list[tuple[Part, bytes]]) -> list[Splice]:
    """Sentences written into a target whose others are there already; its state stays, which is theirs."""
    target = unit.sides["target"]
    empty = target.empty_marks()
    return [target.filled_mark(empty[part.mark], _inside(text, part.inside, [(part, one)])) for part, one in new]


def _of_all(text: XmlText, reader: _Reader, unit: Unit, new: list[tuple[Part, bytes]]) -> list[Splice]:
    """A whole target, put in the place of the one that is there, or after the source."""
    source, target, template = unit.sides["source"], unit.sides.get("target"), unit.template
    assert template is not None
    inside = _inside(text, template.inside, new)
    state = {} if reader.is_version_2 else STATE_1
    splices = []
    if reader.is_version_2:
        splices.append(Splice(unit.tag.start, unit.tag.end, text.with_attributes(unit.tag, STATE_2)))
    if target:
        start_tag = text.with_attributes(target.tag, state, opened=True)
        end_tag = b"</%s>" % target.tag.name if target.tag.is_empty else b""
        splices.append(Splice(target.tag.start, target.inside[1], start_tag + inside + end_tag))
    else:
        name = source.tag.name.removesuffix(b"source") + b"target"
        attributes = b"".join(b' %s="%s"' % item for item in state.items())
        element = b"<%s%s>%s</%s>" % (name, attributes, inside, name)
        splices.append(Splice(template.end, template.end, source.indent() + element))
    return splices


def _inside(text: XmlText, inside: tuple[int, int], new: list[tuple[Part, bytes]]) -> bytes:
    """What lies between two positions, with parts of it replaced."""
    pieces: list[bytes] = []
    done = inside[0]
    for part, one in new:
        pieces += [text.utf8[done : part.start], one]
        done = part.end
    return b"".join([*pieces, text.utf8[done : inside[1]]])


class _Reader:
    """Collects the units; what is marked as not to be translated is no unit."""

    def __init__(self, text: XmlText) -> None:
        self.text = text
        self.time = TimeLimit(text.name)
        self.units: list[Unit] = []
        self.left: Counter[Reason] = Counter()
        self.languages = ("", "")  # of the first file in it
        self.without_target_language: list[Tag] = []
        self.is_version_2 = False
        self.position: Callable[[], int] = lambda: 0  # the parser's, once it reads
        self._open: list[tuple[str, str, bool]] = []  # namespace, name, and whether it is to be translated
        self._is_other = False  # a file with other languages than the first
        self._unit: Unit | None = None
        self._side: Side | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        place, (namespace, _, name) = self.position(), tag.rpartition("}")
        if not self._open and name != "xliff":
            raise DataError(NOT_XLIFF, file=self.text.name, found=name[:40])
        if len(self._open) >= MAX_DEPTH:
            row = self.text.utf8.count(b"\n", 0, place) + 1
            raise DataError(TOO_DEEP, file=self.text.name, row=row, limit=MAX_DEPTH)
        around, parent, wanted = self._open[-1] if self._open else ("", "", True)
        said = attributes.get("translate")
        self._open.append((namespace, name, (said != "no" if said else wanted) and not _is_locked(attributes)))
        if self._side:
            self._side.opened(name, attributes, self.text.tag_at(place))
        elif not parent:
            self.is_version_2 = attributes.get("version", "").startswith("2")
            self._set_languages(attributes.get("srcLang"), attributes.get("trgLang"), place)
        elif name == "file":
            self._set_languages(attributes.get("source-language"), attributes.get("target-language"), place)
        elif name in UNITS:
            self._unit = Unit(self.text.tag_at(place), attributes.get("state", ""))
        elif self._unit and name in SIDES and parent in UNITS and around == namespace:
            self._unit.state = attributes.get("state", self._unit.state)
            self._side = self._unit.sides[name] = Side(self.text, self.text.tag_at(place))

    def end(self, _tag: str) -> None:
        _, name, wanted = self._open.pop()
        if self._side and self._side.depth:
            self._side.closed(self.position())
        elif self._side:
            self._side.finish(self.position())
            self._side = None
        elif name in UNITS and self._unit:
            if wanted and self._is_other:
                self.left["language"] += not self._unit.is_finished
            elif wanted and "source" in self._unit.sides:
                self.units.append(self._unit)
                self.time.check()
            self._unit = None

    def data(self, text: str) -> None:
        if self._side:
            self._side.text(text)

    def comment(self, _text: str) -> None:
        if self._side:
            self._side.passed(self.position(), self.text.end_of(b"-->", self.position()))

    def pi(self, _target: str, _text: str | None = None) -> None:
        if self._side:
            self._side.passed(self.position(), self.text.end_of(b"?>", self.position()))

    def close(self) -> None:
        """The parser's last call; everything has been told already."""

    def _set_languages(self, source: str | None, target: str | None, place: int) -> None:
        if not source:
            return
        found = [canonical(code) if code and has_shape(code) else "" for code in (source, target)]
        self._is_other = any(code and said and code != said for code, said in zip(found, self.languages, strict=True))
        if self._is_other:
            return
        self.languages = (self.languages[0] or found[0], self.languages[1] or found[1])
        if not target:
            self.without_target_language.append(self.text.tag_at(place))


def _is_locked(attributes: dict[str, str]) -> bool:
    """Whether a tool (memoQ, Phrase) says that nobody may change a unit."""
    said = [value for key, value in attributes.items() if key.rpartition("}")[2] == "locked"]
    return any(value not in ("", "no", "false", "0") for value in said)

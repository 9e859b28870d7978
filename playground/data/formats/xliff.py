"""XLIFF, the exchange format of translation tools, versions 1.x and 2.x, and what Trados, memoQ and Phrase make of it.

Trados (.sdlxliff) and many others cut a unit into segments: <mrk mtype="seg"> of one number in <seg-source> and in
<target>. How finished each is stands after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from playground.catalog.codes import canonical, has_shape
from playground.data.columns import Row
from playground.data.example import Told
from playground.data.formats.markup import Handler, local_name, parse
from playground.data.formats.table import Header, Passed, Read
from playground.errors import DataError
from playground.texts import Text

SIDES = ("source", "seg-source", "target")
STRUCTURE = {"file", "group", "unit", "trans-unit", "segment"}  # what can be marked as not to be translated
UNITS = {"trans-unit", "segment"}  # what holds one source and its target, in versions 1 and 2
DELETED = "x-sdl-deleted"  # a change that Trados tracks: this text is no longer there
# Elements whose content is code of the document's own format, or a text of its own, not words of the sentence
CODE = {"bpt", "ept", "it", "ph", "sub", "x", "bx", "ex", "cp", DELETED}
UNFINISHED = ("needs-", "new", "initial")  # states of a target that nobody has approved, in versions 1 and 2
UNFINISHED_IN_MEMOQ = {
    "NotStarted", "PartiallyEdited", "Pretranslated", "PreTranslated", "MachineTranslated", "AssembledFromFragments",
    "AutoJoined", "AutoSplit", "AutoSplitAndEmpty", "Rejected",
}  # fmt: skip
FINISHED_IN_TRADOS = {"Translated", "ApprovedTranslation", "ApprovedSignOff"}

NOT_XLIFF = Text(
    "{file} is not XLIFF: its first element is {found}, expected xliff. Check the file's format.",
    "{file} não é XLIFF: seu primeiro elemento é {found}, esperava xliff. Confira o formato do arquivo.",
)
NO_LANGUAGE = Text(
    "{file}, line {row}: it does not say its {side} language. Give {setting}, or add it to the file"
    " (source-language and target-language; in version 2 srcLang and trgLang).",
    "{file}, linha {row}: não diz seu idioma ({side}). Dê {setting}, ou acrescente-o ao arquivo"
    " (source-language e target-language; na versão 2, srcLang e trgLang).",
)
NO_UNITS = Text(
    "{file} holds no translated unit; units without a finished translation: {count}. Export it with its translations.",
    "{file} não tem nenhuma unidade traduzida; unidades sem tradução terminada: {count}. Exporte com as traduções.",
)


def read_xliff(content: bytes, name: str, told: Told) -> Iterator[Read]:
    """A row for each translated segment, numbered by its line. Raises DataError.

    Those without a target, with one that is not marked as finished, or not to be translated, are passed over.
    """
    yield Header([], is_parallel=True)
    rows, left_out = 0, 0
    for item in parse(content, name, _Xliff(name, told)):
        rows, left_out = (rows, left_out + 1) if isinstance(item, Passed) else (rows + 1, left_out)
        yield item
    if not rows:
        raise DataError(NO_UNITS, file=name, count=left_out)


@dataclass
class _Text:
    """A source or target: its words, and those of its segments by their number."""

    words: list[str] = field(default_factory=list)
    segments: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # at which a segment begins


@dataclass
class _Unit:
    line: int
    is_finished: bool
    state: str
    texts: dict[str, _Text] = field(default_factory=dict)  # of source, seg-source and target
    confirmed: dict[str, bool] = field(default_factory=dict)  # of Trados, by segment

    def pairs(self) -> Iterator[tuple[str, str, int, bool]]:
        """Source, target, line and whether it is finished, of each segment, or of the unit where it has none."""
        source, segmented, target = (self.texts.get(name, _Text()) for name in SIDES)
        is_finished = self.is_finished and not self.state.startswith(UNFINISHED)
        if segmented.segments and (target.segments or not _joined(target.words)):
            for number, words in segmented.segments.items():
                confirmed = self.confirmed.get(number, not self.confirmed)
                translation = _joined(target.segments.get(number, []))
                yield _joined(words), translation, segmented.lines[number], is_finished and confirmed
        else:
            is_finished = is_finished and all(self.confirmed.values())
            yield _joined(source.words) or _joined(segmented.words), _joined(target.words), self.line, is_finished


class _Xliff(Handler):
    def __init__(self, name: str, told: Told) -> None:
        super().__init__(name)
        self.told = told
        self._languages = {"source": "", "target": ""}
        self._unit = _Unit(0, False, "")
        self._text: _Text | None = None  # the open <source>, <seg-source> or <target>
        self._segment: list[str] | None = None  # the words of its open segment
        self._segment_depth = 0
        self._fixed_depth: int | None = None  # of the outermost open element that is not to be translated

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        parent = self.open[-2] if len(self.open) > 1 else ""
        if not parent and name != "xliff":
            raise DataError(NOT_XLIFF, file=self.name, found=name[:40])
        if name in STRUCTURE and attributes.get("translate") == "no" and self._fixed_depth is None:
            self._fixed_depth = len(self.open)
        if name == "xliff" and "srcLang" in attributes:
            self._set_languages(attributes["srcLang"], attributes.get("trgLang"))
        elif name == "file" and ("source-language" in attributes or not self._languages["source"]):
            self._set_languages(attributes.get("source-language"), attributes.get("target-language"))
        elif name in UNITS:
            is_finished = self._fixed_depth is None and _is_finished(attributes)
            self._unit = _Unit(self.line, is_finished, attributes.get("state", ""))
        elif name in SIDES and parent in UNITS:  # not those of <alt-trans> or <match>
            self._text = self._unit.texts[name] = _Text()
            self._unit.state = attributes.get("state", self._unit.state)
        elif name == "mrk" and self._text:
            self._opened_mark(attributes, self._text)
        elif name == "seg" and parent == "seg-defs":
            self._unit.confirmed[attributes.get("id", "")] = attributes.get("conf") in FINISHED_IN_TRADOS

    def _opened_mark(self, attributes: dict[str, str], text: _Text) -> None:
        kind, number = attributes.get("mtype"), attributes.get("mid")
        if kind == DELETED:
            self.open[-1] = DELETED
        elif kind == "seg" and number is not None and self._segment is None:
            self._segment = text.segments.setdefault(number, [])
            self._segment_depth = len(self.open)
            text.lines.setdefault(number, self.line)

    def text(self, text: str) -> None:
        if self._text is not None and not CODE.intersection(self.open):
            self._text.words.append(text)
            if self._segment is not None:
                self._segment.append(text)

    def closed(self, name: str) -> None:
        depth = len(self.open)
        if self._segment is not None and depth == self._segment_depth:
            self._segment = None
        elif name in SIDES and self.open[-2] in UNITS:
            self._text = None
        elif name in UNITS:
            self._add(self._unit)
        if depth == self._fixed_depth:
            self._fixed_depth = None

    def _add(self, unit: _Unit) -> None:
        for source, target, line, is_finished in unit.pairs():
            if source and target and is_finished:
                codes = [self._language(side, line) for side in ("source", "target")]
                self.found.append(Row(dict(zip(codes, (source, target), strict=True)), line))
            elif source:
                self.found.append(Passed("untranslated", line))

    def _set_languages(self, source: str | None, target: str | None) -> None:
        codes = self.told.complete(source or "", target or "")
        self._languages = dict(zip(("source", "target"), codes, strict=True))

    def _language(self, side: str, line: int) -> str:
        code = canonical(self._languages[side])
        if not has_shape(code):
            raise DataError(NO_LANGUAGE, file=self.name, row=line, side=side, setting=f"{side}_language")
        return code


def _is_finished(attributes: dict[str, str]) -> bool:
    """Whether memoQ (mq:status) and Phrase (m:confirmed) say so, or nothing else, of a unit."""
    said = {local_name(name): value for name, value in attributes.items()}
    return said.get("status") not in UNFINISHED_IN_MEMOQ and said.get("confirmed") != "0"


def _joined(words: list[str]) -> str:
    return "".join(words).strip()

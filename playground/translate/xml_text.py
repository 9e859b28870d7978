"""An XML file as bytes that can be cut at its parser's positions, and put together again as it was written.

Whatever its encoding, it is parsed and cut as UTF-8; what is left alone comes back byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from defusedxml.ElementTree import DefusedXMLParser

from playground.data.content import TOO_MANY_VALUES
from playground.data.formats.markup import BAD_XML, CHUNK, clear_xml_errors
from playground.errors import DataError

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
BEGINNINGS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
DECLARATION = re.compile(rb"\A<\?xml\s[^>]*?\?>")
DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MAX_TAGS = 1_000_000  # each takes some hundred bytes once it is read
# Read forwards only: an attribute's value may hold > and what looks like other attributes.
TAG = re.compile(rb"""<([^\s/>]++)((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""")
ATTRIBUTE = re.compile(rb"""\s*+([^\s=/>]++)\s*+=\s*+("[^"]*+"|'[^']*+')""")
# What XML 1.0 cannot hold, however it is escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Splice(NamedTuple):
    """Bytes to write in the place of others."""

    start: int
    end: int
    text: bytes


class XmlText:
    """Raises DataError for what is not in the encoding that it says, and for more than memory should hold."""

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self._mark, self._encoding = _encoding_of(content)
        try:
            text = content[len(self._mark) :].decode(self._encoding)
            self.utf8 = text.encode()
            is_whole = self._encoded(self.utf8) == content
        except (LookupError, ValueError) as error:
            raise DataError(BAD_XML, file=name, row=1, reason=f"encoding {self._encoding}") from error
        if not is_whole:
            raise DataError(BAD_XML, file=name, row=1, reason=f"encoding {self._encoding}")
        if self.utf8.count(b"<") > MAX_TAGS:
            raise DataError(TOO_MANY_VALUES, file=name, limit=MAX_TAGS)
        self.line_end = b"\r\n" if b"\r\n" in self.utf8 else b"\n"

    def parse(self, target: Any) -> None:
        """Tell `target` every event; while it is told, `target.position()` is where that begins. Raises DataError."""
        parser = DefusedXMLParser(target=target)
        target.position = lambda: int(parser.parser.CurrentByteIndex)
        # The declaration may name another encoding than this one; its line and its length stay.
        content = DECLARATION.sub(lambda found: re.sub(rb"[^\r\n]", b" ", found[0]), self.utf8, count=1)
        with clear_xml_errors(parser, self.name):
            for start in range(0, len(content), CHUNK):
                parser.feed(content[start : start + CHUNK])
            parser.close()

    def with_splices(self, splices: Iterable[Splice]) -> bytes:
        """The file with some of its bytes replaced; letters that its encoding lacks become character references."""
        parts: list[bytes] = []
        done = 0
        for splice in sorted(splices):
            parts += [self.utf8[done : splice.start], splice.text]
            done = splice.end
        return self._encoded(b"".join([*parts, self.utf8[done:]]))

    def written(self, text: str) -> bytes:
        """A text as the content of an element."""
        text = NOT_XML.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return text.replace("\r", "&#13;").encode().replace(b"\n", self.line_end)

    def tag_at(self, start: int) -> Tag:
        """The start tag, or the empty element, that begins at a position."""
        found = TAG.match(self.utf8, start)
        assert found, "the parser said that a tag begins here"
        return Tag(start, found.end(), found[1], found[2].endswith(b"/"))

    def end_of(self, mark: bytes, start: int) -> int:
        """Where the next `mark` ends."""
        return self.utf8.index(mark, start) + len(mark)

    def with_attributes(self, tag: Tag, values: dict[bytes, bytes], *, opened: bool = False) -> bytes:
        """The tag with attributes set; others, and what stands between them, stay. `opened`: never an empty element."""
        raw, place = self.utf8[tag.start : tag.end], 1 + len(tag.name)
        left = dict(values)
        changed = raw[:place]
        while found := ATTRIBUTE.match(raw, place):
            value = left.pop(found[1], None)
            quote = found[2][:1]
            changed += raw[place : found.start(2)] + (found[2] if value is None else quote + value + quote)
            place = found.end()
        changed += b"".join(b' %s="%s"' % item for item in left.items())
        rest = raw[place:]
        return changed + (b">" if opened and tag.is_empty else rest)

    def _encoded(self, utf8: bytes) -> bytes:
        return self._mark + utf8.decode().encode(self._encoding, "xmlcharrefreplace")


class Tag(NamedTuple):
    """Where a start tag lies, and its name with its prefix."""

    start: int
    end: int
    name: bytes
    is_empty: bool


def _encoding_of(content: bytes) -> tuple[bytes, str]:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return mark, encoding
    for beginning, encoding in BEGINNINGS:
        if content.startswith(beginning):
            return b"", encoding
    declared = DECLARED.match(content)
    return b"", declared[1].decode() if declared else "utf-8"

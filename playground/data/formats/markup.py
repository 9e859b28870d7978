"""XML of unknown origin, as a stream of events: no entity is expanded and nothing is fetched.

Python's own parsers expand entities; defusedxml refuses them. A document type such as
`<!DOCTYPE tmx SYSTEM "tmx14.dtd">`, which most TMX files have, is allowed and not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from playground.data.columns import Row
from playground.data.content import MAX_DEPTH, TOO_DEEP
from playground.data.formats.table import Passed
from playground.errors import DataError
from playground.texts import Text

CHUNK = 2**16
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

BAD_XML = Text(
    "{file}, line {row}: not valid XML ({reason}). Correct that line, or export the file again.",
    "{file}, linha {row}: XML inválido ({reason}). Corrija essa linha, ou exporte o arquivo de novo.",
)
ENTITY = Text(
    "{file}, line {row}: it defines or calls an entity of its own, which could fetch files or fill the memory, so it"
    " is refused. Write the text itself instead of the entity.",
    "{file}, linha {row}: define ou chama uma entidade própria, que poderia buscar arquivos ou encher a memória, por"
    " isso é recusada. Escreva o próprio texto no lugar da entidade.",
)


class Handler:
    """What a format does with the events of its elements; names come without their namespace.

    `found` are the rows since it was last asked. `line` is where the current element begins.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Row | Passed] = []
        self.open: list[str] = []
        self._parser: DefusedXMLParser | None = None

    @property
    def line(self) -> int:
        return int(self._parser.parser.CurrentLineNumber) if self._parser else 1

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `self.open` already ends with it."""

    def closed(self, name: str) -> None:
        """An element ends; `self.open` still ends with it."""

    def text(self, text: str) -> None:
        """A part of the text of the innermost open element."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.open.append(local_name(tag))
        if len(self.open) > MAX_DEPTH:  # whoever looks at all that is open would take ever longer
            raise DataError(TOO_DEEP, file=self.name, row=self.line, limit=MAX_DEPTH)
        self.opened(self.open[-1], attributes)

    def end(self, _tag: str) -> None:
        self.closed(self.open[-1])
        self.open.pop()

    def data(self, text: str) -> None:
        self.text(text)

    def close(self) -> None:
        """The parser's last call; everything has been told already."""


def parse(content: bytes, name: str, handler: Handler) -> Iterator[Row | Passed]:
    """Tell `handler` every event; what it finds comes as soon as it is found. Raises DataError with the line."""
    parser = handler._parser = DefusedXMLParser(target=handler)
    try:
        with clear_xml_errors(parser, name):
            for start in range(0, len(content), CHUNK):
                parser.feed(content[start : start + CHUNK])
                yield from handler.found
                handler.found = []
            parser.close()
    except (ValueError, LookupError) as error:  # an encoding that does not exist, or that the parser cannot read
        raise DataError(BAD_XML, file=name, row=handler.line, reason=str(error)[:120]) from error
    yield from handler.found


@contextmanager
def clear_xml_errors(parser: DefusedXMLParser, name: str) -> Iterator[None]:
    """Turn what is no XML, and what XML could do harm with, into a DataError with the line."""
    try:
        yield
    except DefusedXmlException as error:
        raise DataError(ENTITY, file=name, row=parser.parser.CurrentLineNumber) from error
    except ParseError as error:
        raise DataError(BAD_XML, file=name, row=error.position[0], reason=str(error).partition(":")[0]) from error


def local_name(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]

"""TMX, the exchange format of translation memories (versions 1.1 to 1.4)."""

from __future__ import annotations

from collections.abc import Iterator

from playground.catalog.codes import canonical, has_shape
from playground.data.columns import Row
from playground.data.example import Told
from playground.data.formats.markup import XML_LANG, Handler, parse
from playground.data.formats.table import Header, Read
from playground.errors import DataError
from playground.texts import Text

# Elements whose content is code of the document's own format, or a text of its own, not words of the sentence
CODE = {"bpt", "ept", "it", "ph", "ut", "sub"}
PRIVATE = "x-"  # codes of a tool's own, such as x-default: of no language

NOT_TMX = Text(
    "{file} is not TMX: its first element is {found}, expected tmx. Check the file's format.",
    "{file} não é TMX: seu primeiro elemento é {found}, esperava tmx. Confira o formato do arquivo.",
)
NO_LANGUAGE = Text(
    '{file}, line {row}: this text (tuv) does not say its language. Add xml:lang, for example xml:lang="pt-BR".',
    '{file}, linha {row}: este texto (tuv) não diz seu idioma. Acrescente xml:lang, por exemplo xml:lang="pt-BR".',
)
NO_UNITS = Text(
    "{file} holds no translation unit (tu) with text. Export the memory again.",
    "{file} não tem nenhuma unidade de tradução (tu) com texto. Exporte a memória de novo.",
)


def read_tmx(content: bytes, name: str, _told: Told) -> Iterator[Read]:
    """A row for each unit, numbered by the line of its <tu>; a column for each language. Raises DataError."""
    yield Header([], is_parallel=True)
    is_empty = True
    for row in parse(content, name, _Tmx(name)):
        is_empty = False
        yield row
    if is_empty:
        raise DataError(NO_UNITS, file=name)


class _Tmx(Handler):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.source_language = ""
        self._row = Row({}, 0)
        self._language = ""
        self._words: list[str] | None = None  # of the open <seg>

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) == 1 and name != "tmx":
            raise DataError(NOT_TMX, file=self.name, found=name[:40])
        if name == "header":
            self.source_language = canonical(attributes.get("srclang", ""))
        elif name == "tu":
            self._row = Row({}, self.line)
        elif name == "tuv":
            self._language = canonical(attributes.get(XML_LANG) or attributes.get("lang") or "")
            if not has_shape(self._language) and not self._language.startswith(PRIVATE):
                raise DataError(NO_LANGUAGE, file=self.name, row=self.line)
        elif name == "seg":
            self._words = []

    def text(self, text: str) -> None:
        if self._words is not None and not CODE.intersection(self.open):
            self._words.append(text)

    def closed(self, name: str) -> None:
        if name == "seg" and self._words is not None:
            # A unit may hold a second text of one language; the first is the one that translators chose.
            if (text := "".join(self._words).strip()) and not self._language.startswith(PRIVATE):
                self._row.setdefault(self._language, text)
            self._words = None
        elif name == "tu" and self._row:
            first = {code: text for code, text in self._row.items() if code == self.source_language}
            self.found.append(Row({**first, **self._row}, self._row.number))

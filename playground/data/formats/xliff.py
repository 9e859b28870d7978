"""XLIFF, the exchange format of translation tools, versions 1.x and 2.x."""

from __future__ import annotations

from playground.catalog.codes import canonical, has_shape
from playground.data.columns import Row
from playground.data.example import Table, Told
from playground.data.formats.markup import Handler, parse
from playground.data.left_out import LeftOut
from playground.errors import DataError
from playground.texts import Text

UNITS = {"trans-unit", "segment"}  # what holds one source and its target, in versions 1 and 2
# Elements whose content is code of the document's own format, or a text of its own, not words of the sentence
CODE = {"bpt", "ept", "it", "ph", "sub", "x", "bx", "ex", "cp"}
UNFINISHED = ("needs-", "new", "initial")  # states of a target that nobody has approved, in versions 1 and 2

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


def read_xliff(content: bytes, name: str, limit: int | None, told: Told) -> Table:
    """A row for each translated unit, numbered by its line. Raises DataError.

    Units without a target, or with one that is marked as unfinished, are left out and counted.
    """
    handler = _Xliff(name, limit, told)
    parse(content, name, handler)
    if not handler.rows:
        raise DataError(NO_UNITS, file=name, count=handler.left_out)
    columns = list(dict.fromkeys(column for row in handler.rows for column in row))
    left_out: LeftOut = {"untranslated": handler.left_out} if handler.left_out else {}
    return Table(columns, list(handler.rows), is_parallel=True, left_out=left_out)


class _Xliff(Handler):
    def __init__(self, name: str, limit: int | None, told: Told) -> None:
        super().__init__(name, limit)
        self.told = told
        self.left_out = 0
        self._languages = {"source": "", "target": ""}
        self._texts: dict[str, str] = {}
        self._line = 0
        self._state = ""
        self._words: list[str] | None = None  # of the open <source> or <target>

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        parent = self.open[-2] if len(self.open) > 1 else ""
        if not parent and name != "xliff":
            raise DataError(NOT_XLIFF, file=self.name, found=name[:40])
        if name == "xliff" and "srcLang" in attributes:
            self._set_languages(attributes["srcLang"], attributes.get("trgLang"))
        elif name == "file" and ("source-language" in attributes or not self._languages["source"]):
            self._set_languages(attributes.get("source-language"), attributes.get("target-language"))
        elif name in UNITS:
            self._texts, self._line, self._state = {}, self.line, attributes.get("state", "")
        elif name in self._languages and parent in UNITS:  # not those of <alt-trans> or <match>
            self._words = []
            self._state = attributes.get("state", self._state)

    def text(self, text: str) -> None:
        if self._words is not None and not CODE.intersection(self.open):
            self._words.append(text)

    def closed(self, name: str) -> None:
        if name in self._languages and self._words is not None:
            self._texts[name] = "".join(self._words).strip()
            self._words = None
        elif name in UNITS:
            self._add()

    def _add(self) -> None:
        source, target = self._texts.get("source", ""), self._texts.get("target", "")
        if not source:
            return
        if not target or self._state.startswith(UNFINISHED):
            self.left_out += 1
            return
        codes = [self._language(side) for side in ("source", "target")]
        self.add(Row(dict(zip(codes, (source, target), strict=True)), self._line))

    def _set_languages(self, source: str | None, target: str | None) -> None:
        codes = self.told.complete(source or "", target or "")
        self._languages = dict(zip(("source", "target"), codes, strict=True))

    def _language(self, side: str) -> str:
        code = canonical(self._languages[side])
        if not has_shape(code):
            raise DataError(NO_LANGUAGE, file=self.name, row=self._line, side=side, setting=f"{side}_language")
        return code

"""Files to translate, by their ending, and the names under which they are given back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playground.catalog.codes import primary
from playground.catalog.languages import language_name, match
from playground.data.columns import to_text
from playground.data.content import check_size, read_content, size_of
from playground.data.example import Languages
from playground.data.files import read_file
from playground.data.lines import read_lines
from playground.errors import DataError
from playground.texts import Text
from playground.translate.document import Document, Filled, Reason, plain_code
from playground.translate.po import read_po
from playground.translate.xliff import read_xliff

if TYPE_CHECKING:
    from playground.translate.text import TranslateUpdate

UNKNOWN = Text(
    "{file}: files with this ending are not translated. Give one that ends in {suffixes}.",
    "{file}: arquivos com este final não são traduzidos. Dê um que termine em {suffixes}.",
)
NOTHING_LEFT = Text(
    "{file} holds nothing to translate: every unit has a finished translation, or cannot be translated here ({left}).",
    "{file} não tem o que traduzir: toda unidade tem uma tradução terminada, ou não pode ser traduzida aqui ({left}).",
)
OTHER_LANGUAGES = Text(
    "{file} is to be translated from {said_source} into {said_target}, not from {source} into {target}. Choose its own"
    " languages, or correct what the file says.",
    "{file} deve ser traduzido de {said_source} para {said_target}, e não de {source} para {target}. Escolha os"
    " idiomas dele, ou corrija o que o arquivo diz.",
)
LONGEST_STEM = 80


def open_document(path: Path, source_language: str | None = None) -> Document:
    """A file as what of it is to be translated. Raises DataError.

    `source_language` chooses among the languages of a memory; other files are written in one.
    """
    suffix = path.suffix.lower()
    size = size_of(path)
    if suffix == ".txt":
        return _read_text(path)
    if suffix not in TRANSLATED_SUFFIXES:
        raise DataError(UNKNOWN, file=path.name, suffixes=", ".join(TRANSLATED_SUFFIXES))
    check_size(size, path.name)
    if suffix == ".tmx":
        document = _read_memory(path, source_language)
    else:
        document = READERS[suffix](read_content(path), path.name)
    if not document.sources:
        raise DataError(NOTHING_LEFT, file=path.name, left=sum(document.left.values()))
    return document


def check_languages(document: Document, languages: Languages) -> None:
    """Raises DataError where a file is not in the source language, or is to be filled in with another target."""
    said = [document.source_language, document.target_language if document.fill else ""]
    pairs = zip(said, languages, strict=True)
    if any(code and not match(code, [chosen]) for code, chosen in pairs):
        named = [_name(code or chosen) for code, chosen in zip(said, languages, strict=True)]
        names = {"said_source": named[0], "said_target": named[1]}
        source, target = map(_name, languages)
        raise DataError(OTHER_LANGUAGES, file=document.name, source=source, target=target, **names)


def fill_document(document: Document, update: TranslateUpdate, column: int) -> Filled | None:
    """The file with the translations of one column in it; None where it is not given back, or is another file."""
    if document.fill is None or document.sources != tuple(row.source for row in update.rows):
        return None
    made = [row.translations[column] for row in update.rows]
    return document.fill([one.text if one else None for one in made], update.languages.target)


def _name(code: str) -> Text:
    return Text(language_name(code, "en"), language_name(code, "pt"))


def _read_text(path: Path) -> Document:
    """A row for each line, blank ones too."""
    lines = read_lines(path)
    content = read_content(path)
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    end = "\r\n" if b"\r\n" in content else "\n"
    last = end if content.endswith((b"\n", b"\r")) else ""
    return Document(name=path.name, sources=lines, fill=partial(_fill_text, lines, mark, end, last))


def _fill_text(
    lines: tuple[str, ...], mark: bytes, end: str, last: str, translations: Sequence[str | None], _language: str
) -> Filled:
    """The translations, line by line; the line itself where there is none."""
    count = sum(made is None for made in translations)
    left: dict[Reason, int] = {"nothing": count} if count else {}
    text = end.join(line if made is None else made for line, made in zip(lines, translations, strict=True))
    return Filled(mark + (text + last).encode(), len(lines) - count, left)


def _read_memory(path: Path, source_language: str | None) -> Document:
    """The texts of one language, the memory's own source where no other is asked for."""
    table = read_file(path)
    asked = match(source_language, table.columns) if source_language else None
    source = asked or table.columns[0]
    others = [code for code in table.columns if primary(code) != primary(source)]
    sources = tuple(text for row in table.rows if (text := to_text(row.get(source)).strip()))
    return Document(name=path.name, sources=sources, source_language=source, target_language="".join(others[:1]))


def name_for(name: str, target_language: str, suffix: str | None = None) -> str:
    """A file's own name with the language that it is translated into: `menu.xlf` as `menu.pt.xlf`.

    Without what a file system or a header of HTTP could take for something else.
    """
    path = Path(name)
    stem = re.sub(r"[^\w.() +-]+", "-", path.stem).strip(" .-")[:LONGEST_STEM] or "translation"
    code = plain_code(target_language)
    said = stem.lower() == code.lower() or stem.lower().endswith((f".{code.lower()}", f"_{code.lower()}"))
    ending = suffix or re.sub(r"[^A-Za-z0-9.]", "", path.suffix.lower())
    return f"{stem}{'' if said else f'.{code}'}{ending}"


READERS: dict[str, Callable[[bytes, str], Document]] = {
    ".xlf": read_xliff,
    ".xliff": read_xliff,
    ".sdlxliff": read_xliff,
    ".mqxliff": read_xliff,
    ".mxliff": read_xliff,
    ".po": read_po,
}
TRANSLATED_SUFFIXES = (".txt", ".tmx", *READERS)

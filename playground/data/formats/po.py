"""gettext PO, the catalogs in which most free software is translated."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator

import polib

from playground.catalog.codes import canonical, has_shape
from playground.data.columns import Row
from playground.data.content import MAX_CELL, decode_utf8
from playground.data.example import Told
from playground.data.formats.table import Header, Passed, Read
from playground.errors import DataError
from playground.texts import Text

SOURCE_LANGUAGE = "en"  # of catalogs that do not say; nearly all are written in English
CHARSET = re.compile(rb'^"Content-Type:[^"\n]*charset=([\w-]+)', re.MULTILINE)
# Encodings of one byte a letter, which old catalogs still use; anything else must be UTF-8.
OLD_CHARSETS = re.compile(r"(iso-?8859-\d+|(windows|cp)-?125\d|koi8-[ru])", re.IGNORECASE)
# polib breaks lines at these too, inside of a text
LINE_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
PLURAL_RULE = re.compile(r"plural\s*=\s*([^;]+)")
MAX_ENTRY_LINES = 2000
OWN_LINES = 1  # put before the file, see below

BAD_PO = Text(
    "{file}, line {row}: not a valid PO file ({reason}). Check it with `msgfmt --check`.",
    "{file}, linha {row}: não é um arquivo PO válido ({reason}). Confira com `msgfmt --check`.",
)
LONG_ENTRY = Text(
    "{file}, line {row}: a text or comment of more than {lines:,} lines or {limit:,} characters. Shorten it.",
    "{file}, linha {row}: um texto ou comentário de mais de {lines:,} linhas ou {limit:,} caracteres. Encurte-o.",
)
NO_LANGUAGE = Text(
    "{file} does not say into which language it translates. Give target_language, or add the line"
    ' "Language: pt_BR\\n" to its header.',
    "{file} não diz para que idioma traduz. Dê target_language, ou acrescente a linha"
    ' "Language: pt_BR\\n" ao cabeçalho.',
)
NO_ENTRIES = Text(
    "{file} holds no finished translation; entries that are untranslated, fuzzy or obsolete: {count}.",
    "{file} não tem nenhuma tradução terminada; entradas sem tradução, fuzzy ou obsoletas: {count}.",
)


def read_po(content: bytes, name: str, told: Told) -> Iterator[Read]:
    """A row for each translation, numbered by the line at which its entry begins, with its comments.

    A plural entry gives a row for each form. Untranslated, fuzzy and obsolete entries are passed over. The catalog is
    in memory as a whole: that is how polib reads. Raises DataError.
    """
    catalog = _parse(_decode(content, name), name)
    source, target = _languages(catalog, name, told)
    yield Header([source, target], is_parallel=True)
    plural_rule = catalog.metadata.get("Plural-Forms", "")
    rows, left_out = 0, 0
    for entry in catalog:
        line = entry.linenum - OWN_LINES
        if entry.obsolete or entry.fuzzy or not entry.translated():
            left_out += 1
            yield Passed("untranslated", line)
            continue
        for text, translation in pairs_of(entry, plural_rule):
            rows += 1
            yield Row({source: text, target: translation}, line)
    if not rows:
        raise DataError(NO_ENTRIES, file=name, count=left_out)


def pairs_of(entry: polib.POEntry, plural_rule: str) -> Iterator[tuple[str, str]]:
    """Source and translation of each form of an entry, without empty ones and without repeats."""
    if not entry.msgid_plural:
        pairs = [(entry.msgid, entry.msgstr)]
    else:
        singular = form_of_one(plural_rule)
        pairs = [
            (entry.msgid if form == singular else entry.msgid_plural, text)
            for form, text in sorted(entry.msgstr_plural.items())
        ]
    yield from dict.fromkeys(pair for pair in pairs if pair[0].strip() and pair[1].strip())


def form_of_one(plural_rule: str) -> int:
    """Which numbered form stands for one thing: the first in most languages, the second in Arabic."""
    rule = PLURAL_RULE.search(plural_rule)
    try:
        return int(gettext.c2py(rule[1])(1)) if rule else 0
    except (ValueError, ArithmeticError):
        return 0


def charset_of(content: bytes) -> str | None:
    """An old encoding of one byte a letter that the header names and that holds the file; None for UTF-8."""
    found = CHARSET.search(content)
    charset = found[1].decode() if found else ""
    try:
        content.decode(charset if OLD_CHARSETS.fullmatch(charset) else "unknown")
    except (LookupError, ValueError):
        return None
    return charset


def _decode(content: bytes, name: str) -> str:
    charset = charset_of(content)
    return content.decode(charset) if charset else decode_utf8(content, name)


def _parse(text: str, name: str) -> polib.POFile:
    # polib opens its argument as a file where one of that name exists: a text that begins with a comment line is none.
    _check_runs(text, name)
    text = "#\n" * OWN_LINES + LINE_BREAKS.sub(" ", text)
    try:
        return polib.pofile(text)
    except (OSError, ValueError, LookupError, AttributeError) as error:
        line = re.search(r"\(line (\d+)\)", str(error))
        reason = str(error).rpartition(": ")[2] if line and ": " in str(error) else "syntax"
        row = int(line[1]) - OWN_LINES if line else 1
        raise DataError(BAD_PO, file=name, row=row, reason=reason[:120]) from error


def _check_runs(text: str, name: str) -> None:
    """Raises DataError for an entry of endless lines: polib copies what it has of a text for each line that it adds."""
    kind, lines, characters = "", 0, 0
    for number, line in enumerate(io.StringIO(text, newline="\n"), start=1):
        line = line.strip().removeprefix("#~").lstrip()
        if line[:1] != kind:
            kind, lines, characters = line[:1], 0, 0
        lines, characters = lines + 1, characters + len(line)
        if kind in ('"', "#") and (lines > MAX_ENTRY_LINES or characters > MAX_CELL) or len(line) > MAX_CELL:
            raise DataError(LONG_ENTRY, file=name, row=number, lines=MAX_ENTRY_LINES, limit=MAX_CELL)


def _languages(catalog: polib.POFile, name: str, told: Told) -> tuple[str, str]:
    """What the header says, else what the user said, else English as the source."""
    said = [catalog.metadata.get(key, "").strip() for key in ("X-Source-Language", "Language")]
    source, target = told.complete(*(code if has_shape(code) else "" for code in said))
    source = source or SOURCE_LANGUAGE
    if not target or canonical(source) == canonical(target):
        raise DataError(NO_LANGUAGE, file=name)
    return canonical(source), canonical(target)

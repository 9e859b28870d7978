"""gettext PO filled in: msgstr lines are replaced and marked fuzzy, every other line stays as it is.

`fuzzy` is gettext's own mark for a translation that somebody has to look at; programs do not use it until then.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import polib

from playground.catalog.codes import canonical, has_shape
from playground.data.content import NOT_UTF8, check_values
from playground.data.formats.po import BAD_PO, SOURCE_LANGUAGE, charset_of, form_of_one
from playground.errors import DataError
from playground.translate.document import Document, Filled, Reason, keeps_placeholders, with_edges_of

MARK = b"\xef\xbb\xbf"
LINE = re.compile(r"[^\n]*\n|[^\n]+")
KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,2})\])?)\s*(".*)')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
FORMS = re.compile(r"nplurals\s*=\s*(\d+)")
METADATA = re.compile(r"^([\w-]+):[ \t]*(.*)$", re.MULTILINE)
WIDTH = 79  # columns, as gettext's own tools wrap


@dataclass
class Field:
    """One text of an entry, and the lines that it takes."""

    first: int
    last: int  # one after
    text: str  # as it stands between the quotation marks, still escaped


@dataclass
class Entry:
    """Fields by keyword, the forms of its translation by number, and its line of flags."""

    fields: dict[str, Field] = field(default_factory=dict)
    forms: dict[int, Field] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    flag_line: int | None = None

    @property
    def is_header(self) -> bool:
        return not self.fields["msgid"].text and "msgctxt" not in self.fields

    def wanted(self) -> list[int]:
        """The forms that have no finished translation."""
        return [form for form, text in sorted(self.forms.items()) if "fuzzy" in self.flags or not text.text]

    @property
    def is_format(self) -> bool:
        return any(flag.endswith("-format") and not flag.startswith("no-") for flag in self.flags)


Wanted = list[tuple[Entry, dict[int, str]]]  # entries, each with the source of every form that is to be translated


def read_po(content: bytes, name: str) -> Document:
    """Its entries that are untranslated or fuzzy. Raises DataError."""
    mark = MARK if content.startswith(MARK) else b""
    charset = charset_of(content) or "utf-8"
    try:
        text = content[len(mark) :].decode(charset)
    except UnicodeDecodeError as error:
        raise DataError(NOT_UTF8, file=name, offset=error.start + len(mark)) from error
    check_values(text.count("\n"), name)
    lines = LINE.findall(text)
    entries = _entries(lines, name)
    has_header = bool(entries) and entries[0].is_header and 0 in entries[0].forms
    header = dict(METADATA.findall(polib.unescape(entries[0].forms[0].text))) if has_header else {}
    left: Counter[Reason] = Counter()
    wanted: Wanted = []
    for entry in entries:
        if entry.is_header or not entry.wanted():
            continue
        sources = _sources(entry, header.get("Plural-Forms", ""))
        if sources is None:
            left["plural"] += 1
        elif all(source.strip() for source in sources.values()):
            wanted.append((entry, sources))
    said = [header.get(key, "").strip() for key in ("X-Source-Language", "Language")]
    codes = [canonical(code) if has_shape(code) else "" for code in said]
    return Document(
        name=name,
        sources=tuple(source for _, sources in wanted for source in sources.values()),
        source_language=codes[0],
        target_language=codes[1],
        usual_source=SOURCE_LANGUAGE,
        left=left,
        fill=partial(_fill, lines, wanted, mark, charset),
    )


def _entries(lines: list[str], name: str) -> list[Entry]:
    """In file order; obsolete ones, which are comments, are none. Raises DataError with the line."""
    entries: list[Entry] = []
    entry, current = Entry(), None
    for number, raw in enumerate(lines):
        line = raw.strip()
        found = KEYWORD.fullmatch(line)
        keyword = found[1] if found else ""
        if entry.forms and (line.startswith("#") or keyword in ("msgctxt", "msgid")):
            entries.append(entry)
            entry, current = Entry(), None
        if line.startswith("#~") and not entry.fields:
            entry = Entry()  # flags before it were its own
        elif line.startswith("#,"):
            entry.flags |= {flag.strip() for flag in line[2:].split(",")}
            entry.flag_line = number if entry.flag_line is None else entry.flag_line
        elif found:
            current = Field(number, number + 1, _inside(found[3], name, number))
            _put(entry, keyword, found[2], current, name)
        elif line.startswith('"') and current:
            current.text += _inside(line, name, number)
            current.last = number + 1
        elif line and not line.startswith("#"):
            raise DataError(BAD_PO, file=name, row=number + 1, reason="syntax")
    if entry.forms or entry.fields:
        entries.append(entry)
    for entry in entries:
        if "msgid" not in entry.fields or not entry.forms:
            row = min(part.first for part in [*entry.fields.values(), *entry.forms.values()]) + 1
            raise DataError(BAD_PO, file=name, row=row, reason="msgid, msgstr")
    return entries


def _put(entry: Entry, keyword: str, form: str | None, found: Field, name: str) -> None:
    if keyword.startswith("msgstr"):
        kept = entry.forms.setdefault(int(form or 0), found)
    else:
        kept = entry.fields.setdefault(keyword, found)
    if kept is not found:
        raise DataError(BAD_PO, file=name, row=found.first + 1, reason=keyword)


def _inside(quoted: str, name: str, number: int) -> str:
    found = QUOTED.fullmatch(quoted.rstrip())
    if not found:
        raise DataError(BAD_PO, file=name, row=number + 1, reason='"')
    return found[1]


def _sources(entry: Entry, plural_rule: str) -> dict[int, str] | None:
    """What each wanted form translates; None where the forms do not follow from singular and plural."""
    msgid = polib.unescape(entry.fields["msgid"].text)
    if "msgid_plural" not in entry.fields:
        return {0: msgid} if entry.forms.keys() == {0} else None
    plural, count = polib.unescape(entry.fields["msgid_plural"].text), FORMS.search(plural_rule)
    if count is None or not 1 <= int(count[1]) <= 2 or entry.forms.keys() != set(range(int(count[1]))):
        return None
    singular = form_of_one(plural_rule) if int(count[1]) == 2 else None
    return {form: msgid if form == singular else plural for form in entry.wanted()}


def _fill(
    lines: list[str], wanted: Wanted, mark: bytes, charset: str, translations: Sequence[str | None], _language: str
) -> Filled:
    left: Counter[Reason] = Counter()
    new = list(lines)
    filled = done = 0
    for entry, sources in wanted:
        made = dict(zip(sources, translations[done : done + len(sources)], strict=True))
        done += len(sources)
        reason = _reason_against(entry, sources, made, charset)
        if reason:
            left[reason] += 1
            continue
        for form, source in sources.items():
            _write(new, lines, entry, form, with_edges_of(source, str(made[form])))
        if "fuzzy" not in entry.flags:
            _mark_fuzzy(new, lines, entry)
        filled += 1
    return Filled(mark + "".join(new).encode(charset), filled, left)


def _reason_against(entry: Entry, sources: dict[int, str], made: dict[int, str | None], charset: str) -> Reason | None:
    texts = [(source, made[form] or "") for form, source in sources.items()]
    if not all(text.strip() for _, text in texts):
        return "nothing"
    if not all(keeps_placeholders(*pair, is_format=entry.is_format) for pair in texts):
        return "placeholder"
    try:
        "".join(text for _, text in texts).encode(charset)
    except UnicodeEncodeError:
        return "characters"
    return None


def _write(new: list[str], lines: list[str], entry: Entry, form: int, text: str) -> None:
    """Puts a translation into the lines of a form; lines that it no longer needs become empty."""
    place = entry.forms[form]
    first = lines[place.first]
    keyword = first[: first.index('"')]
    end = _end_of(first)
    source = entry.fields["msgid"]
    is_wrapped = "no-wrap" not in entry.flags and source.last > source.first + 1
    pieces = [piece for line in text.splitlines(keepends=True) for piece in _pieces(line, is_wrapped)]
    if len(pieces) > 1:
        pieces = ["", *pieces]
    written = [f'"{piece}"{end}' for piece in pieces]
    is_last = place.last == len(lines) and not lines[-1].endswith("\n")
    new[place.first : place.last] = [
        keyword + "".join(written).removesuffix(end if is_last else ""),
        *[""] * (place.last - place.first - 1),
    ]


def _pieces(line: str, is_wrapped: bool) -> list[str]:
    """One line of a text, escaped, cut between words where it is wrapped."""
    pieces = [""]
    for word in re.findall(r"\S*\s*", polib.escape(line)):
        if is_wrapped and pieces[-1] and len(pieces[-1]) + len(word.rstrip()) > WIDTH - 2:
            pieces.append("")
        pieces[-1] += word
    return pieces


def _mark_fuzzy(new: list[str], lines: list[str], entry: Entry) -> None:
    if entry.flag_line is not None:
        new[entry.flag_line] = new[entry.flag_line].replace("#,", "#, fuzzy,", 1)
        return
    first = min(part.first for part in entry.fields.values())
    while first and lines[first - 1].lstrip().startswith("#|"):  # what the source was before comes after the flags
        first -= 1
    new[first] = f"#, fuzzy{_end_of(lines[first])}{new[first]}"


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :] or "\n"

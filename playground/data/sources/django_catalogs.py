"""Django's own catalogs: the texts of a web framework in about 80 languages, read from the installed package.

The package is only located, never imported, and nothing of it is copied. English is the source of every catalog.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import polib

from playground.catalog.codes import canonical, matching, primary
from playground.data.columns import Row
from playground.data.example import Table, Told
from playground.data.formats.po import pairs_of
from playground.errors import DataError
from playground.texts import Text

NAME = "django-catalogs"
SOURCE_LANGUAGE = "en"
DEFAULT_LANGUAGE = "pt-BR"
CATALOGS = ("conf/locale/{}/LC_MESSAGES/*.po", "contrib/*/locale/{}/LC_MESSAGES/*.po")
MIN_BYTES = 15_000  # of a compiled main catalog; a smaller one holds a handful of texts

# Part of the data set: another seed or share is another data set.
SEED = 1
TEST_SHARE = 0.4  # of the texts that may be tested
MIN_TEST_WORDS = 2  # a single word is a poor test of a translation, and a good thing to learn

MARKUP = re.compile(r"<[A-Za-z/!]|&\w+;")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*[a-z]|%[a-z]|\{\w*\}")
WORD = re.compile(r"[^\W\d_]+")

NO_PACKAGE = Text(
    "The data set django-catalogs reads the package Django. Install it: pip install --no-deps Django",
    "O conjunto django-catalogs lê o pacote Django. Instale: pip install --no-deps Django",
)
NO_CATALOG = Text(
    "django-catalogs has no catalog in {language}. It has: en, {known}.",
    "django-catalogs não tem catálogo em {language}. Tem: en, {known}.",
)


class Entry(NamedTuple):
    """`skeleton` decides the part: what is left of the English text, the same for all forms of a plural."""

    text: str
    translation: str
    skeleton: str


def languages() -> tuple[str, ...]:
    """The languages that the installed package translates into. Raises DataError when it is not installed."""
    folders = sorted(path for path in (_package() / "conf/locale").iterdir() if path.is_dir())
    codes = [folder.name for folder in folders if _is_translated(folder)]
    return tuple(canonical(code) for code in codes if primary(code) != SOURCE_LANGUAGE)


def read_catalogs(part: Literal["train", "test"], asked: Told, limit: int | None = None) -> Table:
    """A row for each English text, a column for English and for each language asked for. Raises DataError.

    Part "test" is fixed: a text is on the same side in every language, and so are the forms of a plural. Nothing is
    trained on whose translation is tested, so that this holds in the other direction as well.
    """
    codes = [_known(code) for code in asked if code and canonical(code) != SOURCE_LANGUAGE] or [DEFAULT_LANGUAGE]
    texts: dict[str, dict[str, object]] = {}
    for code in codes:
        entries = _entries(code)
        tested = {entry.translation.casefold() for entry in entries if is_test(entry.skeleton)}
        for entry in entries:
            if is_test(entry.skeleton):
                belongs = part == "test"
            else:
                belongs = part == "train" and entry.translation.casefold() not in tested
            if belongs:
                texts.setdefault(entry.text, {SOURCE_LANGUAGE: entry.text})[code] = entry.translation
    rows = [Row(cells, place) for place, cells in enumerate(texts.values(), start=1)]
    return Table([SOURCE_LANGUAGE, *dict.fromkeys(codes)], list(rows[:limit]), is_parallel=True)


def is_test(skeleton: str) -> bool:
    """Which part a text belongs to; depends on its words alone."""
    if skeleton.count(" ") + 1 < MIN_TEST_WORDS:
        return False
    place = int.from_bytes(hashlib.sha256(f"{SEED} {skeleton}".encode()).digest()[:8])
    return place < TEST_SHARE * 2**64


def skeleton_of(text: str) -> str:
    """A text's words in small letters, without placeholders and without the s of a plural."""
    return " ".join(word.removesuffix("s") for word in WORD.findall(PLACEHOLDER.sub(" ", text).casefold()))


@cache
def _entries(code: str) -> tuple[Entry, ...]:
    """What a language's catalogs hold, each English text once, without markup and what stays English."""
    package, folder = _package(), code.replace("-", "_")
    found: dict[str, Entry] = {}
    for pattern in CATALOGS:
        for path in sorted(package.glob(pattern.format(folder))):
            for entry in _translations(path):
                found.setdefault(entry.text.casefold(), entry)
    return tuple(found.values())


def _translations(path: Path) -> list[Entry]:
    catalog = polib.pofile(str(path))
    rule = catalog.metadata.get("Plural-Forms", "")
    entries = []
    for item in catalog:
        skeleton = skeleton_of(item.msgid)
        if item.obsolete or item.fuzzy or not item.translated() or not skeleton:
            continue
        for pair in pairs_of(item, rule):
            text, translation = (" ".join(side.split()) for side in pair)
            if not MARKUP.search(text + translation) and text.casefold() != translation.casefold():
                entries.append(Entry(text, translation, skeleton))
    return entries


def _known(code: str) -> str:
    known = languages()
    found = matching(code, known)
    if not found:
        raise DataError(NO_CATALOG, language=code[:40], known=", ".join(known))
    return found[0]


def _is_translated(folder: Path) -> bool:
    compiled = folder / "LC_MESSAGES/django.mo"
    return compiled.is_file() and compiled.stat().st_size >= MIN_BYTES


def _package() -> Path:
    spec = importlib.util.find_spec("django")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(NO_PACKAGE)
    return Path(spec.submodule_search_locations[0])

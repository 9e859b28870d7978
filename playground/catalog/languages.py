"""Languages: their names in the language of the page, and which of a model's codes a given code means."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from playground.catalog.codes import canonical, matching
from playground.catalog.families import M2M100_CODES
from playground.texts import Language

LOCALES: dict[Language, str] = {"en": "en", "pt": "pt_BR"}
# What CLDR's table of aliases does not say, or says for another standard: NLLB's and M2M100's own choices.
OWN_ALIASES = {
    "fil": "tl", "tgl": "tl", "fuv": "ff", "nb": "no", "nob": "no", "nso": "ns", "pbt": "ps", "iw": "he", "jw": "jv",
}  # fmt: skip
OWN_NAMES: dict[str, str] = {"ns": "nso", "tl": "fil"}  # CLDR names these languages under another code


@lru_cache(maxsize=4096)
def language_name(code: str, ui: Language) -> str:
    """The name of a language for the reader of `ui`, capitalised; a code that no table knows is its own name.

    language_name("gl", "pt")        # Galego
    language_name("pt_BR", "en")     # Portuguese (Brazil)
    """
    from babel import Locale

    locale = Locale.parse(LOCALES[ui])
    language, *rest = canonical(code).split("-")
    names = locale.languages
    product = to_product(language)
    name = next((str(names[known]) for known in (OWN_NAMES.get(product, product), language) if known in names), None)
    if name is None:
        return code
    details = [str(found) for part in rest if (found := _detail(locale, part))]
    return name[:1].upper() + name[1:] + (f" ({', '.join(details)})" if details else "")


def english_name(code: str) -> str:
    """The language's English name alone, as an instruction to a model spells it."""
    return language_name(canonical(code).split("-")[0], "en")


def match(code: str, available: Iterable[str]) -> str | None:
    """The one of `available` that `code` means; None if there is none.

    The very same code first, whatever its case and whether it has `_` or `-`; else the same language
    without its region or script, three-letter codes included.

        match("pt-BR", ["en", "pt"])       # pt
        match("por_Latn", ["en", "pt"])    # pt
    """
    codes = list(available)
    found = matching(code, codes)
    if found:
        return found[0]
    wanted = to_product(canonical(code).split("-")[0])
    return next((other for other in codes if to_product(canonical(other).split("-")[0]) == wanted), None)


@lru_cache(maxsize=4096)
def to_product(language: str) -> str:
    """The product's code of a language given without region or script: M2M100's where it has one."""
    if language in M2M100_CODES:
        return language
    from babel.core import get_global

    for alias in (OWN_ALIASES.get(language), get_global("language_aliases").get(language)):
        if alias in M2M100_CODES:
            return str(alias)
        if alias in OWN_ALIASES:
            return OWN_ALIASES[str(alias)]
    return language


def _detail(locale: object, part: str) -> str | None:
    """A region's or a script's name, without what its code means to nobody, such as XX."""
    tables = (getattr(locale, "territories", {}), getattr(locale, "scripts", {}))
    return next((str(table[part]) for table in tables if part in table), None)

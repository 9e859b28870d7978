"""Languages: their names in the language of the page, and which of a model's codes a given code means."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from playground.catalog.codes import canonical, matching
from playground.catalog.families import M2M100_CODES
from playground.texts import Language, Text

LOCALES: dict[Language, str] = {"en": "en", "pt": "pt_BR"}
# What CLDR's table of aliases does not say, or says for another standard: NLLB's and M2M100's own choices.
OWN_ALIASES = {
    "fil": "tl", "tgl": "tl", "fuv": "ff", "nb": "no", "nob": "no", "nso": "ns", "pbt": "ps", "iw": "he", "jw": "jv",
}  # fmt: skip
OWN_NAMES: dict[str, str] = {"ns": "nso", "tl": "fil"}  # CLDR names these languages under another code
# Languages of NLLB that CLDR has no name for in English or Portuguese, or only that of a wider group.
MORE_NAMES = {
    "acm": Text("Mesopotamian Arabic", "Árabe mesopotâmico"),
    "acq": Text("Ta'izzi-Adeni Arabic", "Árabe de Taiz e Áden"),
    "aeb": Text("Tunisian Arabic", "Árabe tunisiano"),
    "ajp": Text("South Levantine Arabic", "Árabe levantino do sul"),
    "apc": Text("North Levantine Arabic", "Árabe levantino do norte"),
    "ary": Text("Moroccan Arabic", "Árabe marroquino"),
    "arz": Text("Egyptian Arabic", "Árabe egípcio"),
    "azb": Text("South Azerbaijani", "Azerbaijano do sul"),
    "bjn": Text("Banjar", "Banjar"),
    "cjk": Text("Chokwe", "Chócue"),
    "hne": Text("Chhattisgarhi", "Chhattisgarhi"),
    "kmr": Text("Northern Kurdish", "Curdo do norte"),
    "kbp": Text("Kabiyè", "Kabiyè"),
    "ltg": Text("Latgalian", "Latgálio"),
    "luo": Text("Luo", "Luo"),
    "prs": Text("Dari", "Dari"),
    "quy": Text("Ayacucho Quechua", "Quíchua de Ayacucho"),
    "taq": Text("Tamasheq", "Tamaxeque"),
    "twi": Text("Twi", "Twi"),
}


@lru_cache(maxsize=4096)
def language_name(code: str, ui: Language) -> str:
    """The name of a language for the reader of `ui`, capitalised; a code that no table knows is its own name.

    language_name("gl", "pt")        # Galego
    language_name("pt_BR", "en")     # Portuguese (Brazil)
    """
    from babel import Locale
    from babel.core import get_global

    locale = Locale.parse(LOCALES[ui])
    language, *rest = canonical(code).split("-")
    names = locale.languages
    product = to_product(language)
    found = [str(names[known]) for known in (OWN_NAMES.get(product), product, language) if known in names]
    name = MORE_NAMES[language].to(ui) if language in MORE_NAMES else next(iter(found), None)
    if name is None:
        return code
    usual = str(get_global("likely_subtags").get(product, "")).split("_")  # the script that goes without saying
    details = [word for part in rest if part not in usual[1:2] and (word := _detail(locale, part))]
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
    codes, wanted = list(available), _spelling(code)
    for other in codes:
        if _spelling(other) == wanted:
            return other
    language = [other for other in codes if _spelling(other)[0] == wanted[0]]
    return next(iter([*matching(code, codes), *language]), None)


@lru_cache(maxsize=4096)
def _spelling(code: str) -> tuple[str, ...]:
    """`zho_Hant` and `zh-hant` alike."""
    language, *rest = canonical(code).split("-")
    return to_product(language), *rest


@lru_cache(maxsize=4096)
def to_product(language: str) -> str:
    """The product's code of a language given without region or script: M2M100's, else the two letters of ISO 639-1."""
    if language in M2M100_CODES:
        return language
    from babel.core import get_global

    alias = OWN_ALIASES.get(language) or str(get_global("language_aliases").get(language, language))
    alias = OWN_ALIASES.get(alias, alias)
    return language if "_" in alias else alias


def _detail(locale: object, part: str) -> str | None:
    """A region's or a script's name, without what its code means to nobody, such as XX."""
    tables = (getattr(locale, "territories", {}), getattr(locale, "scripts", {}))
    return next((str(table[part]) for table in tables if part in table), None)

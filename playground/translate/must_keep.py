"""Numbers and placeholders that a translation must keep, and which of them it lost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

# Written so that no text takes longer than its length: nothing is tried again from the middle of what was tried.
# What programs fill in or read: {0} {name} {{name}} ${name} %s %1$s %(name)s %@, tags, addresses.
PLACEHOLDER = re.compile(
    r"""
    \$?\{\{?\s*(?:[\w.:$-]+\s*)?\}?\}     # {0} {name} {{ name }} ${name} {}
    | (?<![\d%])%(?:\([\w.]+\))?(?:\d+\$)?[-+0\#]?\d*(?:\.\d+)?[sdiufgexXc@](?![^\W\d_])   # %s %(name)s %1$d %.2f
    | </?[A-Za-z][^<>]*>                  # <b> </a>
    | (?:https?|ftp)://\w[^\s<>"'()\[\]“”„«»]*
    | \bwww\.\w[^\s<>"'()\[\]“”„«»]*
    | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    """,
    re.VERBOSE,
)
# 1,234.5  1.234,5  1 234,5: a space counts between groups of three only.
NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f\u2009]\d+|[ ]\d{3}(?!\d))*")
CLOCK = re.compile(r"\b[ap]\.?\s?m\b", re.IGNORECASE)
FULL_HOUR = re.compile(r"(?<=\d):00\b")
# Translators spell small numbers out.
SPELLED: dict[int, str] = {
    0: "zero cero zéro null nul no não nenhum nenhuma ningún ninguna aucun aucune kein keine cap nessun nessuna",
    1: "one a an first um uma un una une uno unha primeiro primeira primero primera premier première primo prima primer"
       " primeiro ein eine einen einem einer eines erste ersten",
    2: "two second twice dois duas dos deux dous dúas due zwei segundo segunda deuxième segon segona secondo zweite",
    3: "three third três tres trois tre drei terceiro terceira tercero tercera troisième tercer terzo dritte",
    4: "four fourth quatro cuatro quatre catro quattro vier quarto quarta cuarto cuarta quatrième quart vierte",
    5: "five fifth cinco cinq cinc cinque fünf quinto quinta cinquième cinquè fünfte",
    6: "six sixth seis sis sei sechs sexto sexta sixième sisè sesto sechste",
    7: "seven seventh sete siete sept set sette sieben sétimo séptimo septième setè settimo siebte",
    8: "eight eighth oito ocho huit oito vuit otto acht oitavo octavo huitième vuitè ottavo achte",
    9: "nine ninth nove nueve neuf nou nove neun nono noveno neuvième novè neunte",
    10: "ten tenth dez diez dix dez deu dieci zehn décimo dixième desè decimo zehnte",
    11: "eleven onze once undici elf",
    12: "twelve doze doce douze dotze dodici zwölf meio-dia mediodía midi",
}  # fmt: skip
SPELLED_IN = ("en", "pt", "es", "fr", "gl", "ca", "it", "de")


def without_placeholders(text: str) -> str:
    return PLACEHOLDER.sub(" ", text)


def lost_placeholders(source: str, output: str) -> list[str]:
    """Those of the source that the output lacks; one that is filled by its place (%s) also if it comes less often."""
    before, after = Counter(_placeholders(source)), Counter(_placeholders(output))
    return [item for item in (before - after) if not after[item] or item.startswith("%") or item == "{}"]


def lost_numbers(source: str, output: str, target_language: str) -> list[str]:
    """Digits of the source that the output lacks; a small number may be spelled out, an hour told the other way."""
    missing = Counter(_numbers(source)) - Counter(_numbers(output))
    extra = Counter(_numbers(output)) - Counter(_numbers(source))
    words = set(re.findall(r"[^\W\d_]+", output.casefold()))
    tells_time = bool(CLOCK.search(source) or CLOCK.search(output))
    lost = []
    for number in missing.elements():
        alternatives = _other_clock(number) if tells_time else []
        found = next((other for other in alternatives if extra[other]), None)
        if found:
            extra[found] -= 1
        elif len(number) > 2 or not _is_spelled(int(number), words, target_language):
            lost.append(number)
    return lost


def _placeholders(text: str) -> list[str]:
    return [_key(match.group().rstrip(".,;:!?…")) for match in PLACEHOLDER.finditer(text)]


def _key(placeholder: str) -> str:
    """What must stay: of a tag its name, of an address all but a slash at its end."""
    if placeholder.startswith("<"):
        return "".join(re.findall(r"^</?|\w+", placeholder)[:2]) + ">"
    if placeholder.startswith(("http", "ftp", "www.")):
        return placeholder.rstrip("/")
    return "".join(placeholder.split())


def _numbers(text: str) -> list[str]:
    """Digits alone, whatever script and separators they have; no leading zeros, no full hours' :00."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in without_placeholders(text))
    groups = NUMBER.findall(FULL_HOUR.sub("", plain))
    return [re.sub(r"\D", "", group).lstrip("0") or "0" for group in groups]


def _other_clock(number: str) -> list[str]:
    hour = int(number) if len(number) < 3 else -1
    return [str(other) for other in (hour - 12, hour + 12) if hour >= 0 and 0 <= other <= 24]


def _is_spelled(number: int, words: set[str], language: str) -> bool:
    """Languages whose number words are not listed here are believed."""
    if number not in SPELLED:
        return False
    return language.split("-")[0].split("_")[0] not in SPELLED_IN or bool(words & set(SPELLED[number].split()))

"""Language codes as text: one spelling, and which of several codes is meant. Names are in `catalog.languages`."""

from __future__ import annotations

import re
from collections.abc import Iterable

SEPARATOR = re.compile("[-_@]")
SHAPE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

# ISO 639-1, and the longer codes that M2M100 or gettext catalogs use. A column of a table is taken for a language
# only by this list: `key` and `row` have the shape of a code as well.
CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo"
    " es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka"
    " kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng"
    " nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su"
    " sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
    " ast ceb ckb csb dsb fil fur gsw haw hsb ilo kab mai nds nso pap scn szl udm vec"
)
KNOWN = frozenset(CODES.split())


def canonical(code: str) -> str:
    """`PT_br` as `pt-BR`, `zh_hans` as `zh-Hans`: what means the same is spelt the same."""
    first, *rest = SEPARATOR.split(code.strip())
    parts = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *parts])


def primary(code: str) -> str:
    """The language without region or script: `pt` of `pt-BR`."""
    return SEPARATOR.split(code.strip())[0].lower()


def has_shape(code: str) -> bool:
    """Whether a text could be a language's code, known or not."""
    return SHAPE.fullmatch(canonical(code).lower()) is not None


def is_code(name: str) -> bool:
    """Whether a column's name is a language's code: one of the known ones, or any with a script, as eng_Latn."""
    return has_shape(name) and (primary(name) in KNOWN or re.search("-[A-Z][a-z]{3}$", canonical(name)) is not None)


def matching(code: str, available: Iterable[str]) -> list[str]:
    """Those of `available` that `code` means: the very same first, then others of the same language, in their order."""
    wanted, codes = canonical(code), list(available)
    exact = [other for other in codes if canonical(other) == wanted]
    return exact + [other for other in codes if other not in exact and primary(other) == primary(code)]

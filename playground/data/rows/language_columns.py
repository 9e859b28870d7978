"""Columns that hold languages: named by code or by name, or holding sentences whose language can be told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from playground.catalog.codes import canonical, is_code
from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import language_name, to_product
from playground.data.columns import SAMPLE_ROWS, Row, number_of, to_text
from playground.data.example import Languages, Table
from playground.data.language_guess import languages_of_columns
from playground.data.left_out import both
from playground.data.rows.layout import named_pair, says_where
from playground.data.rows.names import CONTINUED, by_plain_name, first_of, plain
from playground.data.rows.speaking import two_texts

# What stands beside a language in a column's name, as in text_pt, src_en or en_sentence.
SIDES = frozenset(
    ("text", "texto", "sentence", "sent", "frase", "source", "src", "target", "tgt", "trg", "origem", "destino",
     "segment", "lang", "translation", "translated", "traducao")
)  # fmt: skip
TRANSLATIONS = ("translation", "translations")  # objects {language: text}, as on the Hub
# Names that leave open whether the answer is a translation; others say that it is not.
OPEN_PAIRS = {
    ("source", "target"), ("source", "reference"), ("source", "translation"), ("src", "tgt"), ("src", "ref"),
    ("source_text", "target_text"), ("src_text", "tgt_text"), ("origem", "traducao"), ("texto", "traducao"),
    ("text", "translation"), ("sentence", "translation"), ("original", "translation"), ("original", "traducao"),
    ("prompt", "completion"), ("input", "output"), ("front", "back"), ("frente", "verso"),
}  # fmt: skip
# A row's own languages, as in the metrics data of WMT.
OWN_LANGUAGES = (("source_lang", "target_lang"), ("src_lang", "tgt_lang"), ("source_language", "target_language"),
                 ("lang_src", "lang_tgt"), ("idioma_origem", "idioma_destino"))  # fmt: skip
THREE_LETTERS = re.compile("[a-z]{3}")


class Naming(NamedTuple):
    """How a table names languages: by the fields of the objects in one column, and by other names than codes."""

    unfolded: str | None  # that column
    codes: dict[str, str]  # a column's name to the code of its language


def by_language(table: Table) -> Table:
    """A column a language, called by its code, where a table names languages in another way; else the table itself."""
    return named_by(find_naming(table), table)


def find_naming(table: Table) -> Naming:
    """How the table names languages, looked for in all of its rows."""
    column = next((column for column in table.columns if column.casefold() in TRANSLATIONS), None) or next(
        (column for column in table.columns if _holds_languages(table, column)), None
    )
    unfolded = column if all(isinstance(row.get(column or ""), dict) for row in table.rows) else None
    table = named_by(Naming(unfolded, {}), table)
    if table.is_parallel:
        return Naming(unfolded, {})
    codes = {column: code for column in table.columns if (code := language_of_name(column)) and code != column}
    languages = {codes.get(column, column) for column in table.columns if column in codes or is_code(column)}
    return Naming(unfolded, codes if len(languages) > 1 else {})


def named_by(naming: Naming, table: Table) -> Table:
    """The table with its columns as the naming says; a row that is not as it says has no text."""
    columns, rows = table.columns, table.rows
    if naming.unfolded is not None:
        inner = [row.get(naming.unfolded) for row in rows]
        rows = [
            Row(texts if isinstance(texts, dict) else {}, number_of(row, place))
            for place, (row, texts) in enumerate(zip(rows, inner, strict=True), start=1)
        ]
        columns = list(dict.fromkeys(str(column) for row in rows for column in row))
        table = Table(columns, rows, left_out=table.left_out)
    codes = naming.codes
    if not codes:
        return table
    rows = [
        Row({codes.get(column, column): value for column, value in row.items()}, number_of(row, place))
        for place, row in enumerate(rows, start=1)
    ]
    columns = list(dict.fromkeys(codes.get(column, column) for column in columns))
    return Table(columns, rows, table.is_parallel, table.left_out)


def _holds_languages(table: Table, column: str) -> bool:
    cells = [row.get(column) for row in table.rows[:SAMPLE_ROWS]]
    return bool(cells) and all(isinstance(cell, dict) and sum(map(is_code, cell)) > 1 for cell in cells)


@lru_cache(maxsize=4096)
def language_of_name(column: str) -> str | None:
    """The code of the language that a column is called by: `pt` of Portuguese, Português, por, text_pt, pt-BR_text."""
    name = column.strip()
    if found := _names().get(plain(name)):
        return found
    if THREE_LETTERS.fullmatch(name.casefold()):
        code = to_product(name.casefold())
        return code if code in M2M100_CODES and code != name.casefold() else None
    parts = [part for part in re.split(r"[_ .:()\[\]]+", name) if part]
    rest = [part for part in parts if plain(part) not in SIDES]
    if 0 < len(rest) < len(parts):
        joined = "_".join(rest)
        return canonical(joined) if is_code(joined) else _names().get(plain(joined))
    return None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Languages by their names in English, in Portuguese and in themselves."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, str] = {
        "brazilian_portuguese": "pt-BR",
        "portugues_do_brasil": "pt-BR",
        "portugues_brasileiro": "pt-BR",
    }
    for code in M2M100_CODES:
        spellings = [language_name(code, "en"), language_name(code, "pt")]
        with suppress(UnknownLocaleError, ValueError):
            spellings.append(Locale.parse(code).get_language_name() or "")
        for spelling in spellings:
            found.setdefault(plain(spelling), code)
    for code in ("pt_BR", "pt_PT", "en_US", "en_GB", "es_MX", "zh_Hans", "zh_Hant"):
        for name in (language_name(code, "en"), language_name(code, "pt")):
            found.setdefault(plain(name), canonical(code))
    return found


def sentence_columns(table: Table) -> tuple[str, str] | None:
    """The two columns that may translate each other, if any: by name, or because nothing else of the table is text."""
    pair = named_pair(table.columns)
    if pair:
        prompts, answer = pair
        return (prompts[0], answer) if (*map(plain, prompts), plain(answer)) in OPEN_PAIRS else None
    known = by_plain_name(table.columns)
    if says_where(table.columns) or first_of(CONTINUED, known) or "chosen" in known:
        return None
    return two_texts(table)


def guessed_languages(table: Table, columns: tuple[str, str]) -> Languages | None:
    """The languages of two columns, as their first rows tell; None where they do not tell clearly."""
    texts = ((row.get(columns[0]), row.get(columns[1])) for row in table.rows)
    pairs = ((one, other) for one, other in texts if isinstance(one, str) and isinstance(other, str))
    found = languages_of_columns(list(islice(pairs, SAMPLE_ROWS)))
    return Languages(*found) if found else None


def of_own_languages(table: Table, told: Languages | None) -> tuple[Table, Languages] | None:
    """The rows of the direction that is told, else of the commonest one, where every row names its languages."""
    known = by_plain_name(table.columns)
    names = next((pair for pair in OWN_LANGUAGES if all(name in known for name in pair)), None)
    pair = named_pair(table.columns)
    if names is None or pair is None:
        return None
    directions = [_direction(row, known[names[0]], known[names[1]]) for row in table.rows]
    counts = Counter(direction for direction in directions if direction)
    if not counts:
        return None
    wanted = told or counts.most_common(1)[0][0]
    rows = [row for row, found in zip(table.rows, directions, strict=True) if found and _same(found, wanted)]
    others = len(table.rows) - len(rows)
    return Table(table.columns, rows, left_out=both(table.left_out, {"other_languages": others})), wanted


def _direction(row: Mapping[str, object], source: str, target: str) -> Languages | None:
    codes = [to_text(row.get(column)).strip() for column in (source, target)]
    found = [language_of_name(code) or (canonical(code) if is_code(code) else None) for code in codes]
    return Languages(found[0], found[1]) if found[0] and found[1] else None


def _same(found: Languages, wanted: Languages) -> bool:
    return all(one.split("-")[0] == canonical(other).split("-")[0] for one, other in zip(found, wanted, strict=True))

"""From a table to translation pairs: which columns are languages, which direction is meant."""

from __future__ import annotations

from playground.catalog.codes import canonical, is_code, matching
from playground.config import DataConfig
from playground.data.columns import (
    EMPTY_TARGET,
    Row,
    check_columns,
    has_prompt,
    listed,
    number_of,
    pair_columns,
    some_rows,
    to_text,
)
from playground.data.example import Example, Languages, Message, Table
from playground.errors import DataError, cut
from playground.texts import Text

SAMPLE_ROWS = 50  # looked at to tell a column of text from one of numbers
FIRST_CHOICE = ("en", "pt")  # source and target of a table that holds them, unless others are asked for

MISSING_LANGUAGE = Text(
    "{file} has no text in {language}. It has: {columns}. Choose two of them.",
    "{file} não tem texto em {language}. Tem: {columns}. Escolha dois deles.",
)
ONE_LANGUAGE = Text(
    "{file} holds one language ({columns}); a translation needs two. Give source_language and target_language, or"
    " another file.",
    "{file} tem um idioma só ({columns}); uma tradução precisa de dois. Dê source_language e target_language, ou outro"
    " arquivo.",
)
HALF_GIVEN = Text(
    "{file}: its columns do not say their language ({columns}). Give both source_language and target_language.",
    "{file}: as colunas não dizem seu idioma ({columns}). Dê source_language e target_language.",
)
NOTHING_IN_BOTH = Text(
    "{file} has no row with text in both {source} and {target}; rows: {count}. Choose other languages.",
    "{file} não tem nenhuma linha com texto em {source} e em {target}; linhas: {count}. Escolha outros idiomas.",
)
EMPTY_SOURCE = Text(
    "{file}, row {row}: column {column} is empty, so there is nothing to translate. Fill it, or delete the row."
    " Rows with this problem: {count} ({rows}).",
    "{file}, linha {row}: a coluna {column} está vazia, então não há o que traduzir. Preencha, ou apague a linha."
    " Linhas com este problema: {count} ({rows}).",
)


def languages_in(table: Table) -> tuple[str, ...]:
    """The languages of which a table has a column, as its columns spell them; empty for other tables."""
    return _languages(_flat(table))


def to_pairs(table: Table, config: DataConfig, file_name: str) -> list[Example] | None:
    """One example for each row that has text in both languages, in file order; None if this is no translation data.

    It is, when languages are asked for, when the format is one of translators, or when columns are named by
    language and nothing else says where prompt and answer are. Raises DataError.
    """
    table = _flat(table)
    found, source, target = _languages(table), config.source_language, config.target_language
    if table.is_parallel:
        source, target = source or config.prompt_column, target or config.completion_column
    elif config.prompt_column or config.completion_column or not found:
        if not source and not target:
            return None
        if not source or not target:
            raise DataError(HALF_GIVEN, file=file_name, columns=listed(table.columns))
        return _from_two_columns(table, config, Languages(source, target), file_name)
    elif not source and not target and has_prompt(table.columns):
        return None
    return _from_languages(table, found, _direction(found, source, target, file_name), file_name)


def reversed_pairs(examples: list[Example]) -> list[Example]:
    """The same pairs, each asked in the other direction."""
    return [
        Example((Message("user", example.completion),), example.prompt, Languages(*reversed(example.languages)))
        for example in examples
        if example.languages
    ]


def _languages(table: Table) -> tuple[str, ...]:
    if table.is_parallel:
        return tuple(table.columns)
    codes = [column for column in table.columns if is_code(column) and _holds_words(table, column)]
    if len(codes) > 2:
        # A column `id` numbers the rows far more often than it holds Indonesian.
        codes = [code for code in codes if code.strip().casefold() != "id"]
    return tuple(codes) if len(codes) > 1 else ()


def _holds_words(table: Table, column: str) -> bool:
    cells = [row[column] for row in table.rows[:SAMPLE_ROWS] if column in row]
    return any(isinstance(cell, str) and any(letter.isalpha() for letter in cell) for cell in cells)


def _flat(table: Table) -> Table:
    """A column `translation` that holds {language: text}, as on the Hub, becomes a column a language."""
    name = next((column for column in table.columns if column.casefold() in ("translation", "translations")), None)
    rows = []
    for place, row in enumerate(table.rows, start=1):
        texts = row.get(name or "")
        if not isinstance(texts, dict):
            return table
        rows.append(Row(texts, number_of(row, place)))
    return Table(list(dict.fromkeys(str(column) for row in rows for column in row)), list(rows))


def _direction(found: tuple[str, ...], source: str | None, target: str | None, file_name: str) -> Languages:
    """Both languages: those asked for, else English into Portuguese, else in the order of the columns."""
    for code in (source, target):
        if code and not matching(code, found):
            raise DataError(MISSING_LANGUAGE, file=file_name, language=code, columns=listed(list(found)))
    source = source or _preferred(found, FIRST_CHOICE[0], target)
    target = target or (source and _preferred(found, FIRST_CHOICE[1], source))
    if not source or not target:
        raise DataError(ONE_LANGUAGE, file=file_name, columns=listed(list(found)))
    return Languages(source, target)


def _preferred(found: tuple[str, ...], code: str, taken: str | None) -> str | None:
    """The column to use for a language that nobody named; never the one already `taken`."""
    free = [other for other in found if taken is None or other not in matching(taken, found)]
    choice = next(iter([*matching(code, free), *free]), None)
    return canonical(choice) if choice else None


def _from_languages(table: Table, found: tuple[str, ...], languages: Languages, file_name: str) -> list[Example]:
    # A file may hold pt-BR in one row and pt in another: the exact code first, row by row.
    sources, targets = matching(languages.source, found), matching(languages.target, found)
    exact_sources, exact_targets = ({sources[0]}, {targets[0]})
    sources = [column for column in sources if column not in exact_targets]
    targets = [column for column in targets if column not in exact_sources]
    examples = []
    for row in table.rows:
        source, target = _first_text(row, sources), _first_text(row, targets)
        if source and target:
            examples.append(Example((Message("user", source),), target, languages))
    if not examples:
        values = {"source": languages.source, "target": languages.target, "count": len(table.rows)}
        raise DataError(NOTHING_IN_BOTH, file=file_name, **values)
    return examples


def _first_text(row: dict[str, object], columns: list[str]) -> str:
    return next((text for column in columns if (text := to_text(row.get(column)).strip())), "")


def _from_two_columns(table: Table, config: DataConfig, languages: Languages, file_name: str) -> list[Example]:
    check_columns(table.columns, config.prompt_column, config.completion_column, file_name)
    sources, target = pair_columns(table.columns, config.prompt_column, config.completion_column, file_name)
    source = sources[0]
    examples: list[Example] = []
    empty: dict[str, list[int]] = {source: [], target: []}
    for place, row in enumerate(table.rows, start=1):
        texts = [to_text(row.get(column)).strip() for column in (source, target)]
        if not any(texts):
            continue
        for column, text in zip((source, target), texts, strict=True):
            if not text:
                empty[column].append(number_of(row, place))
        examples.append(Example((Message("user", texts[0]),), texts[1], languages))
    for column, message in ((source, EMPTY_SOURCE), (target, EMPTY_TARGET)):
        if rows := empty[column]:
            values = {"row": rows[0], "column": cut(column, 80), "count": len(rows), "rows": some_rows(rows)}
            raise DataError(message, file=file_name, **values)
    return examples

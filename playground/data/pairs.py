"""From a table to translation pairs: which columns are languages, which direction is meant."""

from __future__ import annotations

from dataclasses import dataclass

from playground.catalog.codes import canonical, is_code, matching, primary
from playground.config import DataConfig
from playground.data.columns import SAMPLE_ROWS, cell, listed, to_text
from playground.data.example import Example, Languages, Message, Table
from playground.data.left_out import both
from playground.data.rows.examples import Learned
from playground.data.rows.language_columns import (
    Naming,
    by_language,
    find_naming,
    guessed_languages,
    named_by,
    of_own_languages,
    sentence_columns,
)
from playground.data.rows.layout import find_layout, says_where
from playground.errors import DataError
from playground.texts import Text

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


def languages_in(table: Table) -> tuple[str, ...]:
    """The languages of which a table has a column, by its columns' names, else as two columns of sentences tell.

    Empty for other tables.
    """
    named = by_language(table)
    if found := _languages(named):
        return found
    if own := of_own_languages(named, None):
        return own[1]
    columns = sentence_columns(named)
    return (columns and guessed_languages(named, columns)) or ()


@dataclass(frozen=True)
class PairLayout:
    """Where a table's pairs stand: of each side the first of its columns that has text."""

    naming: Naming
    sources: list[str]
    targets: list[str]
    languages: Languages
    is_guess: bool = False
    is_named: bool = False  # its columns are called by their language
    has_own_languages: bool = False  # each row names its languages, and those of another direction are left out


def to_pairs(table: Table, config: DataConfig, file_name: str) -> Learned | None:
    """One example for each row that has text in both languages, in file order; None if this is no translation data.

    It is, when languages are asked for, when the format is one of translators, when columns are named by language and
    nothing else says where prompt and answer are, and when two columns of sentences can only be translations of each
    other: their languages are then marked as guessed. Raises DataError.
    """
    layout = find_pairs(table, config, file_name)
    if layout is None:
        return None
    learned, count = learn_pairs(table, layout)
    if not learned.examples and (layout.is_named or (count and not layout.is_guess)):
        languages = layout.languages if layout.is_named else (layout.sources[0], layout.targets[0])
        values = {"source": languages[0], "target": languages[1], "count": count}
        raise DataError(NOTHING_IN_BOTH, file=file_name, **values)
    return learned


def find_pairs(table: Table, config: DataConfig, file_name: str) -> PairLayout | None:
    """Where the pairs stand in a table that holds translations; None of any other. Raises DataError."""
    naming = find_naming(table)
    table = named_by(naming, table)
    found, source, target = _languages(table), config.source_language, config.target_language
    if table.is_parallel:
        source, target = source or config.prompt_column, target or config.completion_column
    elif config.prompt_column or config.completion_column or not found:
        return _in_two_columns(table, naming, config, file_name)
    elif not source and not target and says_where(table.columns):
        return None
    return _in_languages(naming, found, _direction(found, source, target, file_name))


def reversed_pairs(examples: list[Example]) -> list[Example]:
    """The same pairs, each asked in the other direction."""
    return [
        example._replace(
            messages=(Message("user", example.completion),),
            completion=example.prompt,
            languages=Languages(*reversed(example.languages)),
        )
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


def _in_languages(naming: Naming, found: tuple[str, ...], languages: Languages) -> PairLayout:
    # A file may hold pt-BR in one row and pt in another: the exact code first, row by row.
    sources, targets = matching(languages.source, found), matching(languages.target, found)
    exact_sources, exact_targets = ({sources[0]}, {targets[0]})
    sources = [column for column in sources if column not in exact_targets]
    targets = [column for column in targets if column not in exact_sources]
    return PairLayout(naming, sources, targets, languages, is_named=True)


def _in_two_columns(table: Table, naming: Naming, config: DataConfig, file_name: str) -> PairLayout | None:
    """Columns that do not say their languages: these are told, stand in the rows, or can be guessed."""
    source, target = config.source_language, config.target_language
    told = Languages(source, target) if source and target else None
    is_chosen = bool(config.prompt_column or config.completion_column)
    own = None if is_chosen else of_own_languages(table, told)
    if own:
        table, told = own
    columns = None if is_chosen else sentence_columns(table)
    guess = guessed_languages(table, columns) if columns and not own else None
    if told is None and guess and (source or target):
        told = _direction(guess, source, target, file_name)
    if told is None:
        if source or target:
            raise DataError(HALF_GIVEN, file=file_name, columns=listed(table.columns))
        found = columns and guess and PairLayout(naming, [columns[0]], [columns[1]], guess, is_guess=True)
        return found or None
    if columns and guess and primary(guess.source) == primary(told.target):
        columns = columns[1], columns[0]
    if columns is None:
        layout = find_layout(table, config.prompt_column, config.completion_column, file_name)
        if not layout.prompts or not layout.answer:
            return None
        columns = layout.prompts[0], layout.answer
    return PairLayout(naming, [columns[0]], [columns[1]], told, has_own_languages=own is not None)


def learn_pairs(table: Table, layout: PairLayout) -> tuple[Learned, int]:
    """The pairs of a table's rows, and how many of these are of the direction asked for.

    Rows with one side only are left out and counted, empty ones passed over.
    """
    table = named_by(layout.naming, table)
    if layout.has_own_languages:
        own = of_own_languages(table, layout.languages)
        table = own[0] if own else table._replace(rows=[])
    examples = []
    untranslated = 0
    for row in table.rows:
        source, target = _first_text(row, layout.sources), _first_text(row, layout.targets)
        if source and target:
            examples.append(Example((Message("user", source),), target, layout.languages, layout.is_guess))
        elif source or target:
            untranslated += 1
    return Learned(examples, both(table.left_out, {"untranslated": untranslated})), len(table.rows)


def _first_text(row: dict[str, object], columns: list[str]) -> str:
    return next((text for column in columns if (text := to_text(cell(row, column)).strip())), "")

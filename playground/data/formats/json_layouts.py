"""The ways in which programs lay rows out in a JSON value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeGuard, TypeVar

from playground.data.columns import Row
from playground.data.content import EMPTY
from playground.data.formats.headers import is_header, is_known_name
from playground.data.formats.table import Header, Read
from playground.errors import DataError, cut
from playground.texts import Text

Kind = TypeVar("Kind")
# Keys under which rows stand, the first that is there; of parts of a data set the training part
KEYS = ("data", "rows", "examples", "train", "instances", "items", "records", "conversations", "results", "entries")
MAX_WRAPPERS = 4  # objects around the rows
SAMPLE_ROWS = 200  # looked at for a header
MIN_WORDS = 4  # entries of an object that is a list of words and their translations
SQUAD_FIELDS = ("id", "context", "question", "answers")

NOT_AN_OBJECT = Text(
    '{file}, row {row}: expected an object such as {{"prompt": "…", "completion": "…"}}, found {found}.',
    '{file}, linha {row}: esperava um objeto como {{"prompt": "…", "completion": "…"}}, encontrei {found}.',
)
NOT_A_LIST = Text(
    '{file}: expected a list of objects, or {{"data": [...]}}, found {found}.',
    '{file}: esperava uma lista de objetos, ou {{"data": [...]}}, encontrei {found}.',
)
UNEQUAL_COLUMNS = Text(
    "{file}: its columns are not equally long: {lengths}. Export it again, or write one object a row.",
    "{file}: as colunas não têm o mesmo tamanho: {lengths}. Exporte de novo, ou escreva um objeto por linha.",
)


def rows_of(value: Any, name: str) -> Iterator[Read]:
    """The rows that a JSON value holds, whichever layout it has, numbered by their place. Raises DataError."""
    for _ in range(MAX_WRAPPERS):
        if isinstance(value, list):
            if not value:
                raise DataError(EMPTY, file=name)
            yield from rows_of_items(enumerate(value, start=1), name)
            return
        for layout in LAYOUTS:
            if isinstance(value, dict) and (found := layout(value, name)) is not None:
                yield from found
                return
        inner = _wrapped(value) if isinstance(value, dict) else None
        if inner is None:
            break
        value = inner
    raise DataError(NOT_A_LIST, file=name, found=_kind(value))


def rows_of_items(numbered: Iterable[tuple[int, Any]], name: str) -> Iterator[Read]:
    """A row for each value of a list: objects, texts, lists of messages, or lists of cells below a header."""
    numbered = iter(numbered)
    first = next(numbered, None)
    if first is None:
        raise DataError(EMPTY, file=name)
    numbered = itertools.chain([first], numbered)
    kind = first[1]
    if isinstance(kind, str):
        yield from _rows_in_column("text", numbered, str, name)
    elif isinstance(kind, list) and kind and all(isinstance(message, dict) for message in kind):
        yield from _rows_in_column("messages", numbered, list, name)
    elif isinstance(kind, list) and kind and not any(isinstance(cell, dict | list) for cell in kind):
        yield from _rows_of_cells(numbered, name)
    else:
        for number, value in numbered:
            for cells in _records(value, name, number):
                yield Row(cells, number)


def kind_of_row(value: Any) -> str | None:
    """What a value is as a row that says all of itself; None of others, such as a list of cells below a header."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, str):
        return "text"
    return "messages" if _is_list_of_objects(value) else None


def _records(value: Any, name: str, number: int) -> Iterator[dict[str, Any]]:
    """The row of an object; those of each question where it is a text with questions, as in SQuAD."""
    if not isinstance(value, dict):
        raise DataError(NOT_AN_OBJECT, file=name, row=number, found=_kind(value))
    paragraphs = value.get("paragraphs", [value] if "qas" in value else None)
    if _is_list_of_objects(paragraphs) and all(_is_list_of_objects(paragraph.get("qas")) for paragraph in paragraphs):
        for paragraph in paragraphs:
            for question in paragraph["qas"]:
                yield _question(question, {"title": value.get("title"), "context": paragraph.get("context")})
    elif isinstance(value.get("row"), dict) and "row_idx" in value:  # of the Hub's viewer
        yield value["row"]
    else:
        yield value


def _question(question: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """One question in the columns that SQuAD has on the Hub."""
    answers = question.get("answers") or []
    texts = [answer.get("text") for answer in answers if isinstance(answer, dict)]
    starts = [answer.get("answer_start") for answer in answers if isinstance(answer, dict)]
    more = {key: value for key, value in question.items() if key not in (*SQUAD_FIELDS, "plausible_answers")}
    cells = {"id": question.get("id"), **around, "question": question.get("question")}
    return {**cells, "answers": {"text": texts, "answer_start": starts}, **more}


def _rows_in_column(column: str, numbered: Iterable[tuple[int, Any]], kind: type, name: str) -> Iterator[Read]:
    for number, value in numbered:
        if not isinstance(value, kind):
            raise DataError(NOT_AN_OBJECT, file=name, row=number, found=_kind(value))
        yield Row({column: value}, number)


def _rows_of_cells(numbered: Iterator[tuple[int, Any]], name: str) -> Iterator[Read]:
    """Rows of lists of cells, the first of which may name the columns."""
    sample = list(itertools.islice(numbered, SAMPLE_ROWS))
    lists = [cells for _, cells in sample if isinstance(cells, list)]
    texts = [[cell if isinstance(cell, str) else _kind(cell) for cell in cells] for cells in lists]
    if has_header := is_header(texts[0], texts[1:]):
        columns = texts[0]
    else:
        columns = [f"column_{place + 1}" for place in range(len(texts[0]))]
    yield from _rows_below(columns, itertools.chain(sample[has_header:], numbered), name)


def _rows_below(columns: list[str], rows: Iterable[tuple[int, Any]], name: str) -> Iterator[Read]:
    yield Header(columns)
    for number, cells in rows:
        if not isinstance(cells, list) or len(cells) != len(columns):
            raise DataError(NOT_AN_OBJECT, file=name, row=number, found=_kind(cells))
        yield Row(dict(zip(columns, cells, strict=True)), number)


def _split(value: dict[str, Any], name: str) -> Iterator[Read] | None:
    """{"columns": […], "data": [[…]]}: orient="split" of pandas."""
    columns, data = value.get("columns"), value.get("data")
    if not _is_list_of(columns, str) or not _is_list_of(data, list):
        return None
    return _rows_below(columns, enumerate(data, start=1), name)


def _by_column(value: dict[str, Any], name: str) -> Iterator[Read] | None:
    """{"prompt": {"0": …}}, {"prompt": […], "completion": […]}: a column a key."""
    columns: dict[str, list[Any]] = {}
    for column, cells in value.items():
        if isinstance(cells, dict) and cells and all(key.isdigit() for key in cells):
            columns[column] = list(cells.values())
        elif isinstance(cells, list) and cells and not any(isinstance(cell, dict) for cell in cells):
            columns[column] = cells
        else:
            return None
    if len(columns) < 2 and "text" not in columns:
        return None
    lengths = {column: len(cells) for column, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{cut(column, 40)} {length}" for column, length in list(lengths.items())[:10])
        raise DataError(UNEQUAL_COLUMNS, file=name, lengths=shown)
    rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return (Row(row, place) for place, row in enumerate(rows, start=1))


def _by_key(value: dict[str, Any], _name: str) -> Iterator[Read] | None:
    """{"0": {"prompt": …}}, {"greeting": {"en": …, "pt": …}}: a row a key."""
    rows = list(value.values())
    if len(rows) < 2 or not _is_list_of_objects(rows) or set(KEYS) & set(value):
        return None
    if not set.intersection(*map(set, rows)):
        return None
    return (Row(row, place) for place, row in enumerate(rows, start=1))


def _words(value: dict[str, Any], _name: str) -> Iterator[Read] | None:
    """{"dog": "cachorro", …}: a list of words."""
    if len(value) < MIN_WORDS or not _is_list_of(list(value.values()), str) or any(map(is_known_name, value)):
        return None
    pairs = enumerate(value.items(), start=1)
    return (Row({"column_1": key, "column_2": text}, place) for place, (key, text) in pairs)


LAYOUTS: tuple[Callable[[dict[str, Any], str], Iterator[Read] | None], ...] = (_split, _by_column, _by_key, _words)


def _wrapped(value: dict[str, Any]) -> Any:
    """What stands under the key that holds the rows: one of the usual ones, else the only one that can."""
    are_rows = [key for key, inner in value.items() if any(_is_list_of(inner, kind) for kind in (dict, list, str))]
    may_hold_rows = [key for key, inner in value.items() if isinstance(inner, dict | list) and inner]
    for keys in (are_rows, may_hold_rows):
        usual = [key for key in KEYS if key in keys]
        if usual or len(keys) == 1:
            return value[(usual or keys)[0]]
    return None


def _is_list_of_objects(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return _is_list_of(value, dict)


def _is_list_of(value: Any, kind: type[Kind]) -> TypeGuard[list[Kind]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, kind) for item in value)


def _kind(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:40]
    except (RecursionError, ValueError):
        return type(value).__name__

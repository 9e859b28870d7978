"""From the columns of a table to examples: which column is the prompt, which the answer."""

from __future__ import annotations

import json
import math
from typing import Any

from playground.data.example import Example, Message, Table
from playground.errors import DataError, cut
from playground.texts import Text

# (prompt, second part of the prompt, completion), in order of preference
PAIRS: tuple[tuple[str, str | None, str], ...] = (
    ("prompt", None, "completion"),
    ("instruction", "input", "output"),
    ("prompt", None, "response"),
    ("instruction", "context", "response"),
    ("question", None, "answer"),
    ("source", None, "target"),
    ("input", None, "output"),
    ("pergunta", None, "resposta"),
)
CONVERSATIONS = ("messages", "conversations")
ROLES = {
    "system": "system", "user": "user", "assistant": "assistant",
    "human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant",
}  # fmt: skip

MISSING_COLUMN = Text(
    "{file} has no column {column}. It has: {columns}. Choose one of them.",
    "{file} não tem a coluna {column}. Tem: {columns}. Escolha uma delas.",
)
NO_GUESS = Text(
    "{file}: cannot tell which columns hold the prompt and the answer. It has: {columns}."
    " Choose both, or name them prompt and completion.",
    "{file}: não dá para saber quais colunas têm o prompt e a resposta. Tem: {columns}."
    " Escolha as duas, ou chame-as de prompt e completion.",
)
EMPTY_TARGET = Text(
    "{file}, row {row}: column {column} is empty, so there is no answer to learn. Fill it, or delete the row."
    " Rows with this problem: {count} ({rows}).",
    "{file}, linha {row}: a coluna {column} está vazia, então não há resposta para aprender."
    " Preencha, ou apague a linha. Linhas com este problema: {count} ({rows}).",
)
BAD_CONVERSATION = Text(
    "{file}, row {row}: column {column} is not a conversation. Use a list of messages such as"
    ' [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}], with system, user and assistant'
    " as roles, the assistant last.",
    "{file}, linha {row}: a coluna {column} não é uma conversa. Use uma lista de mensagens como"
    ' [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}], com os papéis system, user e'
    " assistant, o assistant por último.",
)


class Row(dict[str, object]):
    """One row's cells, and its number: the line at which an editor shows it, or its place in a list."""

    def __init__(self, cells: dict[str, object], number: int) -> None:
        super().__init__(cells)
        self.number = number


def to_examples(
    table: Table, prompt_column: str | None, completion_column: str | None, file_name: str
) -> list[Example]:
    """One example a row, in file order; columns not given are guessed from their names.

    Rows without any value in the chosen columns are passed over. Raises DataError.
    """
    check_columns(table.columns, prompt_column, completion_column, file_name)
    conversation = _conversation_column(table.columns, prompt_column, completion_column)
    if conversation:
        return _from_conversations(table, conversation, file_name)
    prompts, completion = pair_columns(table.columns, prompt_column, completion_column, file_name)
    examples, empty = [], []
    for place, row in enumerate(table.rows, start=1):
        parts = [text for column in prompts if (text := to_text(row.get(column)).strip())]
        answer = to_text(row.get(completion)).strip()
        if not parts and not answer:
            continue
        if not answer:
            empty.append(number_of(row, place))
        examples.append(Example((Message("user", "\n\n".join(parts)),), answer))
    _refuse_empty(empty, completion, file_name)
    return examples


def to_text(value: object) -> str:
    """A cell as text: missing is empty, true/false and numbers as JSON writes them, lists and objects as JSON."""
    if is_missing(value):
        return ""
    if isinstance(value, bool | int | float | list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return whole_characters(str(value))


def whole_characters(text: str) -> str:
    """Without halves of characters (\\ud83d alone), which JSON may escape and which no tokenizer can encode."""
    return text.encode(errors="replace").decode()


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _conversation_column(columns: list[str], prompt: str | None, completion: str | None) -> str | None:
    if completion is not None:
        return None
    if prompt is not None:
        return prompt if prompt.casefold() in CONVERSATIONS else None
    return next((column for column in columns if column.casefold() in CONVERSATIONS), None)


def check_columns(columns: list[str], prompt: str | None, completion: str | None, file_name: str) -> None:
    """Raises DataError when a chosen column does not exist."""
    for column in (prompt, completion):
        if column is not None and column not in columns:
            raise DataError(MISSING_COLUMN, file=file_name, column=cut(column, 80), columns=listed(columns))


def pair_columns(
    columns: list[str], prompt: str | None, completion: str | None, file_name: str
) -> tuple[list[str], str]:
    """The prompt's columns (joined by an empty line) and the completion's. Raises DataError when they are not clear."""
    if prompt is not None and completion is not None:
        return [prompt], completion
    by_name = {column.strip().casefold(): column for column in columns}
    for first, second, answer in PAIRS:
        guessed_prompt, guessed_answer = prompt or by_name.get(first), completion or by_name.get(answer)
        if guessed_prompt and guessed_answer and guessed_prompt != guessed_answer:
            extra = by_name.get(second or "") if prompt is None else None
            return [guessed_prompt, extra] if extra else [guessed_prompt], guessed_answer
    if len(columns) == 2 and (prompt or completion):
        other = columns[1 - columns.index(prompt or completion or "")]
        return [prompt or other], completion or other
    raise DataError(NO_GUESS, file=file_name, columns=listed(columns))


def has_prompt(columns: list[str]) -> bool:
    """Whether the columns' names alone say where prompt and answer are."""
    try:
        return _conversation_column(columns, None, None) is not None or bool(pair_columns(columns, None, None, ""))
    except DataError:
        return False


def _from_conversations(table: Table, column: str, file_name: str) -> list[Example]:
    examples, empty = [], []
    for place, row in enumerate(table.rows, start=1):
        value = row.get(column)
        if to_text(value).strip() == "":
            continue
        messages = _messages(value)
        if messages is None:
            raise DataError(BAD_CONVERSATION, file=file_name, row=number_of(row, place), column=cut(column, 80))
        answer = messages[-1].content.strip()
        if not answer:
            empty.append(number_of(row, place))
        examples.append(Example(tuple(messages[:-1]), answer))
    _refuse_empty(empty, column, file_name)
    return examples


def _messages(value: Any) -> list[Message] | None:
    """The messages of one cell, or None when it is no conversation that ends with the assistant."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list):
        return None
    messages = []
    for item in value:
        if not isinstance(item, dict):
            return None
        role, content = item.get("role", item.get("from")), item.get("content", item.get("value"))
        if not isinstance(role, str) or role not in ROLES or not isinstance(content, str):
            return None
        messages.append(Message(ROLES[role], to_text(content)))
    complete = len(messages) >= 2 and messages[-1].role == "assistant" and messages[-2].role == "user"
    return messages if complete else None


def _refuse_empty(rows: list[int], column: str, file_name: str) -> None:
    if rows:
        raise DataError(
            EMPTY_TARGET, file=file_name, row=rows[0], column=cut(column, 80), count=len(rows), rows=some_rows(rows)
        )


def some_rows(rows: list[int]) -> str:
    """The first five row numbers, for a message."""
    return ", ".join(map(str, rows[:5])) + (", …" if len(rows) > 5 else "")


def number_of(row: dict[str, object], place: int) -> int:
    """The number that a person finds the row by; its place where it has no other."""
    return row.number if isinstance(row, Row) else place


def listed(columns: list[str]) -> str:
    """Column names for a message."""
    return ", ".join(column[:40] for column in columns[:30]) or "–"

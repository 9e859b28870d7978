"""From the rows of a table to examples, with a count of the rows that teach nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from playground.data.columns import cell, number_of, parsed, some_rows, to_text
from playground.data.example import Example, Message, Table
from playground.data.left_out import LeftOut, Reason, both, said
from playground.data.rows.answers import choices_of, chosen_choice, first_answer, listed_choices
from playground.data.rows.layout import Layout, find_layout
from playground.data.rows.media import needed_by_cells, needed_by_text
from playground.data.rows.messages import (
    NotLearnedError,
    is_turn,
    is_turns,
    text_of,
    turn,
    turns,
    up_to_answer,
    with_system,
)
from playground.data.rows.names import plain
from playground.data.rows.ratings import is_bad
from playground.data.rows.transcripts import from_transcript
from playground.data.rows.trees import unrolled
from playground.errors import DataError, cut
from playground.texts import Text

EMPTY_TARGET = Text(
    "{file}, row {row}: column {column} is empty, so there is no answer to learn. Fill it, or delete the row."
    " Rows with this problem: {count} ({rows}), and no other row can be learned from.",
    "{file}, linha {row}: a coluna {column} está vazia, então não há resposta para aprender."
    " Preencha, ou apague a linha. Linhas com este problema: {count} ({rows}), e nenhuma outra serve.",
)
BAD_CONVERSATION = Text(
    "{file}, row {row}: column {column} is not a conversation. Use a list of messages such as"
    ' [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}], with system, user and assistant'
    " as roles, the assistant last.",
    "{file}, linha {row}: a coluna {column} não é uma conversa. Use uma lista de mensagens como"
    ' [{{"role": "user", "content": "…"}}, {{"role": "assistant", "content": "…"}}], com os papéis system, user e'
    " assistant, o assistant por último.",
)
NOTHING_LEFT = Text(
    "{file} has nothing to learn from. {left_out} Give a file with text and answers.",
    "{file} não tem nada para aprender. {left_out} Dê um arquivo com texto e respostas.",
)


class Learned(NamedTuple):
    """What a table teaches, in file order, and what of it was passed over."""

    examples: list[Example]
    left_out: LeftOut


def to_examples(table: Table, prompt_column: str | None, completion_column: str | None, file_name: str) -> Learned:
    """At most one example a row; columns not given are guessed.

    Rows without any value in the columns that count are passed over. Raises DataError where the columns are not clear,
    and where rows were left out and none is left.
    """
    table = table if prompt_column or completion_column else unrolled(table)
    layout = find_layout(table, prompt_column, completion_column, file_name)
    learned, places = learn(table, layout)
    if not learned.examples and learned.left_out:
        raise _nothing_left(layout, places, learned.left_out, file_name)
    return learned


def learn(table: Table, layout: Layout) -> tuple[Learned, dict[Reason, list[int]]]:
    """What the rows of a table teach, and the numbers of those that do not, by their reason."""
    examples: list[Example] = []
    places: dict[Reason, list[int]] = {}
    rejected = 0
    for place, row in enumerate(table.rows, start=1):
        try:
            example = _learned(row, layout)
        except NotLearnedError as error:
            places.setdefault(error.reason, []).append(number_of(row, place))
            continue
        if example:
            examples.append(example)
            rejected += layout.rejected is not None and cell(row, layout.rejected) is not None
    refused: LeftOut = {reason: len(rows) for reason, rows in places.items()}
    left_out = both(both(table.left_out, refused), {"rejected": rejected})
    return Learned(examples, left_out), places


def _learned(row: Mapping[str, object], layout: Layout) -> Example | None:
    """None for a row without any value. Raises NotLearnedError."""
    columns = [*layout.prompts, layout.conversation, layout.answer, layout.text]
    if not any(to_text(cell(row, column)).strip() for column in columns if column):
        return None
    if reason := needed_by_cells(row, layout.media):
        raise NotLearnedError(reason)
    if layout.rating and is_bad(cell(row, layout.rating)):
        raise NotLearnedError("bad")
    if layout.text:
        text = to_text(cell(row, layout.text)).strip()
        answer = from_transcript(text)
        if answer is None:
            return Example((), text)
    else:
        answer = _answer(row, layout)
    is_whole = any(message.role == "user" for message in answer)
    whole = up_to_answer(answer if is_whole else [*_asked(row, layout), *answer])
    system = text_of(cell(row, layout.system)).strip() if layout.system else ""
    tools = to_text(cell(row, layout.tools)).strip() if layout.tools else ""
    messages = with_system(whole[:-1], system, "" if tools == "[]" else tools)
    is_asked = not layout.conversation or any(message.content.strip() for message in messages)
    return Example(tuple(messages) if is_asked else (), whole[-1].content.strip())


def _asked(row: Mapping[str, object], layout: Layout) -> list[Message]:
    """What comes before the answer, which a conversation without a column for it brings along."""
    if layout.conversation:
        return turns(cell(row, layout.conversation))
    cells = [cell(row, column) for column in layout.prompts]
    if len(cells) == 1 and is_turns(cells[0]):
        return turns(cells[0])
    transcript = from_transcript(cells[0]) if len(cells) == 1 and isinstance(cells[0], str) else None
    if transcript and transcript[-1] == Message("assistant", ""):
        return transcript[:-1]
    parts = []
    for column, value in zip(layout.prompts, cells, strict=True):
        choices = choices_of(value) if column == layout.options else {}
        text = listed_choices(choices) if choices else to_text(value).strip()
        if text:
            parts.append(text)
            if reason := needed_by_text(text):
                raise NotLearnedError(reason)
    return [*_history(row, layout), Message("user", "\n\n".join(parts))]


def _history(row: Mapping[str, object], layout: Layout) -> list[Message]:
    """Earlier questions and answers in a column of their own, as Alpaca files of several rounds have them."""
    rounds = cell(row, layout.history) if layout.history else None
    return turns(rounds) if is_turns(rounds) else []


def _answer(row: Mapping[str, object], layout: Layout) -> list[Message]:
    """The answer as a turn of the assistant; a whole conversation where the answers to choose from are such."""
    if layout.answer is None:
        return []
    value = cell(row, layout.answer)
    # What is compared may be messages, and a CSV file can only hold their JSON.
    said = parsed(value) if layout.rejected else value
    if isinstance(said, list) and is_turns(said):
        answer = turns(said)
    elif is_turn(said):
        answer = [turn(said)]
    else:
        if plain(layout.answer) == "answers":
            value = first_answer(value)
        text = to_text(value).strip()
        if layout.options:
            text = chosen_choice(text, choices_of(cell(row, layout.options)))
        transcript = None if layout.prompts or layout.conversation else from_transcript(text)
        answer = transcript or [Message("assistant", text)]
    if not any(message.role == "assistant" and message.content.strip() for message in answer):
        raise NotLearnedError("no_answer")
    return answer


def _nothing_left(layout: Layout, places: Mapping[Reason, list[int]], left_out: LeftOut, file_name: str) -> DataError:
    """The most helpful thing to say where every row was left out."""
    if layout.conversation and (rows := places.get("no_conversation")):
        return DataError(BAD_CONVERSATION, file=file_name, row=rows[0], column=cut(layout.conversation, 80))
    if rows := places.get("no_answer"):
        column = cut(layout.answer or layout.conversation or "", 80)
        values = {"row": rows[0], "column": column, "count": len(rows), "rows": some_rows(rows)}
        return DataError(EMPTY_TARGET, file=file_name, **values)
    return DataError(NOTHING_LEFT, file=file_name, left_out=said(left_out) or "")

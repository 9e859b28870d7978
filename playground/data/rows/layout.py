"""Which column of a table is what: chosen by the user, else guessed from the names, then from what the cells hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from playground.data.columns import check_columns, listed
from playground.data.example import Table
from playground.data.rows import names
from playground.data.rows.media import COLUMNS as MEDIA
from playground.data.rows.messages import is_turn, is_turns
from playground.data.rows.names import plain
from playground.data.rows.ratings import rating_column
from playground.data.rows.speaking import names_given, only_text, sample, speaking, two_texts
from playground.errors import DataError
from playground.texts import Text

NO_GUESS = Text(
    "{file}: cannot tell which columns hold the prompt and the answer. It has: {columns}."
    " Choose both, or name them prompt and completion.",
    "{file}: não dá para saber quais colunas têm o prompt e a resposta. Tem: {columns}."
    " Escolha as duas, ou chame-as de prompt e completion.",
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Names of columns, or dotted names of fields in them.

    Without `answer` the conversation ends with it; an answer without `prompts` and `conversation` is a conversation
    itself. `text` stands alone.
    """

    prompts: Sequence[str] = ()
    conversation: str | None = None
    answer: str | None = None
    text: str | None = None  # asks nothing, and is learned as a whole
    rejected: str | None = None  # the answer that another one was preferred to
    system: str | None = None
    tools: str | None = None
    history: str | None = None
    options: str | None = None
    rating: str | None = None
    media: Sequence[str] = ()  # pictures or sound that the row needs, where they are not empty


def find_layout(table: Table, prompt: str | None, completion: str | None, file_name: str) -> Layout:
    """What is chosen is what is learned; what is not is guessed. Raises DataError where that is not clear."""
    check_columns(table, prompt, completion, file_name)
    if prompt is not None and completion is not None:
        return Layout(prompts=[prompt], answer=completion)
    if prompt is not None or completion is not None:
        return _completed(table, prompt, completion, file_name)
    known = names.by_plain_name(table.columns)
    inner = _inner_columns(table)
    guess = (
        _guessed(table, known)
        or (_guessed(table, {**inner, **known}) if inner else None)
        or _continued(table, known)
        or (_continued(table, inner) if inner else None)
        or _by_cells(table, inner)
    )
    if guess is None:
        raise DataError(NO_GUESS, file=file_name, columns=listed(table.columns))
    return guess


def says_where(columns: Sequence[str]) -> bool:
    """Whether the names of columns alone say where a conversation, or a question and its answer, are."""
    known = names.by_plain_name(columns)
    conversation = any(name in known for name in names.ALWAYS_CONVERSATIONS)
    return conversation or any(names.present(pair.prompts, known) and pair.answer in known for pair in names.ASKED)


def named_pair(columns: Sequence[str]) -> tuple[list[str], str] | None:
    """The columns of a question and that of its answer, as the names of columns say; None where they do not."""
    found = _question_and_answer(names.by_plain_name(columns))
    return ([*found.prompts], found.answer) if found and found.answer else None


def _completed(table: Table, prompt: str | None, completion: str | None, file_name: str) -> Layout:
    """One of the two columns was chosen."""
    known = names.by_plain_name(table.columns)
    if prompt is not None and _holds_turns(table, prompt, plain(prompt)):
        return Layout(conversation=prompt)
    for pair in names.ASKED:
        prompts = [prompt] if prompt is not None else names.present(pair.prompts, known)
        answer = completion or known.get(pair.answer)
        if prompts and answer and answer not in prompts:
            return Layout(prompts=prompts, answer=answer)
    if len(table.columns) == 2:
        chosen = prompt or completion or ""
        other = next((column for column in table.columns if column != chosen), chosen)
        return Layout(prompts=[prompt or other], answer=completion or other)
    raise DataError(NO_GUESS, file=file_name, columns=listed(table.columns))


def _guessed(table: Table, known: Mapping[str, str]) -> Layout | None:
    """By names: an answer that was chosen among several, a conversation, a question and its answer."""
    found = _preference(table, known) or _conversation(table, known) or _question_and_answer(known)
    if found is None:
        return None
    found = _unwrapped(table, found)
    rating = rating_column(table.rows, known)
    return replace(
        found,
        rejected=names.first_of(names.REJECTED, known),
        system=names.first_of(names.SYSTEMS, known),
        tools=found.tools or known.get("tools"),
        history=known.get("history"),
        rating=rating if rating != found.answer else None,
        media=_media(table),
    )


def _media(table: Table) -> list[str]:
    return [column for column in table.columns if plain(column) in MEDIA]


def _preference(table: Table, known: Mapping[str, str]) -> Layout | None:
    chosen, rejected = names.first_of(names.CHOSEN, known), names.first_of(names.REJECTED, known)
    if chosen is None and rejected is not None and "text" in known:
        chosen = known["text"]  # AutoTrain: prompt, text, rejected_text
    if chosen is None or (rejected is None and "chosen" not in known):
        return None
    conversation = _conversation(table, known)
    prompts = next((columns for asked in names.PROMPTS if (columns := names.present(asked, known))), [])
    conversation_column = conversation.conversation if conversation and not prompts else None
    return Layout(prompts=prompts, conversation=conversation_column, answer=chosen)


def _conversation(table: Table, known: Mapping[str, str]) -> Layout | None:
    for name in names.CONVERSATIONS:
        if name in known and _holds_turns(table, known[name], name):
            return Layout(conversation=known[name])
    return None


def _holds_turns(table: Table, column: str, name: str) -> bool:
    if name in names.ALWAYS_CONVERSATIONS:
        return True
    cells = sample(table, column)
    is_list_of_texts = [isinstance(value, list) and all(isinstance(item, str) for item in value) for value in cells]
    return bool(cells) and (all(map(is_turns, cells)) or all(is_list_of_texts))


def _question_and_answer(known: Mapping[str, str]) -> Layout | None:
    for pair in (*names.ASKED, *names.MADE):
        prompts, answer = names.present(pair.prompts, known), known.get(pair.answer)
        if prompts and answer and answer not in prompts:
            options = next((known[name] for name in ("options", "opcoes") if known.get(name) in prompts), None)
            return Layout(prompts=prompts, answer=answer, options=options)
    return None


def _unwrapped(table: Table, layout: Layout) -> Layout:
    """Of a prompt and an answer that are objects around a text, their texts; of a prompt around messages, these.

    An object in the answer alone is the answer, as JSON.
    """
    if len(layout.prompts) == 1 and layout.conversation is None and _all_have(table, layout.prompts[0], "messages"):
        column = layout.prompts[0]
        return replace(layout, prompts=(), conversation=f"{column}.messages", tools=f"{column}.tools")
    columns = [*layout.prompts, *([layout.answer] if layout.answer else [])]
    if len(columns) > 1 and all(_all_have(table, column, "text") for column in columns):
        prompts = [f"{column}.text" for column in layout.prompts]
        return replace(layout, prompts=prompts, answer=f"{layout.answer}.text")
    return layout


def _all_have(table: Table, column: str, field: str) -> bool:
    cells = sample(table, column)
    return bool(cells) and all(isinstance(value, Mapping) and field in value for value in cells)


def _inner_columns(table: Table) -> dict[str, str]:
    """Plain names of the fields of objects to their dotted names, one level deep; turns stay whole."""
    found: dict[str, str] = {}
    for column in table.columns:
        cells = [value for value in sample(table, column) if isinstance(value, Mapping)]
        if not cells or len(cells) < len(sample(table, column)) or all(is_turn(value) for value in cells):
            continue
        fields = list(dict.fromkeys(str(field) for value in cells for field in value))
        for field in fields:
            found.setdefault(plain(field), f"{column}.{field}")
    return found


def _continued(table: Table, known: Mapping[str, str]) -> Layout | None:
    """A text that asks nothing, by its name, whatever stands beside it."""
    column = names.first_of(names.CONTINUED, known)
    if not column or not speaking(table, [column]):
        return None
    return _text(table, known, column)


def _by_cells(table: Table, inner: Mapping[str, str]) -> Layout | None:
    """Where names say nothing: of two columns of texts the first one leads to the second, one alone is read on."""
    pair = two_texts(table)
    if pair and (len(table.columns) == 2 or not names_given(table)):
        return Layout(prompts=[pair[0]], answer=pair[1])
    column = only_text(table, table.columns) or only_text(table, inner.values())
    return _text(table, names.by_plain_name(table.columns), column) if column else None


def _text(table: Table, known: Mapping[str, str], column: str) -> Layout:
    return Layout(text=column, system=names.first_of(names.SYSTEMS, known), media=_media(table))

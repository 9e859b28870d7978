"""Tables whose rows belong to each other: messages with replies (OASST), a message a row."""

from __future__ import annotations

from collections.abc import Iterator

from playground.data.columns import Row, number_of, to_text
from playground.data.example import Table
from playground.data.left_out import both
from playground.data.rows.names import by_plain_name, first_of

MAX_TURNS = 100  # of one thread; the rest of a longer one is not followed
# Of a table with a message a row: which conversation it belongs to, who speaks, what is said.
MESSAGE_COLUMNS = (
    ("conversation_id", "conv_id", "dialog_id", "dialogue_id", "session_id", "thread_id", "chat_id", "conversa"),
    ("role", "speaker", "author", "papel"),
    ("content", "text", "message", "utterance", "conteudo", "texto", "mensagem"),
)


def unrolled(table: Table) -> Table:
    """A conversation a row, where the rows of the table are messages of several; else the table itself."""
    columns = set(table.columns)
    if {"message_tree_id", "prompt"} <= columns and all(isinstance(row.get("prompt"), dict) for row in table.rows):
        return _threads(table, list(_replies(table)))
    if {"message_id", "parent_id", "role", "text"} <= columns:
        return _threads(table, table.rows)
    known = by_plain_name(table.columns)
    conversation, role, said = (first_of(names, known) for names in MESSAGE_COLUMNS)
    return _grouped(table, conversation, role, said) if conversation and role and said else table


def _grouped(table: Table, conversation: str, role: str, said: str) -> Table:
    """The messages of each conversation together, in the order of their rows."""
    groups: dict[str, Row] = {}
    for place, row in enumerate(table.rows, start=1):
        group = groups.setdefault(to_text(row.get(conversation)), Row({"messages": []}, number_of(row, place)))
        messages = group["messages"]
        assert isinstance(messages, list)
        messages.append({"role": row.get(role), "content": row.get(said)})
    return Table(["messages"], list(groups.values()), left_out=table.left_out)


def _replies(table: Table) -> Iterator[Row]:
    """The messages of whole trees, each after the one that it replies to."""
    for place, row in enumerate(table.rows, start=1):
        waiting: list[tuple[object, object]] = [(row.get("prompt"), None)]
        for count, (message, parent) in enumerate(waiting):
            if isinstance(message, dict):
                name = f"{place}.{count}"
                cells = {"message_id": name, "parent_id": parent}
                kept = {key: message.get(key) for key in ("role", "text", "rank")}
                yield Row(cells | kept, number_of(row, place))
                replies = message.get("replies")
                waiting += [(reply, name) for reply in replies] if isinstance(replies, list) else []


def _threads(table: Table, messages: list[dict[str, object]]) -> Table:
    """A conversation for every last answer of a thread; of several answers to one question, the best one alone."""
    by_id = {to_text(row.get("message_id")): row for row in messages}
    kept = [row for row in messages if row.get("role") != "assistant" or not row.get("rank")]
    followed = {_grandparent(row, by_id) for row in kept if row.get("role") == "assistant"}
    rows: list[dict[str, object]] = []
    for place, row in enumerate(kept, start=1):
        if row.get("role") == "assistant" and to_text(row.get("message_id")) not in followed:
            rows.append(Row({"messages": _thread(row, by_id)}, number_of(row, place)))
    rejected = len(messages) - len(kept)
    return Table(["messages"], rows, left_out=both(table.left_out, {"rejected": rejected}))


def _grandparent(row: dict[str, object], by_id: dict[str, dict[str, object]]) -> str:
    """The answer before the question that this one answers."""
    question = by_id.get(to_text(row.get("parent_id")), {})
    return to_text(question.get("parent_id"))


def _thread(row: dict[str, object], by_id: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    thread: list[dict[str, object]] = []
    message: dict[str, object] | None = row
    while message is not None and len(thread) < MAX_TURNS:
        thread.append({"role": message.get("role"), "content": message.get("text")})
        message = by_id.get(to_text(message.get("parent_id")))
    return thread[::-1]

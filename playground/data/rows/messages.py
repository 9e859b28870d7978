"""The turns of one conversation, as any tool writes them, as messages of system, user and assistant.

A call of a function and what it returned become turns that every chat template can take, whether it knows of tools or
not: the call is the assistant's turn, as JSON (`{"name": …, "arguments": …}`, one a line), after what it says beside
it; the result is a turn of the user. What a `tools` column describes is added to the system message, as it stands.
What the assistant thinks before it answers stands in its turn between `<think>` and `</think>`, as models write it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from playground.data.columns import parsed, to_text, whole_characters
from playground.data.example import Message
from playground.data.left_out import Reason
from playground.data.rows.media import needed_by_part, needed_by_text

ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "usuario": "user", "usuário": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant", "chatbot": "assistant",
    "chatgpt": "assistant", "ai": "assistant", "agent": "assistant", "assistente": "assistant",
}  # fmt: skip
CALLS = ("function_call", "function-call", "tool_call")
RESULTS = ("tool", "function", "observation", "ipython", "tool_response", "function_response")
ROLE_KEYS = ("role", "from", "speaker", "author")
CONTENT_KEYS = ("content", "value", "text", "parts", "message")
THOUGHT_KEYS = ("reasoning_content", "thinking")
THOUGHTS = ("reasoning", "thinking")  # types of a part
# A round of question and answer in one object, as {"input": …, "output": …} or {"human": …, "assistant": …}
ROUND_KEYS = (
    ("input", "human", "user", "query", "question", "prompt"),
    ("output", "assistant", "gpt", "bot", "response", "answer"),
)


class NotLearnedError(Exception):
    """Why a row gives no example."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def is_turns(value: object) -> bool:
    """Whether a cell is a list of turns, or JSON that holds one."""
    value = parsed(value)
    return isinstance(value, list) and bool(value) and all(is_turn(item) or _is_round(item) for item in value)


def is_turn(value: object) -> bool:
    """Whether an object says who speaks, by a known name, and what."""
    if not isinstance(value, Mapping) or not _has_content(value):
        return False
    return _name(value) in ROLES or _name(value) in (*CALLS, *RESULTS)


def turns(value: object) -> list[Message]:
    """The messages of a cell: a list of turns or of rounds, JSON of one, or texts by user and assistant in turn.

    Raises NotLearnedError for what is no conversation, and for one that needs pictures or sound.
    """
    value = parsed(value)
    if not isinstance(value, list):
        raise NotLearnedError("no_conversation")
    if value and all(isinstance(item, str) for item in value):
        value = [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(value)]
    singles = [single for item in value for single in (_of_round(item) if _is_round(item) else [item])]
    said = [_turn(item) for item in singles]
    of_tools = {id(message) for message, is_tools in said if is_tools}
    return joined(
        [message for message, _ in said], "\n", lambda before, now: before.role == now.role and id(now) in of_tools
    )


def joined(messages: Iterable[Message], between: str, belong: Callable[[Message, Message], bool]) -> list[Message]:
    """The same turns, each that belongs to the one before it written behind that."""
    groups: list[list[Message]] = []
    for message in messages:
        if groups and belong(groups[-1][-1], message):
            groups[-1].append(message)
        else:
            groups.append([message])
    return [
        Message(group[0].role, between.join(part.content for part in group if part.content)) if group[1:] else group[0]
        for group in groups
    ]


def turn(value: object) -> Message:
    """One turn alone. Raises NotLearnedError."""
    return _turn(value)[0]


def _is_round(item: object) -> bool:
    if isinstance(item, list):
        return len(item) == 2 and all(isinstance(text, str) for text in item)
    return isinstance(item, Mapping) and not _name(item) and all(_first(item, keys) is not None for keys in ROUND_KEYS)


def _of_round(item: Any) -> list[dict[str, object]]:
    said = item if isinstance(item, list) else [_first(item, keys) for keys in ROUND_KEYS]
    turns: list[dict[str, object]] = [
        {"role": role, "content": text} for role, text in zip(("user", "assistant"), said, strict=True)
    ]
    system = item.get("system") if isinstance(item, Mapping) else None
    return [{"role": "system", "content": system}, *turns] if system else turns


def _turn(item: object) -> tuple[Message, bool]:
    """A turn, and whether it is a call of a function or its result."""
    if not isinstance(item, Mapping):
        raise NotLearnedError("no_conversation")
    name, said = _name(item), _first(item, CONTENT_KEYS)
    if name in RESULTS:
        said = item.get("observation") if said is None else said
        is_object = isinstance(said, Mapping) and "parts" not in said
        return Message("user", as_json(said) if is_object else text_of(said)), True
    if name in CALLS:
        return Message("assistant", as_json(said) if isinstance(said, Mapping) else text_of(said)), True
    if name not in ROLES or not _has_content(item):
        raise NotLearnedError("no_conversation")
    called, thought = _calls(item), _first(item, THOUGHT_KEYS)
    parts = (_thought(thought) if isinstance(thought, str) else "", text_of(said), *called)
    return Message(ROLES[name], "\n".join(part for part in parts if part)), bool(called)


def _thought(text: str) -> str:
    return f"<think>\n{text.strip()}\n</think>\n" if text.strip() else ""


def _name(item: Mapping[object, object]) -> str:
    role, is_learned = _first(item, ROLE_KEYS), item.get("label")
    if role is None and isinstance(is_learned, bool):  # Axolotl's segments say only which of them carry loss
        return "assistant" if is_learned else "user"
    return role.strip().casefold() if isinstance(role, str) else ""


def _first(item: Mapping[object, object], keys: Sequence[str]) -> object:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _has_content(item: Mapping[object, object]) -> bool:
    """Whether there is something said: null beside a call of a function is, null alone is not."""
    return _first(item, CONTENT_KEYS) is not None or bool(item.get("tool_calls") or item.get("function_call"))


def text_of(content: object) -> str:
    """What is said: a text, or the texts of its parts. Raises NotLearnedError for pictures and sound."""
    if isinstance(content, Mapping):
        content = content["parts"] if isinstance(content.get("parts"), list) else [content]
    if not isinstance(content, list):
        if content is not None and not isinstance(content, str | int | float):
            raise NotLearnedError("no_conversation")
        text = to_text(content)
        if reason := needed_by_text(text):
            raise NotLearnedError(reason)
        return text
    return "\n".join(text for part in content if (text := _part_text(part)))


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return text_of(part)
    if not isinstance(part, Mapping):
        raise NotLearnedError("no_conversation")
    if reason := needed_by_part(part):
        raise NotLearnedError(reason)
    for key in ("functionCall", "function_call"):
        if isinstance(call := part.get(key), Mapping):
            return as_json({"name": call.get("name"), "arguments": call.get("args")})
    for key in ("functionResponse", "function_response"):
        if isinstance(result := part.get(key), Mapping):
            return as_json(result.get("response"))
    text = _first(part, ("text", "value", "content", "thinking"))
    if not isinstance(text, str):
        return ""
    return _thought(text) if part.get("type") in THOUGHTS else text_of(text)


def _calls(item: Mapping[object, object]) -> list[str]:
    found = item.get("tool_calls") or ([item["function_call"]] if item.get("function_call") else [])
    written = []
    for call in found if isinstance(found, list) else []:
        function = call.get("function", call) if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            arguments = parsed(function.get("arguments", {}))
            written.append(as_json({"name": function.get("name"), "arguments": arguments}))
    return written


def as_json(value: object) -> str:
    try:
        return whole_characters(json.dumps(value, ensure_ascii=False, default=str))
    except RecursionError as error:
        raise NotLearnedError("no_conversation") from error


def with_system(messages: list[Message], system: str, tools: str) -> list[Message]:
    """The system text and the tools of a row's own columns, in front; a conversation's own system text stays."""
    if messages and messages[0].role == "system":
        system, messages = messages[0].content, messages[1:]
    said = "\n\n".join(part for part in (system, f"Tools: {tools}" if tools else "") if part)
    return [Message("system", said), *messages] if said else messages


def up_to_answer(messages: list[Message]) -> list[Message]:
    """A conversation cut back to its last answer to a question, which comes last.

    Raises NotLearnedError where there is none.
    """
    kept = list(messages)
    while kept and (kept[-1].role != "assistant" or not kept[-1].content.strip()):
        kept.pop()
    start = len(kept)
    while start and kept[start - 1].role == "assistant":
        start -= 1
    kept[start:] = joined(kept[start:], "\n\n", lambda *_: True)
    if len(kept) >= 2 and kept[-2].role == "user":
        return kept
    asked = any(message.role == "user" for message in messages)
    answered = any(message.role == "assistant" and message.content.strip() for message in messages)
    raise NotLearnedError("no_answer" if asked and not answered else "no_conversation")

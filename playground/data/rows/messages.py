"""The turns of one conversation, as any tool writes them, as messages of system, user and assistant.

A call of a function and what it returned become turns that every chat template can take, whether it knows of tools or
not: the call is the assistant's turn, as JSON (`{"name": …, "arguments": …}`, one a line), after what it says beside
it; the result is a turn of the user. What a `tools` column describes is added to the system message, as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

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


class NotLearnedError(Exception):
    """Why a row gives no example."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def is_turns(value: object) -> bool:
    """Whether a cell is a list of turns, or JSON that holds one."""
    value = parsed(value)
    return isinstance(value, list) and bool(value) and all(is_turn(item) for item in value)


def is_turn(value: object) -> bool:
    """Whether an object says who speaks, by a known name, and what."""
    if not isinstance(value, Mapping) or not _has_content(value):
        return False
    return _name(value) in ROLES or _name(value) in (*CALLS, *RESULTS)


def turns(value: object) -> list[Message]:
    """The messages of a cell: a list of turns, JSON of one, or texts by user and assistant in turn.

    Raises NotLearnedError for what is no conversation, and for one that needs pictures or sound.
    """
    value = parsed(value)
    if not isinstance(value, list):
        raise NotLearnedError("no_conversation")
    if value and all(isinstance(item, str) for item in value):
        value = [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(value)]
    messages: list[Message] = []
    for item in value:
        role, content, is_tools = _turn(item)
        before = messages[-1] if messages else None
        if before and before.role == role and is_tools:
            messages[-1] = Message(role, "\n".join(part for part in (before.content, content) if part))
        else:
            messages.append(Message(role, content))
    return messages


def turn(value: object) -> Message:
    """One turn alone. Raises NotLearnedError."""
    role, content, _ = _turn(value)
    return Message(role, content)


def _turn(item: object) -> tuple[str, str, bool]:
    """Role, content, and whether the turn is a call of a function or its result."""
    if not isinstance(item, Mapping):
        raise NotLearnedError("no_conversation")
    name = _name(item)
    content = text_of(_first(item, CONTENT_KEYS))
    if name in CALLS:
        return "assistant", content, True
    if name in RESULTS:
        return "user", content, True
    if name not in ROLES or not _has_content(item):
        raise NotLearnedError("no_conversation")
    called = _calls(item)
    return ROLES[name], "\n".join(part for part in (content, *called) if part), bool(called)


def _name(item: Mapping[object, object]) -> str:
    role = _first(item, ROLE_KEYS)
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
    text = _first(part, ("text", "content"))
    return text_of(text) if isinstance(text, str) else ""


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
    while len(kept) > 1 and kept[-2].role == "assistant":
        last = kept.pop()
        kept[-1] = Message("assistant", f"{kept[-1].content}\n\n{last.content}")
    if len(kept) >= 2 and kept[-2].role == "user":
        return kept
    asked = any(message.role == "user" for message in messages)
    answered = any(message.role == "assistant" and message.content.strip() for message in messages)
    raise NotLearnedError("no_answer" if asked and not answered else "no_conversation")

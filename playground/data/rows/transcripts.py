"""Conversations written as one text, with a mark before each turn."""

from __future__ import annotations

import re

from playground.data.example import Message
from playground.data.rows.messages import ROLES, joined

INSTRUCTION_ROLES = {
    "instruction": "user",
    "input": "user",
    "question": "user",
    "response": "assistant",
    "answer": "assistant",
}
# Who speaks, by the mark that each kind of transcript has before a turn; the text runs up to the next mark.
MARKS = (
    re.compile(r"(?:\A\s*|\n[ \t\r]*\n)(human|user|assistant|system|bot): ?", re.IGNORECASE),  # hh-rlhf, glaive
    re.compile(r"### ?(human|user|assistant|system|instruction|input|question|response|answer): ?", re.IGNORECASE),
    re.compile(r"<\|im_start\|>(system|user|assistant)\n"),  # ChatML
)
ENDS = re.compile(r"(<\|im_end\|>|<\|endoftext\|>|</s>)\s*\Z")


def from_transcript(text: str) -> list[Message] | None:
    """The turns of a text that begins with one, and has both a question and an answer's mark; None for other texts."""
    for mark in MARKS:
        found = list(mark.finditer(text))
        roles = [_role(match[1]) for match in found]
        if "user" not in roles or "assistant" not in roles:
            continue
        before = text[: found[0].start()].strip()
        if before and "instruction" not in found[0][1].casefold():
            continue
        ends = [match.start() for match in found[1:]] + [len(text)]
        said = [ENDS.sub("", text[match.end() : end]).strip() for match, end in zip(found, ends, strict=True)]
        spoken = [Message(role, content) for role, content in zip(roles, said, strict=True)]
        # An instruction and its input are one question.
        messages = joined(spoken, "\n\n", lambda before, now: before.role == now.role == "user")
        return [Message("system", before), *messages] if before else messages
    return None


def _role(name: str) -> str:
    name = name.casefold()
    return INSTRUCTION_ROLES.get(name) or ROLES[name]

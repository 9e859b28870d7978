"""Conversations written as one text, with a mark before each turn."""

from __future__ import annotations

import re

from playground.data.example import Message
from playground.data.rows.messages import ROLES, joined

MORE_ROLES = {
    "instruction": "user", "input": "user", "question": "user", "[inst]": "user",
    "response": "assistant", "answer": "assistant", "[/inst]": "assistant",
}  # fmt: skip
# Who speaks, by the mark that each kind of transcript has before a turn; the text runs up to the next mark.
MARKS = (
    re.compile(r"(?:\A\s*|\n[ \t\r]*\n)(human|user|assistant|system|bot): ?", re.IGNORECASE),  # hh-rlhf, glaive
    re.compile(r"### ?(human|user|assistant|system|instruction|input|question|response|answer): ?", re.IGNORECASE),
    re.compile(r"<\|im_start\|>(system|user|assistant)\n"),  # ChatML
    re.compile(r"<\|start_header_id\|>(system|user|assistant)<\|end_header_id\|>"),  # Llama 3
    re.compile(r"<start_of_turn>(user|model)\n"),  # Gemma
    re.compile(r"<\|(system|user|assistant)\|>"),  # Zephyr, Phi
    re.compile(r"(\[/?INST\])"),  # Llama 2, Mistral
)
# What templates write before a conversation and after a turn.
TOKENS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<eos>", "<|end|>", "</s>",
          "<s>", "<|begin_of_text|>", "<bos>")  # fmt: skip


def from_transcript(text: str) -> list[Message] | None:
    """The turns of a text that begins with one, and has both a question and an answer's mark; None for other texts."""
    for mark in MARKS:
        found = list(mark.finditer(text))
        roles = [_role(match[1]) for match in found]
        if "user" not in roles or "assistant" not in roles:
            continue
        before = _without_tokens(text[: found[0].start()])
        if before and "instruction" not in found[0][1].casefold():
            continue
        ends = [match.start() for match in found[1:]] + [len(text)]
        said = [_without_tokens(text[match.end() : end]) for match, end in zip(found, ends, strict=True)]
        spoken = [Message(role, content) for role, content in zip(roles, said, strict=True)]
        # An instruction and its input are one question.
        messages = joined(spoken, "\n\n", lambda before, now: before.role == now.role == "user")
        return [Message("system", before), *messages] if before else messages
    return None


def _role(name: str) -> str:
    name = name.casefold()
    return MORE_ROLES.get(name) or ROLES[name]


def _without_tokens(text: str) -> str:
    """Without spaces around it, and without a template's tokens at the end."""
    end = len(text)
    while end:
        token = next((token for token in TOKENS if text.endswith(token, 0, end)), None)
        if token is None and not text[end - 1].isspace():
            break
        end -= len(token or " ")
    return text[:end].strip()

"""Examples to token ids: chat template where the tokenizer has one, loss on the answer only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from playground.data.example import Example, Message
from playground.errors import DataError
from playground.texts import Text

NOTHING_FITS = Text(
    "None of the {count} examples fits into {max_tokens} tokens; the shortest prompt alone has {shortest}. "
    "Raise data.max_tokens or shorten the prompts.",
    "Nenhum dos {count} exemplos cabe em {max_tokens} tokens; só o menor prompt tem {shortest}. "
    "Aumente data.max_tokens ou encurte os prompts.",
)


@dataclass(frozen=True)
class Encoded:
    """One example; the tokens from `prompt_length` on carry loss."""

    input_ids: list[int]
    prompt_length: int

    @property
    def length(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class EncodedPair:
    """One example of an encoder-decoder model: what it reads, and what it should write (not shifted)."""

    input_ids: list[int]
    labels: list[int]

    @property
    def length(self) -> int:
        return len(self.input_ids) + len(self.labels)


Item = Encoded | EncodedPair


@dataclass(frozen=True)
class EncodedSplit:
    """`dropped`: the prompt alone fills the limit. `truncated`: the end of the answer was cut."""

    items: Sequence[Item]
    dropped: int
    truncated: int


def prompt_ids(messages: Sequence[Message], tokenizer: Any) -> list[int]:
    """The tokens that the model sees before it answers."""
    if tokenizer.chat_template:
        chat = [{"role": message.role, "content": message.content} for message in messages]
        encoded = tokenizer.apply_chat_template(chat, tokenize=True, add_generation_prompt=True, return_dict=True)
        return list(encoded["input_ids"])
    text = "\n".join(message.content for message in messages) + "\n"
    return list(tokenizer(text)["input_ids"])


def encode(examples: Iterable[Example], tokenizer: Any, max_tokens: int) -> EncodedSplit:
    """Token ids with a count of what did not fit. Raises DataError when nothing fits."""
    items: list[Encoded] = []
    dropped = truncated = count = 0
    shortest = 0
    for example in examples:
        count += 1
        prompt = prompt_ids(example.messages, tokenizer)
        answer = [*tokenizer(example.completion, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        shortest = min(shortest or len(prompt), len(prompt))
        if len(prompt) >= max_tokens:
            dropped += 1
            continue
        truncated += len(prompt) + len(answer) > max_tokens
        items.append(Encoded((prompt + answer)[:max_tokens], len(prompt)))
    if not items:
        raise DataError(NOTHING_FITS, count=count, max_tokens=max_tokens, shortest=shortest)
    return EncodedSplit(items, dropped, truncated)

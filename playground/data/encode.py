"""Examples to token ids: chat template where the tokenizer has one, loss on the answer only, or on all of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from playground.data.example import BEGINNING, Example, Message
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
    """The tokens that the model sees before it answers, or before it goes on with the beginning of a text."""
    if messages[0] == BEGINNING:
        return list(tokenizer("".join(message.content for message in messages))["input_ids"])
    if tokenizer.chat_template:
        chat = [{"role": message.role, "content": message.content} for message in messages]
        encoded = tokenizer.apply_chat_template(chat, tokenize=True, add_generation_prompt=True, return_dict=True)
        return list(encoded["input_ids"])
    text = "\n".join(message.content for message in messages) + "\n"
    return list(tokenizer(text)["input_ids"])


def text_pieces(text: str, tokenizer: Any, max_tokens: int) -> list[Encoded]:
    """A text as items of at most `max_tokens`, in which each of its tokens but the first is learned once.

    A piece begins with the last token of the one before, so that its own first token has something to follow from.
    """
    ids = list(tokenizer(text)["input_ids"])
    if ids[-1:] != [tokenizer.eos_token_id]:
        ids.append(tokenizer.eos_token_id)
    starts = range(0, len(ids) - 1, max_tokens - 1)
    return [Encoded(ids[start : start + max_tokens], prompt_length=1) for start in starts]


def encode(examples: Iterable[Example], tokenizer: Any, max_tokens: int) -> EncodedSplit:
    """Token ids with a count of what did not fit; a text becomes as many items as it needs.

    Raises DataError when nothing fits.
    """
    items: list[Encoded] = []
    dropped = truncated = count = 0
    shortest = 0
    for example in examples:
        count += 1
        if not example.messages:
            items += text_pieces(example.completion, tokenizer, max_tokens)
            continue
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

"""Examples to token ids: chat template where the tokenizer has one, loss on the answer only, or on all of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from playground.data.example import BEGINNING, Example, Message
from playground.errors import DataError
from playground.texts import Text

AT_ONCE = 256  # examples

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
    return _asked_ids([messages], tokenizer)[0]


def _asked_ids(conversations: Sequence[Sequence[Message]], tokenizer: Any) -> list[list[int]]:
    """What comes before the answer to each; of many at once in a fraction of the time."""
    if tokenizer.chat_template:
        chats = [[{"role": turn.role, "content": turn.content} for turn in messages] for messages in conversations]
        encoded = tokenizer.apply_chat_template(chats, tokenize=True, add_generation_prompt=True, return_dict=True)
        return list(encoded["input_ids"])
    texts = ["\n".join(message.content for message in messages) + "\n" for messages in conversations]
    return list(tokenizer(texts)["input_ids"])


def text_pieces(text: str, tokenizer: Any, max_tokens: int) -> list[Encoded]:
    """A text as items of at most `max_tokens`, in which each of its tokens but the first is learned once.

    A piece begins with the last token of the one before, so that its own first token has something to follow from.
    """
    ids = list(tokenizer(text)["input_ids"])
    if ids[-1:] != [tokenizer.eos_token_id]:
        ids.append(tokenizer.eos_token_id)
    starts = range(0, len(ids) - 1, max_tokens - 1)
    return [Encoded(ids[start : start + max_tokens], prompt_length=1) for start in starts]


def encode(examples: Sequence[Example], tokenizer: Any, max_tokens: int) -> EncodedSplit:
    """Token ids with a count of what did not fit; a text becomes as many items as it needs.

    Raises DataError when nothing fits.
    """
    encoded = encode_what_fits(examples, tokenizer, max_tokens)
    if not encoded.items:
        asked = [example.messages for example in examples if example.messages]
        shortest = min((len(prompt_ids(messages, tokenizer)) for messages in asked), default=0)
        raise DataError(NOTHING_FITS, count=len(examples), max_tokens=max_tokens, shortest=shortest)
    return encoded


def encode_what_fits(examples: Iterable[Example], tokenizer: Any, max_tokens: int) -> EncodedSplit:
    """The same, without any item where nothing fits."""
    items: list[Encoded] = []
    dropped = truncated = 0
    source = iter(examples)
    while part := list(islice(source, AT_ONCE)):
        answered = _with_answers([example for example in part if example.messages], tokenizer)
        for example in part:
            if not example.messages:
                items += text_pieces(example.completion, tokenizer, max_tokens)
                continue
            prompt, answer = next(answered)
            if len(prompt) >= max_tokens:
                dropped += 1
                continue
            truncated += len(prompt) + len(answer) > max_tokens
            items.append(Encoded((prompt + answer)[:max_tokens], len(prompt)))
    return EncodedSplit(items, dropped, truncated)


def _with_answers(examples: Sequence[Example], tokenizer: Any) -> Iterator[tuple[list[int], list[int]]]:
    """The tokens of each example's prompt, and of its answer with the end."""
    if not examples:
        return
    asked = [example.messages for example in examples if example.messages[0] != BEGINNING]
    prompts = iter(_asked_ids(asked, tokenizer) if asked else ())
    answers = tokenizer([example.completion for example in examples], add_special_tokens=False)["input_ids"]
    for example, answer in zip(examples, answers, strict=True):
        begun = example.messages[0] == BEGINNING
        prompt = prompt_ids(example.messages, tokenizer) if begun else next(prompts)
        yield prompt, [*answer, tokenizer.eos_token_id]

"""Answers to a batch of prompts, visible while they grow."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, ClassVar

import torch
from transformers import GenerationConfig

from playground.errors import PlaygroundError, quoted
from playground.model.decoding import Answers, write
from playground.texts import Text

OUT_OF_BOUNDS = Text(
    "{name} is {value}: use a value from {low} to {high}.",
    "{name} é {value}: use um valor de {low} a {high}.",
)
Bounds = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Bounded:
    """Settings whose `bounds` are checked. Raises PlaygroundError for a value out of them."""

    bounds: ClassVar[Bounds] = {}

    def __post_init__(self) -> None:
        for name, (low, high) in self.bounds.items():
            object.__setattr__(self, name, checked(name, getattr(self, name), low, high))


@dataclass(frozen=True)
class DecodingConfig(Bounded):
    """How the next token is chosen; `temperature=0` always takes the likeliest one."""

    bounds: ClassVar[Bounds] = {
        "max_new_tokens": (1, 4096), "temperature": (0.0, 2.0), "top_p": (0.01, 1.0), "seed": (0, 2**32 - 1),
    }  # fmt: skip

    max_new_tokens: int = 96
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 42


def checked(name: str, value: Any, low: float, high: float) -> float:
    """A number as somebody gave it, if it lies within its bounds; a whole one where these are. Raises PlaygroundError.

    The page's sliders send 8 as 8.0, an emptied box sends nothing, and a program may send anything.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (isinstance(low, int) and value != int(value)):
        raise PlaygroundError(OUT_OF_BOUNDS, name=name, value=quoted(value, 40), low=low, high=high)
    return int(value) if isinstance(low, int) else float(value)


# The new token ids of every answer so far; None once there are no more.
Updates = SimpleQueue[list[list[int]] | None]
PAUSE = 0.1  # seconds; decoding the texts takes Python's lock from the model
# One text a prompt, again and again.
Texts = Generator[list[str], None, None]


def generate(model: Any, tokenizer: Any, prompts: list[list[int]], decoding: DecodingConfig) -> Texts:
    """The partial answers to all prompts as they grow; the last list is the final one.

    One batch; greedy answers equal those of each prompt alone. Works for a plain model and for a
    PeftModel. Closing the iterator stops the model after the token it is computing; the model's
    training mode and torch's random state are left as they were.
    """
    if not prompts:
        yield []
        return
    stop_ids = _stop_ids(model, tokenizer)
    was_training = model.training
    model.eval()
    updates: Updates = SimpleQueue()
    answers = Answers(len(prompts), stop_ids, updates.put)

    def work() -> None:
        try:
            with _seeded(decoding.seed, model.device):
                config = _generation_config(tokenizer, decoding, stop_ids)
                write(model, prompts, _pad_id(tokenizer), config, answers)
        finally:
            updates.put(None)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="generate") as executor:
        try:
            ended = executor.submit(work)
            yield from _texts(updates, tokenizer, stop_ids, ended)
        finally:
            answers.stop_asked.set()
            wait([ended])
            model.train(was_training)


def _texts(updates: Updates, tokenizer: Any, stop_ids: set[int], ended: Future[None]) -> Texts:
    """The answers so far, passing over states already out of date, until the end or the model's failure."""
    latest: list[list[int]] = []
    shown = -PAUSE
    while (update := updates.get()) is not None:
        latest = update
        if updates.empty() and time.monotonic() - shown >= PAUSE:
            shown = time.monotonic()
            # A character of several bytes may be half written: it shows once it is complete.
            yield [_decode(tokenizer, ids, stop_ids).rstrip("\ufffd") for ids in latest]
    ended.result()
    yield [_decode(tokenizer, ids, stop_ids) for ids in latest]


def _decode(tokenizer: Any, ids: list[int], stop_ids: set[int]) -> str:
    end = next((index for index, token in enumerate(ids) if token in stop_ids), len(ids))
    text: str = tokenizer.decode(ids[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text


def _stop_ids(model: Any, tokenizer: Any) -> set[int]:
    """Every token that ends an answer: the model's own list, and the tokenizer's end of turn."""
    own = model.generation_config.eos_token_id
    found = {tokenizer.eos_token_id, *(own if isinstance(own, list) else [own])}
    return {token for token in found if token is not None}


def _pad_id(tokenizer: Any) -> int:
    pad: int | None = tokenizer.pad_token_id
    return pad if pad is not None else (tokenizer.eos_token_id or 0)


def _generation_config(tokenizer: Any, decoding: DecodingConfig, stop_ids: set[int]) -> GenerationConfig:
    """Complete, because transformers fills what is missing from the model's own defaults."""
    sampling = decoding.temperature > 0
    return GenerationConfig(
        max_new_tokens=decoding.max_new_tokens,
        do_sample=sampling,
        temperature=decoding.temperature if sampling else 1.0,
        top_p=decoding.top_p if sampling else 1.0,
        top_k=0 if sampling else 50,
        num_beams=1,
        repetition_penalty=1.0,
        no_repeat_ngram_size=0,
        eos_token_id=sorted(stop_ids) or None,
        pad_token_id=_pad_id(tokenizer),
    )


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """torch's random numbers from `seed`; the state before comes back afterwards, as training goes on from it."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield

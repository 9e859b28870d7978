"""What a trained model says: greedy answers and logits on ten held-out examples, to be asked again elsewhere."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch

from playground.data.encode import EncodedPair, Item, prompt_ids
from playground.data.example import BEGINNING, Example
from playground.export.proof import Asked
from playground.export.steps import Step, Steps
from playground.export.taken import Taken
from playground.model.generate import DecodingConfig, generate
from playground.model.languages import forced_bos, opening_token
from playground.model.load import BaseModel
from playground.model.translate import TOKENS_MORE, TOKENS_PER_SOURCE_TOKEN
from playground.model.virtual_tokens import room_for_text
from playground.train.encoding import encode_for
from playground.train.scores import GREEDY, greedy

PROMPTS = 10
ANSWER_TOKENS = 24
TOP, SPREAD = 16, 16  # token ids whose logits are told: the likeliest, and others all over the vocabulary
NEXT_TO = 64  # tokens of the expected answer at most: the proof of a long text stays short


def take_evidence(taken: Taken, base: BaseModel, model: Any, count: int = PROMPTS) -> Steps[list[Asked]]:
    """Of the first held-out examples that fit. The model is left as it is."""
    yield Step("asking")
    chosen: list[tuple[Example, Item]] = []
    room = room_for_text(model, base)
    for example in taken.held_out(base):
        items = encode_for(base, [example], 10**9).items
        if len(chosen) < count and items and items[0].length + ANSWER_TOKENS <= room:
            chosen.append((example, items[0]))
    if base.task == "seq2seq_lm":
        return (yield from _of_translations(base, model, chosen))
    examples = [example for example, _ in chosen]
    prompts = [prompt_ids(example.opening, base.tokenizer) for example in examples]
    answers = deque(generate(model, base.tokenizer, prompts, DecodingConfig(max_new_tokens=ANSWER_TOKENS)), maxlen=1)
    expected = base.tokenizer([example.reference for example in examples], add_special_tokens=False)["input_ids"]
    found: list[Asked] = []
    for example, ids, continuation, answer in zip(examples, prompts, expected, answers.pop(), strict=True):
        yield Step("asking", len(found), len(examples))
        continuation = [*continuation, base.tokenizer.eos_token_id]
        found.append(_asked(base, model, example, ids, continuation, answer, ANSWER_TOKENS))
    return found


def _of_translations(base: BaseModel, model: Any, chosen: list[tuple[Example, Item]]) -> Steps[list[Asked]]:
    """In one direction, as all examples of a run are; the limits are those of `translate`."""
    room = max(room_for_text(model, base) - 1, 1)
    found: list[Asked] = []
    for example, item in chosen:
        yield Step("asking", len(found), len(chosen))
        assert isinstance(item, EncodedPair)
        assert example.languages is not None
        longest = min(GREEDY.max_new_tokens, TOKENS_PER_SOURCE_TOKEN * len(item.input_ids) + TOKENS_MORE, room)
        (answer,) = greedy(model, base, [example.prompt], example.languages)
        found.append(_asked(base, model, example, item.input_ids, item.labels, answer, longest))
    return found


def _asked(
    base: BaseModel, model: Any, example: Example, ids: list[int], continuation: list[int], answer: str, longest: int
) -> Asked:
    continuation = continuation[:NEXT_TO]
    logits = _logits(base, model, ids, continuation)
    places = [_places(row) for row in logits]
    return Asked(
        prompt=_prompt(base, example),
        input_ids=ids,
        continuation=continuation,
        max_new_tokens=longest,
        answer=answer,
        places=places,
        logits=[[float(row[place]) for place in chosen] for row, chosen in zip(logits, places, strict=True)],
    )


@torch.no_grad()
def _logits(base: BaseModel, model: Any, ids: list[int], continuation: list[int]) -> list[torch.Tensor]:
    """Two rows: for the first and the last token of the continuation."""
    if base.task == "seq2seq_lm":
        start = base.model.generation_config.decoder_start_token_id
        inputs = {"input_ids": [ids], "decoder_input_ids": [[start, *continuation[:-1]]]}
    else:
        inputs = {"input_ids": [[*ids, *continuation[:-1]]]}
    tensors = {name: torch.tensor(value, device=base.device) for name, value in inputs.items()}
    # Counted from the end: PEFT's virtual tokens stand at the beginning.
    found = model(**tensors, attention_mask=torch.ones_like(tensors["input_ids"])).logits[0, -len(continuation) :]
    return [found[0].float(), found[-1].float()]


def _places(logits: torch.Tensor) -> list[int]:
    top = logits.topk(min(TOP, len(logits))).indices.tolist()
    spread = range(0, len(logits), max(1, len(logits) // SPREAD))
    return sorted({*top, *spread})


def _prompt(base: BaseModel, example: Example) -> dict[str, Any]:
    """As a program says it to the tokenizer."""
    if example.languages is not None:
        first, text = opening_token(base, example.prompt, example.languages)
        name = base.tokenizer.convert_ids_to_tokens
        bos = forced_bos(base, example.languages)
        return {
            "text": text,
            "source_token": None if first is None else name(first),
            "target_token": None if bos is None else name(bos),
        }
    if example.opening[0] == BEGINNING:
        return {"text": "".join(message.content for message in example.opening)}
    return {"messages": [message._asdict() for message in example.opening]}

"""What the limit on tokens does to a data set, and the batches that a run will make of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from playground.config import DataConfig, RunConfig
from playground.data.batches import step_order
from playground.data.check import Remark, check_split
from playground.data.encode import Encoded, EncodedPair, EncodedSplit, Item
from playground.data.example import Example
from playground.data.left_out import LeftOut
from playground.data.read import load_split
from playground.model.load import BaseModel
from playground.model.virtual_tokens import text_limit
from playground.train.prepare import encode_for

CHARACTERS_OF_A_TOKEN = 4  # in English; enough for a guess
NO_LIMIT = 10**9
STEPS_LOOKED_AT = 512  # for the fullest batch; steps are alike after that


@dataclass(frozen=True, kw_only=True)
class TokenReport:
    """Training and held-out examples together, as in a run's first event, except where a name says otherwise."""

    train_examples: int
    held_out_examples: int
    dropped_examples: int
    truncated_examples: int
    tokens: int  # before the limit
    lost_tokens: int  # cut off, or in examples that were left out
    longest: int  # tokens of the longest training example that is kept
    limit: int
    passes: float  # how often the run sees each training example
    left_out: LeftOut = field(default_factory=dict)  # of the data set, before any limit


@dataclass(frozen=True, kw_only=True)
class EncodedData:
    """A run's examples, and what there is to say of them; `report` is None where their lengths are guessed."""

    train: Sequence[Item]
    held_out: Sequence[Item]
    left_out: LeftOut
    remarks: Sequence[Remark]
    report: TokenReport | None = None


def encoded_data(config: RunConfig, base: BaseModel) -> EncodedData:
    """Encode as the run will; `base` needs a tokenizer and no weights. Raises DataError or ModelError."""
    limit = text_limit(config, base)
    data = config.data.model_copy(update={"max_tokens": DataConfig.model_fields["max_tokens"].default})
    key = _Key(data, config.seed, config.base_model, base)
    train, held_out, left_out, remarks = _encoded(key, limit)
    parts = [train, held_out]
    dropped, truncated = (sum(getattr(part, name) for part in parts) for name in ("dropped", "truncated"))
    kept = sum(item.length for part in parts for item in part.items)
    tokens = kept
    if dropped or truncated:
        whole = _encoded(key, NO_LIMIT)
        tokens = sum(item.length for part in whole[:2] for item in part.items)
    training = config.training
    seen = training.max_steps * training.examples_per_step
    report = TokenReport(
        train_examples=len(train.items),
        held_out_examples=len(held_out.items),
        dropped_examples=dropped,
        truncated_examples=truncated,
        tokens=tokens,
        lost_tokens=tokens - kept,
        longest=max(item.length for item in train.items),
        limit=limit,
        passes=seen / len(train.items),
        left_out=left_out,
    )
    return EncodedData(train=train.items, held_out=held_out.items, left_out=left_out, remarks=remarks, report=report)


def guessed_data(config: RunConfig, base: BaseModel) -> EncodedData:
    """Examples of about the right lengths, for a model whose tokenizer is not here. Raises DataError or ModelError."""
    split = load_split(config.data, config.seed)
    limit = text_limit(config, base)
    train, held_out = ([_guessed(item, base, limit) for item in part] for part in (split.train, split.held_out))
    return EncodedData(train=train, held_out=held_out, left_out=split.left_out, remarks=check_split(split))


def _guessed(example: Example, base: BaseModel, limit: int) -> Item:
    if not example.messages:
        return Encoded([0] * min(2 + len(example.completion) // CHARACTERS_OF_A_TOKEN, limit), 1)
    prompt = 1 + sum(len(message.content) for message in example.messages) // CHARACTERS_OF_A_TOKEN
    answer = 1 + len(example.completion) // CHARACTERS_OF_A_TOKEN
    if base.task == "seq2seq_lm":
        return EncodedPair([0] * min(prompt, limit), [0] * min(answer, limit))
    prompt = min(prompt, limit - 1)
    return Encoded([0] * min(prompt + answer, limit), prompt)


@dataclass(frozen=True)
class _Key:
    """Equal for equal data and model: what was encoded a moment ago is not encoded again while a form is edited."""

    data: DataConfig  # without its limit
    seed: int
    source: str
    base: BaseModel = field(compare=False)


@lru_cache(maxsize=4)
def _encoded(key: _Key, limit: int) -> tuple[EncodedSplit, EncodedSplit, LeftOut, Sequence[Remark]]:
    split = load_split(key.data, key.seed)
    train, held_out = (encode_for(key.base, part, limit) for part in (split.train, split.held_out))
    return train, held_out, split.left_out, check_split(split)


def fullest(groups: Sequence[Sequence[Item]]) -> list[Item]:
    """The batch that takes most memory: most padded tokens, a label counting twice as it also goes through the head."""
    costs = [batch_cost(items) for items in groups]
    return list(groups[costs.index(max(costs))])


def training_steps(items: Sequence[Item], config: RunConfig) -> list[list[Item]]:
    """The examples of the run's first steps, as its loop will choose them."""
    training = config.training
    order = step_order([item.length for item in items], training.examples_per_step, config.seed)
    return [[items[place] for place in step] for step in islice(order, min(training.max_steps, STEPS_LOOKED_AT))]


def micro_batches(items: Sequence[Item], config: RunConfig) -> list[list[Item]]:
    """What the steps put through the model at once."""
    size = config.training.batch_size
    steps = training_steps(items, config)
    return [step[start : start + size] for step in steps for start in range(0, len(step), size)]


def batch_cost(items: Sequence[Item]) -> int:
    """Positions that a batch computes, padding included, those with a label three times."""
    if isinstance(items[0], EncodedPair):
        pairs = [item for item in items if isinstance(item, EncodedPair)]
        return len(pairs) * (max(len(pair.input_ids) for pair in pairs) + 2 * max(len(pair.labels) for pair in pairs))
    labels = sum(item.length - item.prompt_length for item in items if not isinstance(item, EncodedPair))
    return len(items) * max(item.length for item in items) + 2 * labels

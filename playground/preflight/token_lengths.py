"""What the limit on tokens does to a data set, and the batches that a run will make of the rest.

Of a large file a sample is encoded, and all of it on request.
"""

from __future__ import annotations

import heapq
import math
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
from playground.train.encoding import ItemStream, encode_for

SAMPLE_EXAMPLES = 512  # of a large file
LONGEST_KEPT = 64  # of a large file that is encoded as a whole: as many as the largest batch has
NORMAL_95 = 1.96
CHARACTERS_OF_A_TOKEN = 4  # in English; enough for a guess
NO_LIMIT = 10**9
STEPS_LOOKED_AT = 512  # for the fullest batch; steps are alike after that


@dataclass(frozen=True, kw_only=True)
class LengthSample:
    """Examples of the first rows, measured in the place of all.

    Where all rows are like these, their mean is within `margin`, 19 times of 20.
    """

    examples: int
    of: int  # about so many
    mean: float  # tokens of an example, before the limit
    margin: float


@dataclass(frozen=True, kw_only=True)
class TokenReport:
    """Training and held-out examples together, as in a run's first event, except where a name says otherwise.

    Where there is a `sample`, every count of training examples and of tokens is an estimate by it.
    """

    train_examples: int
    held_out_examples: int
    dropped_examples: int
    truncated_examples: int
    tokens: int  # before the limit
    lost_tokens: int  # cut off, or in examples that were left out
    longest: int  # tokens of the longest training example that is kept; of the longest in the sample
    limit: int
    passes: float  # how often the run sees each training example
    left_out: LeftOut = field(default_factory=dict)  # of the data set, before any limit
    sample: LengthSample | None = None


@dataclass(frozen=True, kw_only=True)
class EncodedData:
    """A run's examples, and what there is to say of them; `report` is None where their lengths are guessed.

    Of a large file `train` is a sample, and what was left out and remarked was looked for in the first `rows` rows.
    """

    train: Sequence[Item]
    held_out: Sequence[Item]
    left_out: LeftOut
    remarks: Sequence[Remark]
    rows: int | None = None
    report: TokenReport | None = None


def encoded_data(config: RunConfig, base: BaseModel, exact: bool = False) -> EncodedData:
    """Encode as the run will; `base` needs a tokenizer and no weights. Raises DataError or ModelError.

    With `exact` the whole of a large file, which takes as long as reading it.
    """
    limit = text_limit(config, base)
    data = config.data.model_copy(update={"max_tokens": DataConfig.model_fields["max_tokens"].default})
    key = _Key(data, config.seed, config.base_model, base)
    found = _encoded(key, limit, exact)
    whole = _encoded(key, NO_LIMIT, exact) if found.loses else found
    scale = found.scale
    train, held_out = found.train, found.held_out
    kept = round(train.tokens * scale) + held_out.tokens
    tokens = round(whole.train.tokens * scale) + whole.held_out.tokens
    training = config.training
    train_examples = round(train.items * scale)
    report = TokenReport(
        train_examples=train_examples,
        held_out_examples=held_out.items,
        dropped_examples=round(train.dropped * scale) + held_out.dropped,
        truncated_examples=round(train.truncated * scale) + held_out.truncated,
        tokens=tokens,
        lost_tokens=tokens - kept,
        longest=max(item.length for item in found.train_items),
        limit=limit,
        passes=training.max_steps * training.examples_per_step / train_examples,
        left_out=found.left_out,
        sample=_sample(whole) if scale != 1 else None,
    )
    return EncodedData(
        train=found.train_items,
        held_out=found.held_out_items,
        left_out=found.left_out,
        remarks=found.remarks,
        rows=found.rows,
        report=report,
    )


def _sample(whole: _Encoded) -> LengthSample:
    train = whole.train
    mean = train.tokens / train.items
    spread = math.sqrt(max(train.squares / train.items - mean**2, 0.0))
    margin = NORMAL_95 * spread / math.sqrt(train.items)
    return LengthSample(examples=train.items, of=round(train.items * whole.scale), mean=mean, margin=margin)


def guessed_data(config: RunConfig, base: BaseModel) -> EncodedData:
    """Examples of about the right lengths, for a model whose tokenizer is not here. Raises DataError or ModelError."""
    split = load_split(config.data, config.seed)
    limit = text_limit(config, base)
    known = split.train[:SAMPLE_EXAMPLES] if split.stream else split.train
    train, held_out = ([_guessed(item, base, limit) for item in part] for part in (known, split.held_out))
    rows = split.stream.rows_looked_at if split.stream else None
    return EncodedData(train=train, held_out=held_out, left_out=split.left_out, remarks=check_split(split), rows=rows)


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


@dataclass
class _Lengths:
    """Sums over the examples of one part."""

    items: int = 0
    dropped: int = 0
    truncated: int = 0
    tokens: int = 0
    squares: int = 0  # of tokens

    def add(self, encoded: EncodedSplit) -> None:
        lengths = [item.length for item in encoded.items]
        self.items += len(lengths)
        self.dropped += encoded.dropped
        self.truncated += encoded.truncated
        self.tokens += sum(lengths)
        self.squares += sum(length**2 for length in lengths)


@dataclass
class _Encoded:
    """`scale`: how many examples there are for each that was encoded."""

    train_items: Sequence[Item]
    held_out_items: Sequence[Item]
    left_out: LeftOut
    remarks: Sequence[Remark]
    rows: int | None
    scale: float
    train: _Lengths = field(default_factory=_Lengths)
    held_out: _Lengths = field(default_factory=_Lengths)

    @property
    def loses(self) -> bool:
        return any(part.dropped or part.truncated for part in (self.train, self.held_out))


@lru_cache(maxsize=4)
def _encoded(key: _Key, limit: int, exact: bool) -> _Encoded:
    split = load_split(key.data, key.seed)
    stream = split.stream
    known = split.train[:SAMPLE_EXAMPLES] if stream else split.train
    train, held_out = (encode_for(key.base, part, limit) for part in (known, split.held_out))
    scale = max(stream.estimate / len(known), 1.0) if stream else 1.0
    rows = stream.rows_looked_at if stream else None
    found = _Encoded(train.items, held_out.items, split.left_out, check_split(split), rows, scale)
    found.held_out.add(held_out)
    if stream is None or not exact:
        found.train.add(train)
        return found
    found.scale = 1.0
    longest: list[Item] = []
    for encoded in ItemStream(stream, key.base, limit).one_epoch():
        found.train.add(encoded)
        longest = heapq.nlargest(LONGEST_KEPT, [*longest, *encoded.items], key=lambda item: item.length)
    found.train_items = [*train.items, *longest]
    return found


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

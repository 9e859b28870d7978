"""What of a large file is held out, told by its first rows, and how all others are trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from playground.config import DataConfig
from playground.data.columns import Row
from playground.data.content import MAX_BYTES
from playground.data.example import Example, Split, Table
from playground.data.formats.table import BadRow, Position, to_table
from playground.data.left_out import said
from playground.data.pairs import find_pairs, learn_pairs, reversed_pairs
from playground.data.rows.examples import learn
from playground.data.rows.layout import find_layout
from playground.data.rows.shuffled import shuffled_answers
from playground.data.rows.trees import unrolled
from playground.data.same import place_of, same_prompt
from playground.data.stream import file as stream_file
from playground.data.stream.bad_rows import MAX_BAD_SHARE, BadRows
from playground.data.stream.file import StreamedFile, open_streamed
from playground.data.stream.training import WINDOW_CHARACTERS, Learner, TrainingStream
from playground.errors import DataError
from playground.texts import Text

MAX_HELD_OUT = 512  # prompts
MIN_PROMPTS = 4  # two to train on, two held out
MIN_HELD_OUT = 2

TOO_FEW = Text(
    "The first {rows} rows of {file} have {count} different prompts that can be learned from; at least {minimum} are"
    " needed. Mix the rows, or check the columns.{left_out}",
    "As primeiras {rows} linhas de {file} têm {count} prompts diferentes que servem; são necessários ao menos"
    " {minimum}. Misture as linhas, ou confira as colunas.{left_out}",
)


def streamed_split(config: DataConfig, seed: int) -> Split | None:
    """The split of a file that is too large to be held, whose `train` are those of its first rows alone.

    None for a file that is read whole. Of the prompts of the first rows, those whose hash falls below the fraction are
    held out, at most 512 of them, wherever else in the file they stand. Raises DataError.
    """
    file = open_streamed(Path(config.dataset))
    if file is None:
        return None
    whole = config.model_copy(update={"max_tokens": DataConfig.model_fields["max_tokens"].default})  # asked later
    split = _split(whole, seed, *file.state)
    # What is met while it trains is each run's own.
    return split and split._replace(train=list(split.train), stream=split.stream and replace(split.stream))


@lru_cache(maxsize=2)
def _split(config: DataConfig, seed: int, _size: int, _changed_at: int) -> Split | None:
    """Kept while the file stays as it is: pre-flight, the run and the views ask one after another."""
    file = open_streamed(Path(config.dataset))
    position = Position()
    head = file and _head(file, position)
    if not file or not head:
        return None
    learner = _learner(head, config, file.name)
    if learner is None:
        return None
    examples, left_out = learner(head.rows)
    by_prompt: dict[str, list[Example]] = {}
    for example in examples:
        by_prompt.setdefault(same_prompt(example), []).append(example)
    if len(by_prompt) < MIN_PROMPTS:
        reasons = said(left_out)
        also = Text(f" {reasons.en}", f" {reasons.pt}") if reasons else ""
        values = {"rows": len(head.rows), "count": len(by_prompt), "minimum": MIN_PROMPTS}
        raise DataError(TOO_FEW, file=file.name, **values, left_out=also)
    prompts = held_out_prompts(by_prompt, config.eval_fraction, seed)
    held_out = [example for prompt in prompts for example in by_prompt.pop(prompt)]
    train = [example for group in by_prompt.values() for example in group]
    estimate = max(round(len(examples) / position.share) - len(held_out), len(train))
    if config.max_examples is not None:
        train, estimate = train[: config.max_examples], min(estimate, config.max_examples)
    train.sort(key=lambda example: place_of(example, seed))
    if config.shuffled_answers:
        train = shuffled_answers(train, seed, file.name)
    if config.both_directions:
        train += reversed_pairs(train)
        estimate *= 2
    stream = TrainingStream(
        file=file,
        learn=learner,
        held_out=frozenset(prompts),
        seed=seed,
        max_examples=config.max_examples,
        both_directions=config.both_directions,
        shuffled_answers=config.shuffled_answers,
        rows_looked_at=len(head.rows),
        estimate=estimate,
    )
    return Split(train, held_out, (), left_out, stream)


def held_out_prompts(prompts: Iterable[str], fraction: float, seed: int) -> list[str]:
    """Those whose hash falls below the fraction, lowest first: at most 512, and at least two."""
    hashes = sorted((share_of(prompt, seed), prompt) for prompt in prompts)
    below = sum(share < fraction for share, _ in hashes)
    count = min(max(below, MIN_HELD_OUT), MAX_HELD_OUT, len(hashes) - (MIN_PROMPTS - MIN_HELD_OUT))
    return [prompt for _, prompt in hashes[:count]]


def share_of(prompt: str, seed: int) -> float:
    """A number from 0 to 1 that depends on a prompt and the seed alone."""
    digest = hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def first_rows(file: StreamedFile, limit: int) -> Table:
    """The first rows that can be read."""
    return to_table(islice((row for row in file.rows() if isinstance(row, Row)), limit), file.name)


def _head(file: StreamedFile, position: Position) -> Table | None:
    """Enough rows to tell what the file holds; None where these are all and can be read whole.

    Raises DataError where more than one in a hundred cannot be read.
    """
    rows: list[Row] = []
    bad = BadRows()
    characters = 0
    for row in file.rows(position):
        bad.note(row)
        if isinstance(row, BadRow):
            if bad.count > MAX_BAD_SHARE * stream_file.WHOLE_ROWS:
                break
            continue
        rows.append(row)
        characters += row.characters()
        if len(rows) > stream_file.WHOLE_ROWS or characters > WINDOW_CHARACTERS:
            break
    else:
        if position.bytes <= MAX_BYTES:
            return None
    bad.check(file.name)
    return to_table(rows, file.name)


def _learner(head: Table, config: DataConfig, name: str) -> Learner | None:
    """What makes examples of rows like those of the head; None where rows belong to each other. Raises DataError."""
    pairs = find_pairs(head, config, name)
    if pairs is not None:
        return lambda rows: learn_pairs(Table(head.columns, list(rows)), pairs)[0]
    if not (config.prompt_column or config.completion_column) and unrolled(head) is not head:
        return None
    layout = find_layout(head, config.prompt_column, config.completion_column, name)
    return lambda rows: learn(Table(head.columns, list(rows)), layout)[0]

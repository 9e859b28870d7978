"""A run's data beside its program: what each step takes, in its order, what is held out, and prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from playground.data.batches import step_order, steps_of_like_lengths
from playground.data.encode import Encoded, Item, encode_what_fits
from playground.data.example import Example, Split
from playground.export.code.recipe import Recipe, language_tokens
from playground.model.load import BaseModel
from playground.model.pairs import encode_pairs
from playground.model.virtual_tokens import text_limit
from playground.train.encoding import as_the_model_takes_them

Row = dict[str, Any]
MOST_ROWS = 100_000  # written for training; a longer run begins with the first again
START_EXAMPLES = 8  # from which virtual tokens begin


def write_rows(recipe: Recipe, base: BaseModel, split: Split, folder: Path) -> None:
    """train.jsonl, held_out.jsonl and, where virtual tokens begin as examples, start.jsonl."""
    training, encoded = recipe.config.training, Rows(recipe, base)
    size = training.examples_per_step
    held_out = [row for row, _ in encoded.of(split.held_out)][: training.eval_examples]
    known = list(encoded.of(split.train))
    if split.stream:
        windows = (pair for window in split.stream.epochs() for pair in encoded.of(window))
        steps = steps_of_like_lengths(windows, lambda pair: pair[1], size, Random(recipe.config.seed))
        taken: Iterator[list[Row]] = ([row for row, _ in step] for step in steps)
    else:
        order = step_order([length for _, length in known], size, recipe.config.seed)
        taken = ([known[place][0] for place in step] for step in order)
    most = min(training.max_steps, max(MOST_ROWS // size, 1))
    _write(folder / "train.jsonl", (row for step in islice(taken, most) for row in step))
    _write(folder / "held_out.jsonl", held_out)
    if recipe.virtual_tokens:
        _write(folder / "start.jsonl", [row for row, _ in known[:START_EXAMPLES]])


def write_prompts(recipe: Recipe, base: BaseModel, examples: Iterable[Example], folder: Path) -> None:
    """prompts.json: what answer.py answers."""
    rows = [prompt_row(recipe, base, example) for example in examples]
    (folder / "prompts.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def prompt_row(recipe: Recipe, base: BaseModel, example: Example) -> Row:
    """An example as a program asks it."""
    if recipe.is_translation:
        assert example.languages
        return {"source": example.prompt, "languages": list(language_tokens(base, example.languages))}
    turns = example.opening
    if recipe.form == "chat":
        return {"messages": [{"role": turn.role, "content": turn.content} for turn in turns]}
    text = "".join(turn.content for turn in turns)
    return {"prompt": text if recipe.form == "tokens" else "\n".join(turn.content for turn in turns) + "\n"}


class Rows:
    """Examples as rows of a program's data, each with the number of its tokens, by which steps are made."""

    def __init__(self, recipe: Recipe, base: BaseModel) -> None:
        self.recipe, self.base = recipe, base
        self.limit = text_limit(recipe.config, base)

    def of(self, examples: Iterable[Example]) -> Iterator[tuple[Row, int]]:
        """Without those that the run left out for their length; a text that asks nothing is as many as its pieces."""
        for example in as_the_model_takes_them(self.base, list(examples)):
            for item in self._items(example):
                yield self._row(example, item), item.length

    def _items(self, example: Example) -> list[Item]:
        if self.recipe.is_translation:
            return list(encode_pairs([example], self.base, self.limit).items)
        return list(encode_what_fits([example], self.base.tokenizer, self.limit).items)

    def _row(self, example: Example, item: Item) -> Row:
        if self.recipe.form == "tokens":
            assert isinstance(item, Encoded)
            text = self.base.tokenizer.decode(item.input_ids)
            return {"text": text, "given": item.prompt_length, "tokens": item.input_ids}
        answer = "target" if self.recipe.is_translation else "completion"
        return {**prompt_row(self.recipe, self.base, example), answer: example.completion}


def _write(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

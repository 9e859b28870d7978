"""On what an adapter is measured: held-out examples of its run, general text that no run trains on, one question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.data.encode import Item
from playground.data.example import Example
from playground.data.read import general_pairs, load_split
from playground.model.load import BaseModel
from playground.model.pairs import encode_pairs
from playground.model.virtual_tokens import text_limit
from playground.precision.comparison import fixed_items
from playground.runs.folder import RunFolder
from playground.train.encoding import as_the_model_takes_them, encode_for

TASK_EXAMPLES = 32  # on which a setting is measured, and on which one is chosen
MOST_EXAMPLES = 128  # with those that report on the choice
GENERAL_PAIRS = 32  # on which a setting is measured; those that follow report on the choice
GENERAL_WINDOWS = 4  # of the fixed text: it has two for a tokenizer that knows English


@dataclass(frozen=True)
class MeasuredTexts:
    """What settings are measured on, `task` and `general`, and what takes no part in a choice and reports on it.

    `task` are the first of the examples `held_out`, `more` those that follow. `more_general` is empty where there is
    too little general text to keep some back.
    """

    task: list[Item]
    more: list[Item]
    general: list[Item]
    more_general: list[Item]
    held_out: list[Example]

    @property
    def digest(self) -> str:
        """Of all tokens a setting is measured on: what was measured on other texts is worth nothing."""
        tokens = [[vars(item) for item in items] for items in (self.task, self.more, self.general)]
        return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()


def measured_texts(folder: RunFolder, base: BaseModel) -> MeasuredTexts:
    """The texts of a run as its base reads them. Raises DataError or ModelError."""
    config = folder.config
    split = load_split(config.data, config.seed)
    held_out = list(as_the_model_takes_them(base, split.held_out[:MOST_EXAMPLES]))
    items = encode_for(base, held_out, text_limit(config, base)).items[:MOST_EXAMPLES]
    general, more_general = _general(base, held_out)
    return MeasuredTexts(list(items[:TASK_EXAMPLES]), list(items[TASK_EXAMPLES:]), general, more_general, held_out)


def _general(base: BaseModel, held_out: Sequence[Example]) -> tuple[list[Item], list[Item]]:
    """General pairs in the run's own direction where there are some, else the fixed text or pairs of the base.

    Those to measure, and those to keep back.
    """
    languages: Any = held_out[0].languages
    if base.task != "seq2seq_lm":
        return fixed_items(base)[:GENERAL_WINDOWS], []
    pairs = general_pairs(languages) if languages else []
    items = list(encode_pairs(pairs, base, base.context_tokens).items) if pairs else fixed_items(base)
    return items[:GENERAL_PAIRS], items[GENERAL_PAIRS:]

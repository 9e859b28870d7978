"""The adapter with a model card, as the Hub shows one."""

from __future__ import annotations

from pathlib import Path

from playground.config import RunConfig
from playground.export.kinds import Written
from playground.export.kinds.peft import copy_adapter
from playground.export.papers.card import NAME, card
from playground.export.papers.facts import Facts, facts_of
from playground.export.papers.measured import measured
from playground.export.proof import data_hash
from playground.export.steps import Steps
from playground.export.taken import Taken
from playground.files import writable
from playground.texts import Text


def refusal(_config: RunConfig) -> Text | None:
    return None


def write(taken: Taken, folder: Path) -> Steps[Written]:
    copy_adapter(taken, folder)
    facts = yield from facts_with(taken)
    (folder / NAME).write_text(writable(card(facts)), encoding="utf-8", newline="\n")
    return Written()


def facts_with(taken: Taken) -> Steps[Facts]:
    """What the papers of a run tell, its model asked for what is not kept."""
    with taken.adapted() as (base, model):
        found = yield from measured(base, model, taken.held_out(base), taken.config)
    return facts_of(taken.folder, data_hash({"train": taken.split.train}), found)

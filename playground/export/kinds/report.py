"""The report of a run as one page, in a folder that is a static Space as well."""

from __future__ import annotations

from pathlib import Path

from playground.config import RunConfig
from playground.export.kinds import Written
from playground.export.kinds.card import facts_with
from playground.export.papers import card
from playground.export.papers.report import NAME, report, space_card
from playground.export.steps import Steps
from playground.export.taken import Taken
from playground.files import writable
from playground.texts import Text


def refusal(_config: RunConfig) -> Text | None:
    return None


def write(taken: Taken, folder: Path) -> Steps[Written]:
    facts = yield from facts_with(taken)
    (folder / NAME).write_text(writable(report(facts, taken.language)), encoding="utf-8", newline="\n")
    (folder / card.NAME).write_text(writable(space_card(facts)), encoding="utf-8", newline="\n")
    return Written(prompts=[])  # a page has no model that could be asked

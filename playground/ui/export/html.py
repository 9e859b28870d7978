"""What was taken away, and what was verified, as HTML: every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from playground.export import told
from playground.export.kinds import KINDS
from playground.export.steps import Step
from playground.export.told import STAGES
from playground.texts import Language, Text
from playground.ui.parts.progress_bar import bar_html, progress_html
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.export.send import Sent
    from playground.export.take import Exported
    from playground.export.verify import Verified

MARKS = {"identical": "✓", "equal": "✓", "different": "✗"}


def refused_html(refusals: Mapping[str, Text | None], language: Language) -> str:
    """Why a run cannot be taken away as some kinds; nothing where it can as all."""
    lines = [
        Markup("<li><b>{}</b>: {}</li>").format(KINDS[name].label.to(language), reason.to(language))
        for name, reason in refusals.items()
        if reason
    ]
    if not lines:
        return ""
    return Markup('<p class="pp-about">{}</p><ul class="pp-about">{}</ul>').format(
        t("export_refused", language), Markup("").join(lines)
    )


def step_html(step: Step, language: Language) -> str:
    """What is being done, with a bar: how much of it, or that nobody knows how much."""
    text = STAGES[step.stage].to(language)
    return progress_html(text, step.done / step.of) if step.of else f"{progress_html(text)}{bar_html(text, None)}"


def exported_html(found: Exported, name: str, language: Language) -> str:
    return _report(found.result, told.of_exported(found, name, language))


def sent_html(found: Sent, language: Language) -> str:
    return _report("equal", told.of_sent(found, language))


def verified_html(found: Verified, language: Language) -> str:
    return _report(found.result, told.of_verified(found, language))


def _report(result: str, lines: list[str]) -> str:
    first, *others = lines
    rest = Markup("").join(Markup("<p>{}</p>").format(line) for line in others)
    return Markup('<div class="pp-proof pp-proof-{}" role="status"><p><b>{} {}</b></p>{}</div>').format(
        result, MARKS[result], escape(first), rest
    )

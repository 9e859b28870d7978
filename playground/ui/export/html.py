"""What was taken away, and what was verified, as HTML: every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from playground.export.kinds import KINDS
from playground.export.parts import PART_NAMES
from playground.numbers import significant
from playground.texts import Language, Text
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


def exported_html(found: Exported, name: str, language: Language) -> str:
    """What an execution elsewhere said, and what a conversion cost."""
    kind = KINDS[found.kind].label.to(language)
    done = "export_done" if found.of else "export_done_page"
    lines = [t(done, language, kind=_capital(kind), name=name, answers=found.answers, of=found.of)]
    if found.largest_logit_difference is not None:
        lines.append(t("export_difference", language, difference=_small(found.largest_logit_difference, language)))
    if told := found.conversion:
        ends = {part: _small(getattr(told, part), language) for part in ("kl", "change", "low", "high")}
        lines.append(t("export_conversion", language, score=told.score, examples=told.examples, **ends))
    return _report(found.result, lines)


def sent_html(found: Sent, language: Language) -> str:
    """What lies on the Hub now."""
    lines = [t("export_sent", language, count=len(found.files), address=found.path)]
    lines.append(t("export_is_private" if found.is_private else "export_is_public", language))
    return _report("equal", lines)


def verified_html(found: Verified, language: Language) -> str:
    """The result, what differs, and by how much."""
    part = PART_NAMES[found.blame].to(language) if found.blame else ""
    kind = KINDS[found.kind].label.to(language)
    difference = _small(found.largest_logit_difference, language)
    told = {"name": found.name, "kind": kind, "answers": found.answers, "of": found.of, "difference": difference}
    lines = [t(f"verify_{found.result}", language, part=part)]
    lines.append(t("verify_told" if found.executed else "verify_not_executed", language, **told))
    if found.changed:
        lines.append(t("verify_changed", language, files=", ".join(found.changed[:20])))
    return _report(found.result, lines)


def _report(result: str, lines: list[str]) -> str:
    first, *others = lines
    rest = Markup("").join(Markup("<p>{}</p>").format(line) for line in others)
    return Markup('<div class="pp-proof pp-proof-{}" role="status"><p><b>{} {}</b></p>{}</div>').format(
        result, MARKS[result], escape(first), rest
    )


def _small(value: float | None, language: Language) -> str:
    return "–" if value is None else significant(value, 2, language)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

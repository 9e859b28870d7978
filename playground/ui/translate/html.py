"""Translations as HTML. Texts, names and translations come from outside: all of them are escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from playground.numbers import percent
from playground.texts import Language
from playground.translate.agreement import said_agreements
from playground.ui.compare.html import MARKS_CSS, Marks, column_label, diff_html
from playground.ui.parts.progress_bar import bar_html, progress_html
from playground.ui.parts.tables import html_table
from playground.ui.texts import t
from playground.ui.train.live.html import warnings_html

if TYPE_CHECKING:
    from playground.translate.text import Row, Translated, TranslateUpdate

# A page with thousands of rows would be slow to build and of no use; the downloads have them all.
SHOWN_ROWS = 100

# Of what looks wrong with a translation.
BADGE_CSS = """
.badge { padding: 1px 8px; border-radius: 999px; border: 1px solid #b7791f; color: var(--body-text-color);
  background: rgba(183, 121, 31, .16); font-size: var(--text-xs); }
"""
# Scoped to its component by gr.HTML, beside the rules of tables and of the comparison's answers.
TRANSLATION_CSS = (
    MARKS_CSS
    + BADGE_CSS
    + """
table.grid th, table.grid td { min-width: 14em; font-size: var(--text-md); }
table.grid tbody th { font-weight: 400; }
.sure { display: flex; align-items: center; gap: .5em; margin-top: .3em; font-size: var(--text-xs); flex-wrap: wrap;
  color: var(--body-text-color-subdued); }
.sure .track { flex: 0 0 72px; height: 6px; border-radius: 999px; background: var(--border-color-primary);
  overflow: hidden; }
.sure .track i { display: block; height: 100%; border-radius: 999px; background: #0f766e; }
.sure .track i.half { background: #b7791f; }
.sure .track i.low { background: #b42318; }
.badge { cursor: help; }
.more { color: var(--body-text-color-subdued); }
"""
)


def translation_html(update: TranslateUpdate, marks: Marks, only_suspicious: bool, language: Language) -> str:
    """A table with a row for each sentence or line, and a column a model."""
    rows = [row for row in update.rows if not only_suspicious or is_suspicious(row)]
    labels = [column_label(column, language) for column in update.columns]
    cells = ([_source(row), *_cells(row, marks, language)] for row in rows[:SHOWN_ROWS])
    table = html_table([t("translate_sentence", language), *labels], cells)
    if len(rows) > SHOWN_ROWS:
        more = t("translate_first_rows", language, shown=SHOWN_ROWS, count=len(rows))
        table += Markup('<p class="more">{}</p>').format(more)
    return str(table)


def is_suspicious(row: Row) -> bool:
    return any(made and made.badges for made in row.translations)


def status_html(update: TranslateUpdate, language: Language, *, goes_on: bool) -> str:
    """How far a translation is, or how it ended, and what was found; the bar goes once everything is there."""
    key = "translate_working" if goes_on else "translate_done" if update.is_final else "translate_stopped"
    text = t(key, language, done=update.done, total=update.total)
    if suspicious := sum(map(is_suspicious, update.rows)):
        text = f"{text} {t('translate_suspicious', language, count=suspicious)}"
    warnings = warnings_html([column.warning.to(language) for column in update.columns if column.warning])
    said = [Markup("<p>{}</p>").format(text.to(language)) for text in said_agreements(update)]
    agreements = Markup("").join(said)
    bar = "" if update.is_final else bar_html(text, update.done / max(update.total, 1))
    return f"{progress_html(text)}{agreements}{warnings}{bar}"


def _source(row: Row) -> Markup:
    return Markup('<p dir="auto">{}</p>').format(row.source)


def _cells(row: Row, marks: Marks, language: Language) -> list[Markup]:
    base = row.translations[0]
    return [
        _cell(made, base.text if base and number > 0 else None, marks, language)
        for number, made in enumerate(row.translations)
    ]


def _cell(made: Translated | None, base: str | None, marks: Marks, language: Language) -> Markup:
    if made is None:
        return Markup("…")
    text = _marked(made.text, base, marks)
    if not made.text.strip():
        text = Markup("<em>{}</em>").format(t("translate_empty", language))
    return Markup('<p dir="auto">{}</p>{}').format(text, _sureness(made, language))


def _marked(text: str, base: str | None, marks: Marks) -> Markup:
    # A comparison word by word takes the square of the length; a long text is shown as it is.
    if not base or marks == "none" or len(text) > 4000 or len(base) > 4000:
        return Markup("{}").format(text)
    return diff_html(base, text, removed=marks == "both")


def _sureness(made: Translated, language: Language) -> Markup:
    width = round(100 * made.confidence)
    kind = "low" if width < 40 else "half" if width < 60 else "high"
    meter = Markup(
        '<span class="track" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{}" aria-label="{}">'
        '<i class="{}" style="width: {}%"></i></span><span title="{}">{}</span>'
    )
    name = t("translate_confidence", language)
    badges = Markup("").join(_badge(badge, language) for badge in made.badges)
    return Markup('<div class="sure">{}{}</div>').format(
        meter.format(width, name, kind, width, name, percent(made.confidence, 0, language)), badges
    )


def _badge(name: str, language: Language) -> Markup:
    from playground.translate.suspicion import BADGES

    badge = BADGES[name]
    return Markup('<span class="badge" title="{}">{}</span>').format(badge.help.to(language), badge.label.to(language))

"""Translations as HTML. Texts, names and translations come from outside: all of them are escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from playground.texts import Language
from playground.ui.compare_view import Marks, column_label, diff_html
from playground.ui.strings import t

if TYPE_CHECKING:
    from playground.measure.translations import Row, Translated, TranslateUpdate

# A page with thousands of rows would be slow to build and of no use; the downloads have them all.
SHOWN_ROWS = 100
SHOWN_CHARACTERS = 20_000

# Scoped to its component by gr.HTML, beside the rules of the comparison's answers.
TRANSLATION_CSS = """
.sure { display: flex; align-items: center; gap: .5em; margin-top: .35em; font-size: var(--text-xs);
  color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; flex-wrap: wrap; }
.sure .track { flex: 0 0 72px; height: 6px; border-radius: 999px; background: var(--border-color-primary);
  overflow: hidden; }
.sure .track i { display: block; height: 100%; border-radius: 999px; background: #0f766e; }
.sure .track i.half { background: #b7791f; }
.sure .track i.low { background: #b42318; }
.badge { padding: 1px 8px; border-radius: 999px; border: 1px solid #b7791f; color: var(--body-text-color);
  background: rgba(183, 121, 31, .16); cursor: help; }
.whole { margin-bottom: 1.2em; }
.answers h3 { margin: 0; font-size: var(--text-md); }
.more { color: var(--body-text-color-subdued); margin: 0; }
"""


def translation_html(update: TranslateUpdate, marks: Marks, only_suspicious: bool, language: Language) -> str:
    """The whole text in each column, then one group a sentence or line."""
    rows = [row for row in update.rows if not only_suspicious or is_suspicious(row)]
    parts = [_whole(update, marks, language)] if len(update.rows) > 1 and not only_suspicious else []
    parts += [_heading(t("translate_sentences", language))] if parts else []
    parts += [_row(row, update, marks, language) for row in rows[:SHOWN_ROWS]]
    if len(rows) > SHOWN_ROWS:
        more = t("translate_first_rows", language, shown=SHOWN_ROWS, count=len(rows))
        parts.append(Markup('<p class="more">{}</p>').format(more))
    return str(Markup('<div class="answers">{}</div>').format(Markup("").join(parts)))


def is_suspicious(row: Row) -> bool:
    return any(made and made.badges for made in row.translations)


def progress_html(update: TranslateUpdate, text: str, language: Language) -> str:
    """The status line with a bar; the bar goes once everything is there."""
    suspicious = sum(map(is_suspicious, update.rows))
    if suspicious:
        text = f"{text} {t('translate_suspicious', language, count=suspicious)}"
    line = Markup('<p role="status">{}</p>').format(text)
    if update.is_final:
        return str(line)
    percent = 100 * update.done // max(update.total, 1)
    return str(line + Markup('<div class="pp-bar"><div style="width: {}%"></div></div>').format(percent))


def _heading(text: str) -> Markup:
    return Markup("<h3>{}</h3>").format(text)


def _whole(update: TranslateUpdate, marks: Marks, language: Language) -> Markup:
    columns = []
    for number, (column, text) in enumerate(zip(update.columns, update.texts, strict=True)):
        short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + " …"
        shown = _marked(short, None if number == 0 else update.texts[0], marks)
        label = column_label(column, language)
        columns.append(Markup('<article><h4>{}</h4><p class="answer" dir="auto">{}</p></article>').format(label, shown))
    head = Markup("<p><strong>{}</strong></p>").format(t("translate_whole", language))
    return Markup(
        '<section class="whole"><header>{}</header><div class="columns" tabindex="0">{}</div></section>'
    ).format(head, Markup("").join(columns))


def _row(row: Row, update: TranslateUpdate, marks: Marks, language: Language) -> Markup:
    base = row.translations[0]
    columns = Markup("").join(
        _column(column_label(column, language), made, None if number == 0 else base, marks, language)
        for number, (column, made) in enumerate(zip(update.columns, row.translations, strict=True))
    )
    return Markup(
        '<section><header><p dir="auto">{}</p></header><div class="columns" tabindex="0">{}</div></section>'
    ).format(row.source or " ", columns)


def _column(label: str, made: Translated | None, base: Translated | None, marks: Marks, language: Language) -> Markup:
    if made is None:
        return Markup('<article><h4>{}</h4><p class="answer">…</p></article>').format(label)
    text = _marked(made.text, base.text if base else None, marks)
    if not made.text.strip():
        text = Markup("<em>{}</em>").format(t("translate_empty", language))
    return Markup('<article><h4>{}</h4><p class="answer" dir="auto">{}</p>{}</article>').format(
        label, text, _sureness(made, language)
    )


def _marked(text: str, base: str | None, marks: Marks) -> Markup:
    # A comparison word by word takes the square of the length; a long text is shown as it is.
    if not base or marks == "none" or len(text) > 4000 or len(base) > 4000:
        return Markup("{}").format(text)
    return diff_html(base, text, removed=marks == "both")


def _sureness(made: Translated, language: Language) -> Markup:
    percent = round(100 * made.confidence)
    kind = "low" if percent < 40 else "half" if percent < 60 else "high"
    meter = Markup(
        '<span class="track" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{}" aria-label="{}">'
        '<i class="{}" style="width: {}%"></i></span><span title="{}">{} %</span>'
    )
    name = t("translate_confidence", language)
    badges = Markup("").join(_badge(badge, language) for badge in made.badges)
    return Markup('<div class="sure">{}{}</div>').format(
        meter.format(percent, name, kind, percent, name, percent), badges
    )


def _badge(name: str, language: Language) -> Markup:
    from playground.measure.suspicion import BADGES

    badge = BADGES[name]
    return Markup('<span class="badge" title="{}">{}</span>').format(badge.help.to(language), badge.label.to(language))

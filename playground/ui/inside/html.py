"""Settings of an adapter's knobs as HTML. Answers and names are text from outside: all of it is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from playground.inside.knobs import turned
from playground.numbers import decimal
from playground.texts import Language, Text
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import html_table
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.inside.knobs import Setting
    from playground.inside.look import Look
    from playground.inside.recommend import Recommendation
    from playground.inside.sweep import Point, Sweep

HEADERS = ("setting", "task_loss", "general_loss", "kl", "source")
ANSWER_CSS = """
.inside-answer { border: 1px solid var(--border-color-primary); border-radius: 8px; padding: .6em .9em; }
.inside-answer p { margin: 0 0 .6em; white-space: pre-wrap; overflow-wrap: anywhere; }
.inside-answer h4 { margin: .3em 0; font-size: var(--text-sm); color: var(--body-text-color-subdued); }
"""


def effects_html(sweep: Sweep, setting: Setting, here: Look | Point | None, language: Language) -> str:
    """Base, setting and strength 1; `here` is measured (a Look), between points, or not known."""
    rows = [_row(t("inside_base", language), sweep.base, t("inside_is_measured", language), language)]
    if not setting.is_adapter and not setting.is_base:
        rows.append(_setting_row(setting, here, language))
    rows.append(_row(t("inside_adapter", language), sweep.adapter, t("inside_is_measured", language), language))
    caption = t("inside_caption", language, count=sweep.task_examples)
    if sweep.base.general_loss is None:
        caption = f"{caption} {t('inside_no_general', language)}"
    table = html_table([t(f"inside_{name}", language) for name in HEADERS], rows, caption=caption)
    note = Markup("<p>{}</p>").format(Text(*sweep.note).to(language)) if sweep.note else ""
    return str(table + note)


def _setting_row(setting: Setting, here: Look | Point | None, language: Language) -> list[object]:
    label = turned(setting.to_values(), language)
    if here is None:
        return [label, "–", "–", "–", t("inside_not_between", language)]
    source = "inside_is_measured" if hasattr(here, "answer") else "inside_is_between"
    return _row(label, here, t(source, language), language)


def _row(label: str, values: Look | Point, source: str, language: Language) -> list[object]:
    return [label, *figures(values, language), source]


def figures(values: Look | Point, language: Language) -> list[str]:
    """Loss on the task and on general text, and KL from the base, as the table writes them."""
    return [decimal(value, 4, language) for value in (values.task_loss, values.general_loss, values.kl)]


def answer_html(sweep: Sweep, here: Look | None, language: Language) -> str:
    """One held-out example, answered by the base, at the setting and at strength 1."""
    said = [(t("inside_base", language), sweep.base_answer)]
    if here is not None and here.knobs and here.answer is not None:
        label = turned(here.knobs, language)
        said.append((label, here.answer))
    said.append((t("inside_adapter", language), sweep.adapter_answer))
    parts = Markup("").join(Markup("<h4>{}</h4><p>{}</p>").format(label, text) for label, text in said)
    title = t("inside_answer", language)
    return str(
        Markup('<section class="inside-answer"><h3>{}</h3><p>{}</p>{}</section>').format(title, sweep.prompt, parts)
    )


def recommendation_html(found: Recommendation, language: Language) -> str:
    """What is recommended and what was found of it on other examples; or why nothing is."""
    if found.setting is None:
        return progress_html(found.reason.to(language) if found.reason else "")
    if found.setting.is_adapter:
        lines = [t("inside_advice_same", language, tried=found.tried)]
    else:
        forgets = "inside_advice_distance" if found.is_by_distance else "inside_advice_forgets"
        lines = [
            t("inside_advice_other", language, setting=turned(found.setting.to_values(), language)),
            t(forgets, language, here=found.forgets, adapter=found.adapter_forgets),
        ]
        if found.saved is not None:
            key = "inside_advice_slight" if found.may_save_nothing else "inside_advice_saved"
            lines.append(t(key, language, count=found.general_texts, low=found.saved[0], high=found.saved[1]))
        if (told := found.reported) is not None:
            values = {"task": told.task_loss, "adapter": told.adapter_task_loss, "low": told.low, "high": told.high}
            lines.append(t("inside_advice_reported", language, examples=told.examples, **values))
            lines += [] if told.holds else [t("inside_advice_fails", language)]
    return progress_html(" ".join(lines))

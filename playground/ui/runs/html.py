"""Chosen runs as HTML: their errors, the settings in which they differ, the question before they are deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from playground.runs.info import RunInfo
from playground.texts import Language
from playground.ui.parts.tables import html_table
from playground.ui.runs.table import setting
from playground.ui.texts import t


def failures_html(failed: Iterable[RunInfo], language: Language) -> str:
    line = Markup('<p role="alert"><strong>✗ {}</strong> {}</p>')
    return "".join(
        line.format(
            t("runs_damaged" if info.status == "damaged" else "runs_failed", language, name=info.name),
            info.error_pt if language == "pt" else info.error,
        )
        for info in failed
    )


def differences_html(names: Sequence[str], rows: Iterable[tuple[str, Sequence[object]]], language: Language) -> str:
    """One row a setting in which the runs called `names` differ."""
    cells = [[name, *(setting(value, language) for value in values)] for name, values in rows]
    if not cells:
        return str(Markup("<p>{}</p>").format(t("runs_no_differences", language)))
    headers = [t("runs_setting", language), *names]
    return str(html_table(headers, cells, caption=t("runs_differences", language)))


def delete_html(names: Sequence[str], language: Language) -> str:
    items = Markup("").join(Markup("<li>{}</li>").format(name) for name in names)
    question = t("runs_delete_ask", language, count=len(names))
    return str(Markup("<p><strong>{}</strong></p><ul>{}</ul>").format(question, items))

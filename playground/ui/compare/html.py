"""A comparison as HTML. Prompts, names and answers are text from outside: all of it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import gradio as gr
from markupsafe import Markup

from playground.numbers import decimal
from playground.texts import Language
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import html_table
from playground.ui.texts import t
from playground.ui.train.live.html import warnings_html

if TYPE_CHECKING:
    from playground.compare.adapters import Column
    from playground.compare.answers import CompareUpdate

Marks = Literal["added", "both", "none"]

# Of words that were added or lost, wherever answers are compared: with enough contrast on the light and the dark page.
MARKS_CSS = """
ins { background: rgba(0, 158, 115, .22); text-decoration: underline; text-underline-offset: 2px; }
del { background: rgba(213, 94, 0, .18); opacity: .85; }
"""
# Scoped to its component by gr.HTML.
ANSWERS_CSS = (
    MARKS_CSS
    + """
.answers { display: grid; gap: 1.2em; }
.answers section { border: 1px solid var(--border-color-primary); border-radius: 8px; overflow: hidden; }
.answers header { padding: .6em .9em; background: var(--background-fill-secondary); }
.answers header p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.answers header p + p { margin-top: .4em; color: var(--body-text-color-subdued); }
.answers .columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(15em, 1fr); overflow-x: auto; }
.answers article { padding: .6em .9em; border-left: 1px solid var(--border-color-primary); }
.answers article:first-child { border-left: none; }
.answers h3 { margin: 0 0 .3em; font-size: var(--text-sm); color: var(--body-text-color-subdued);
  overflow-wrap: anywhere; }
.answers .answer { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
)


def marks_picker(room: str, language: Language) -> gr.Radio:
    """Which of those words are marked; shown once there is something to compare."""
    choices = [(t(f"compare_marks_{name}", language), name) for name in ("added", "both", "none")]
    label = t("compare_marks", language)
    return gr.Radio(choices, value="added", label=label, visible=False, elem_id=f"{room}-marks")


def column_label(column: Column, language: Language) -> str:
    return t("compare_base_column", language) if column.run_id is None else column.label


def status_html(update: CompareUpdate, language: Language) -> str:
    """How far a comparison is."""
    total = len(update.prompts) * len(update.columns)
    done = sum(bool(answer) for row in update.answers for answer in row)
    line = progress_html(t("compare_done" if update.is_final else "compare_writing", language, done=done, total=total))
    return line + warnings_html([column.warning.to(language) for column in update.columns if column.warning])


def answers_html(update: CompareUpdate, marks: Marks, language: Language) -> str:
    """One group a prompt: the prompt, its reference, and one column a model."""
    sections = (_section(update, index, marks, language) for index in range(len(update.prompts)))
    return str(Markup('<div class="answers">{}</div>').format(Markup("").join(sections)))


def _section(update: CompareUpdate, index: int, marks: Marks, language: Language) -> Markup:
    reference = update.references[index] if index < len(update.references) else None
    answers = update.answers[index]
    head = Markup("<p><strong>{}:</strong> {}</p>").format(t("compare_prompt", language), update.prompts[index])
    if reference:
        head += Markup("<p><strong>{}:</strong> {}</p>").format(t("compare_reference", language), reference)
    columns = Markup("").join(
        _answer(column_label(column, language), answer, None if number == 0 else answers[0], update, marks, language)
        for number, (column, answer) in enumerate(zip(update.columns, answers, strict=True))
    )
    return Markup('<section><header>{}</header><div class="columns" tabindex="0">{}</div></section>').format(
        head, columns
    )


def _answer(
    label: str, answer: str, base: str | None, update: CompareUpdate, marks: Marks, language: Language
) -> Markup:
    if not answer:
        text = Markup("<em>{}</em>").format(t("compare_empty_answer", language) if update.is_final else "…")
    elif base is None or marks == "none" or not base:
        text = Markup("{}").format(answer)
    else:
        text = diff_html(base, answer, removed=marks == "both")
    return Markup('<article><h3>{}</h3><p class="answer">{}</p></article>').format(label, text)


def diff_html(base: str, other: str, *, removed: bool) -> Markup:
    """`other` with <ins> around words that `base` lacks and, if `removed`, <del> around those it lost."""
    from playground.compare.diff import word_diff

    tags = {"added": Markup("<ins>{}</ins>"), "removed": Markup("<del>{}</del>"), None: Markup("{}")}
    parts = [(text, kind) for text, kind in word_diff(base, other) if removed or kind != "removed"]
    return Markup("").join(tags[kind].format(text) for text, kind in parts)


def scores_html(update: CompareUpdate, language: Language) -> str:
    """One row a score, one column a model, the best of a row marked; nothing before there is a score."""
    from playground.compare.metrics import label_of

    names = list(dict.fromkeys(name for column in update.scores for name in column))
    if not names:
        return ""
    headers = [t("compare_score", language), *(column_label(column, language) for column in update.columns)]
    rows = [[label_of(name).to(language), *_score_cells(name, update.scores, language)] for name in names]
    return str(html_table(headers, rows, caption=t("compare_scores", language)))


def chart(update: CompareUpdate, language: Language) -> gr.Plot:
    """The scores as bars; hidden before there is one."""
    from playground.compare.charts import score_figure
    from playground.compare.metrics import label_of

    columns = [column_label(column, language) for column in update.columns]
    labelled = [{label_of(name).to(language): value for name, value in column.items()} for column in update.scores]
    if not any(labelled):
        return gr.Plot(visible=False)
    return gr.Plot(value=score_figure(columns, labelled, language), visible=True)


def _score_cells(name: str, scores: Sequence[dict[str, float]], language: Language) -> list[str | Markup]:
    from playground.compare.metrics import is_better

    known = [column[name] for column in scores if name in column]
    cells: list[str | Markup] = []
    for column in scores:
        text = decimal(column.get(name), 2, language)
        beaten = name not in column or any(is_better(name, other, column[name]) for other in known)
        tied = len(set(known)) < 2
        best = Markup('<strong>{} <span title="{}">★</span></strong>').format(text, t("compare_best", language))
        cells.append(text if beaten or tied else best)
    return cells

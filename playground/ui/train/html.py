"""The small texts of the Train tab as HTML; names of files and models are escaped."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.catalog.methods import METHODS
from playground.service import TokenPreview
from playground.texts import Language
from playground.ui.texts import t


def heading(key: str, language: Language) -> None:
    gr.HTML(f'<h3 class="pp-heading">{t(key, language)}</h3>', padding=False)


def about_method(method: str, language: Language) -> str:
    spec = METHODS[method]
    words = html.escape(t("method_when", language, when=spec.when.to(language)))
    link = f'<a href="{spec.paper_url}" target="_blank" rel="noopener noreferrer">{html.escape(spec.paper)}</a>'
    return f"<b>{html.escape(spec.label)}</b> · {words} {link}"


def about_dataset(dataset: str | None, language: Language) -> str:
    dataset = dataset or ""
    card = DATASETS.get(dataset)
    return html.escape(f"{card.summary.to(language)} · {card.licence}") if card else html.escape(shown_dataset(dataset))


def rows(table: Any) -> dict[str, Any]:
    cells = [[str(row.get(column, "")) for column in table.columns] for row in table.rows]
    return {"headers": table.columns, "data": cells}


def marked(preview: TokenPreview, language: Language) -> list[tuple[str, str | None]]:
    learned = t("preview_learned", language)
    return [(text, learned if carries_loss else None) for text, carries_loss in preview.tokens]


def position(preview: TokenPreview, language: Language) -> str:
    """Which example is shown, and what of the data set is none."""
    position = t("preview_position", language, number=preview.index + 1, count=preview.examples)
    left_out = f" · {preview.left_out.to(language)}" if preview.left_out else ""
    return html.escape(position + left_out)

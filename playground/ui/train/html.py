"""The small texts of the Train tab as HTML; names of files and models are escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.catalog.methods import METHODS, Group
from playground.catalog.models import MODELS
from playground.errors import Problem
from playground.numbers import byte_size, compact
from playground.service import TokenPreview
from playground.texts import Language
from playground.ui.feedback import for_visitor
from playground.ui.texts import t
from playground.ui.train.choices import methods_left_out, wider

if TYPE_CHECKING:
    from playground.model.sources.hub import HubModel


def included_html(base_model: str, language: Language) -> str:
    """Of a listed model, without asking anybody; empty for any other."""
    card = MODELS.get(base_model)
    if card is None:
        return ""
    parameters = t("model_parameters", language, count=compact(card.parameters, language))
    words = [card.summary.to(language), card.origin.to(language), parameters, card.licence]
    if card.weights and card.included:
        words.append(card.weights.to(language))
    return html.escape(" · ".join(words))


def hub_html(base_model: str, model: HubModel | None, language: Language) -> str:
    """What a download brings; None: it is here already."""
    if model is None:
        return html.escape(t("model_here", language, model=base_model))
    words = [
        t("model_download", language, size=byte_size(model.bytes, language)),
        t("hub_licence", language, licence=model.licence or t("licence_not_said", language)),
        t("model_gated" if model.gated else "model_not_gated", language),
    ]
    if model.hub_id != base_model:
        words.append(t("model_renamed", language, name=model.hub_id))
    return html.escape(" · ".join(words))


def about_method(method: str, language: Language) -> str:
    spec = METHODS[method]
    words = html.escape(t("method_when", language, when=spec.when.to(language)))
    link = f'<a href="{spec.paper_url}" target="_blank" rel="noopener noreferrer">{html.escape(spec.paper)}</a>'
    return f"<b>{html.escape(spec.label)}</b> · {words} {link}"


def left_out_html(base_model: str | None, group: Group, language: Language) -> str:
    """The methods of the groups shown that cannot train this model, and what PEFT says of each."""
    left_out = [(spec, reason) for spec, reason in methods_left_out(base_model) if wider(group, spec.name) == group]
    if not left_out:
        return ""
    rows = "".join(f"<li><b>{html.escape(spec.label)}</b>: {html.escape(reason)}</li>" for spec, reason in left_out)
    return f"<details><summary>{html.escape(t('methods_left_out', language))}</summary><ul>{rows}</ul></details>"


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


def filled_html(name: str, left_out: Sequence[Problem], language: Language) -> str:
    """Whose settings the form shows, and every one that it does not, with the reason."""
    begin = Markup('<p role="status">{}</p>').format(t("filled_from", language, name=name))
    if not left_out:
        return str(begin)
    rows = Markup("").join(Markup("<li>{}</li>").format(for_visitor(problem.to(language))) for problem in left_out)
    missing = Markup('<div role="alert"><p>⚠ {}</p><ul>{}</ul></div>').format(t("filled_without", language), rows)
    return str(begin + missing)

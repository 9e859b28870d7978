"""What a base model brings, said before anything is downloaded: its size, its licence, and whose weights they are."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import gradio as gr

from playground.catalog.models import MODELS
from playground.errors import PlaygroundError
from playground.numbers import byte_size, compact
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, error_html
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.model.sources.hub import HubModel


def build(language: Language) -> gr.HTML:
    first = next(iter(MODELS))
    return gr.HTML(included_html(first, language), elem_id="pp-model-about", elem_classes="pp-about", padding=False)


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


def wire(about: gr.HTML, base_model: gr.Dropdown, playground: Playground, language: Language) -> None:
    def show(name: str | None) -> str:
        name = (name or "").strip()
        card = MODELS.get(name)
        if not name or (card is not None and card.included):
            return included_html(name, language)
        try:
            found = hub_html(name, playground.to_download(name), language)
        except PlaygroundError as error:
            return f'<span class="pp-warning">{error_html(error, language)}</span>'
        return found if card is None else f"{included_html(name, language)}<br>{found}"

    base_model.change(show, base_model, about, **PAST_QUEUE)

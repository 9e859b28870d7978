"""Pickers of models and of runs. `name` is that of their texts, with `_help` after it, and of their element."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr

from playground.catalog.datasets import DATASETS
from playground.catalog.models import MODELS, ModelCard
from playground.config import RunConfig
from playground.runs.info import RunInfo
from playground.texts import Language
from playground.ui.runs.table import method_label
from playground.ui.texts import t

MAX_ADAPTERS = 3


def model_picker(name: str, cards: Iterable[ModelCard], language: Language, **place: Any) -> gr.Dropdown:
    """A listed model, the first one to begin with, or any other by its name."""
    choices = [(card.label, card.name) for card in cards]
    return gr.Dropdown(
        choices, value=choices[0][1], allow_custom_value=True, elem_id=name.replace("_", "-"),
        label=t(name, language), info=t(f"{name}_help", language), **place,
    )  # fmt: skip


def run_picker(name: str, language: Language, **place: Any) -> gr.Dropdown:
    """Runs whose adapters stand beside their base; `run_choices` says which there are."""
    return gr.Dropdown(
        [], value=[], multiselect=True, max_choices=MAX_ADAPTERS, elem_id=name.replace("_", "-"),
        label=t(name, language), info=t(f"{name}_help", language), **place,
    )  # fmt: skip


def run_choices(usable: Iterable[RunInfo], chosen: list[str], language: Language, **changes: Any) -> gr.Dropdown:
    """The runs to choose from; what was chosen stays as far as it is one of them."""
    labels = {info.run_id: run_label(info, language) for info in usable}
    return gr.Dropdown(
        choices=[(label, run_id) for run_id, label in labels.items()],
        value=[run_id for run_id in chosen if run_id in labels],
        multiselect=True,
        max_choices=MAX_ADAPTERS,
        **changes,
    )


def run_label(info: RunInfo, language: Language) -> str:
    return f"{info.name} · {method_label(info.method)} · {t(f'runs_status_{info.status}', language)}"


def is_translation(config: RunConfig) -> bool:
    """Whether a run may be one of translation, as far as its settings tell; the data itself is not read."""
    model, dataset = MODELS.get(config.base_model), DATASETS.get(config.data.dataset)
    return all(card is None or card.task == "seq2seq_lm" for card in (model, dataset))

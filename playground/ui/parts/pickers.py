"""Pickers of models and of runs. `name` is that of their texts, with `_help` after it, and of their element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def run_choices(
    usable: Iterable[RunInfo], chosen: list[str], language: Language, *, are_shown: bool = True, **changes: Any
) -> gr.Dropdown:
    """The runs to choose from; what was chosen stays as far as it is one of them.

    `are_shown` says that the picker shows the chosen ones already, and is not to choose them now.
    """
    labels = {info.run_id: run_label(info, language) for info in usable}
    choices = [(label, run_id) for run_id, label in labels.items()]
    kept = [run_id for run_id in chosen if run_id in labels]
    return offer(choices, chosen if are_shown else None, kept, multiselect=True, **changes)


def offer(choices: Sequence[str] | Sequence[tuple[str, str]], shown: Any, right: Any, **changes: Any) -> gr.Dropdown:
    """The choices, and the `right` one of them where it is not the one that is `shown` already.

    A value that was right is not sent back: while the answer was on its way, the visitor may have chosen another.
    """
    if (right or None) != (shown or None):
        changes["value"] = right
    return gr.Dropdown(choices=list(choices), **changes)


def run_label(info: RunInfo, language: Language) -> str:
    return f"{info.name} · {method_label(info.method)} · {t(f'runs_status_{info.status}', language)}"


def is_translation(config: RunConfig) -> bool:
    """Whether a run may be one of translation, as far as its settings tell; the data itself is not read."""
    model, dataset = MODELS.get(config.base_model), DATASETS.get(config.data.dataset)
    return all(card is None or card.task == "seq2seq_lm" for card in (model, dataset))

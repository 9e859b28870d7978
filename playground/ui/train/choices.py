"""What the inputs of a form are called, what their lists offer, and which of it goes together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.catalog.languages import language_name
from playground.catalog.methods import GROUPS, METHODS, Group, MethodSpec
from playground.catalog.models import MODELS
from playground.catalog.resolve import task_for, why_not
from playground.errors import ModelError
from playground.runs.trackers import LABELS, is_installed
from playground.texts import Language
from playground.ui.texts import STRINGS, t

DEFAULT_METHOD = "lora"
DEFAULT_DATASET = "notes-to-json"
SCHEDULES = ("linear", "cosine", "constant")


def words(name: str, language: Language) -> dict[str, Any]:
    """What an input is called, and what it is for."""
    return {"label": t(f"{name}_label", language), "info": t(f"{name}_help", language)}


def model_choices() -> list[tuple[str, str]]:
    return [(card.label, card.name) for card in MODELS.values()]


def chosen_model(value: str | None) -> str:
    """The model that a dropdown names. Raises ModelError for none."""
    if not (name := (value or "").strip()):
        raise ModelError(STRINGS["needs_model"])
    return name


def task_of_form(base_model: str | None, source_language: str | None) -> str:
    """causal_lm or seq2seq_lm, as `playground.catalog.resolve.task_of` decides it."""
    return task_for(base_model or "", bool(source_language))


def may_translate(base_model: str | None) -> bool:
    """Whether languages make sense; a model typed by hand may be of any kind."""
    card = MODELS.get(base_model or "")
    return card is None or card.task == "seq2seq_lm"


def dataset_choices(
    dataset: str | None, base_model: str | None, language: Language, current: str | None = None
) -> list[tuple[str, str]]:
    """(label, value) of the data sets: files of the visitor's own, those made for this kind of model, the others.

    None is ever taken away: a call that is on its way while the model changes still holds the old choice, and
    Gradio refuses what is not on the list.
    """
    model = MODELS.get(base_model or "")
    cards = sorted(DATASETS.values(), key=lambda card: model is not None and card.task != model.task)
    own = dict.fromkeys(name for name in (dataset, current) if name and name not in DATASETS)
    return [*((shown_dataset(name), name) for name in own), *((card.label.to(language), card.name) for card in cards)]


def language_choices(codes: Sequence[str], ui: Language) -> list[tuple[str, str]]:
    """By name, in the page's language."""
    return sorted((language_name(code, ui), code) for code in codes)


def group_choices(language: Language) -> list[tuple[str, str]]:
    return [(label.to(language), group) for group, label in GROUPS.items()]


def wider(group: Group, method: str) -> Group:
    """`group`, or the one that it takes to show `method`."""
    order = list(GROUPS)
    return max(group, METHODS[method].group, key=order.index)


def method_choices(language: Language, group: Group, base_model: str | None, current: str) -> list[tuple[str, str]]:
    """The methods of a group and of those before it that can train the model, and in any case the `current` one.

    Two lines each: the theme shows the first one as the card's title.
    """
    card = MODELS.get(base_model or "")
    return [
        (f"{spec.label}\n{spec.summary.to(language)}", spec.name)
        for spec in METHODS.values()
        if spec.name == current or (wider(group, spec.name) == group and not (card and why_not(spec, card)))
    ]


def methods_left_out(base_model: str | None) -> list[tuple[MethodSpec, str]]:
    """The methods that cannot train a listed model, each with the reason that the probe found."""
    card = MODELS.get(base_model or "")
    return [(spec, reason) for spec in METHODS.values() if card and (reason := why_not(spec, card))]


def tracker_choices(language: Language) -> list[tuple[str, str]]:
    """Where a run's numbers may go too; those that are not installed say so."""
    return [
        (label if is_installed(name) else t("monitoring_not_installed", language, name=label), name)
        for name, label in LABELS.items()
    ]

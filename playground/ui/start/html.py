"""A lesson of the Start tab as HTML: what it is about, how long it takes, and what its first use downloads."""

from __future__ import annotations

import html

from playground.catalog.models import MODELS, ModelCard
from playground.catalog.presets import Preset
from playground.numbers import byte_size, significant
from playground.texts import Language
from playground.ui.texts import t


def intro(presets: list[Preset], language: Language) -> str:
    missing = next((model for preset in presets if (model := _not_here(preset))), None)
    if missing is None:
        return t("start_intro", language)
    return t("start_intro_hub", language, model=missing.label, size=byte_size(missing.download_bytes, language))


def _not_here(preset: Preset) -> ModelCard | None:
    """The model of a preset where its first use downloads it."""
    model = MODELS[preset.values["base_model"]]
    return None if model.included else model


def lesson(preset: Preset, language: Language) -> str:
    chips = [t("start_minutes", language, minutes=significant(preset.minutes, 2, language))]
    if missing := _not_here(preset):
        chips.append(t("start_downloads", language, size=byte_size(missing.download_bytes, language)))
    shown = "".join(f'<span class="pp-chip">{html.escape(chip)}</span>' for chip in chips)
    parts = (("start_look_at", preset.look_at), ("start_try_next", preset.try_next))
    details = "".join(
        f"<dt>{html.escape(t(key, language))}</dt><dd>{html.escape(text.to(language))}</dd>" for key, text in parts
    )
    return (
        f'<div class="pp-lesson"><h3>{html.escape(preset.title.to(language))}'
        f"{shown}</h3>"
        f"<p>{html.escape(preset.summary.to(language))}</p><dl>{details}</dl></div>"
    )

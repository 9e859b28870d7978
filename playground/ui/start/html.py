"""A lesson of the Start tab as HTML: what it is about, how long it takes, and what its first use downloads."""

from __future__ import annotations

import html
from collections.abc import Sequence

from markupsafe import Markup

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


def lesson(preset: Preset, language: Language, before: Sequence[str] = ()) -> str:
    """Its card; card.js ticks it, and recommends it once all lessons `before` it are ticked."""
    chips = [t("start_minutes", language, minutes=significant(preset.lesson.minutes, 2, language))]
    if missing := _not_here(preset):
        chips.append(t("start_downloads", language, size=byte_size(missing.download_bytes, language)))
    marks = Markup('<span class="pp-chip pp-done" data-mark="done" hidden>✓ {}</span>').format(
        t("lesson_done", language)
    ) + Markup('<span class="pp-chip pp-recommended" data-mark="recommended"{}>{}</span>').format(
        Markup(" hidden") if before else "", t("lesson_recommended", language)
    )
    shown = Markup("").join(Markup('<span class="pp-chip">{}</span>').format(chip) for chip in chips)
    link = Markup('<a href="?lesson={}" title="{}">{}</a>').format(
        preset.name, t("lesson_link", language), preset.title.to(language)
    )
    return str(
        Markup(
            '<div class="pp-lesson" data-lesson="{}" data-before="{}"><h4>{}<span class="pp-chips">{}{}</span></h4>'
            "<p>{}</p></div>"
        ).format(preset.name, " ".join(before), link, marks, shown, preset.lesson.story.to(language))
    )


def group_heading(text: str) -> str:
    return f'<h3 class="pp-group">{html.escape(text)}</h3>'

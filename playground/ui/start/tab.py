"""The Start tab: one card a preset; a click trains it, or starts it if it is a race."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.catalog.models import MODELS, ModelCard
from playground.catalog.presets import Preset, list_presets
from playground.numbers import byte_size, significant
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.race import events as race_events
from playground.ui.race.tab import RaceTab
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train import fields
from playground.ui.train.live_view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

CARDS_IN_A_ROW = 2


@dataclass(frozen=True)
class Card:
    preset: Preset
    run: gr.Button
    fill: gr.Button  # hidden for a race, which has no place in the form of one run


@dataclass(frozen=True)
class StartTab:
    cards: list[Card]


def build(language: Language) -> StartTab:
    presets = list_presets()
    heading, words = html.escape(t("start_heading", language)), html.escape(intro(presets, language))
    gr.HTML(f'<div class="pp-intro"><h2>{heading}</h2><p>{words}</p></div>', padding=False)
    cards = []
    for first in range(0, len(presets), CARDS_IN_A_ROW):
        with gr.Row(equal_height=True):
            cards += [_card(preset, language) for preset in presets[first : first + CARDS_IN_A_ROW]]
    return StartTab(cards)


def intro(presets: list[Preset], language: Language) -> str:
    missing = next((model for preset in presets if (model := _not_here(preset))), None)
    if missing is None:
        return t("start_intro", language)
    return t("start_intro_hub", language, model=missing.label, size=byte_size(missing.download_bytes, language))


def _not_here(preset: Preset) -> ModelCard | None:
    """The model of a preset where its first use downloads it."""
    model = MODELS[preset.values["base_model"]]
    return None if model.included else model


def _card(preset: Preset, language: Language) -> Card:
    with gr.Column(min_width=320, elem_classes="pp-card"):
        gr.HTML(lesson(preset, language), padding=False)
        with gr.Row(elem_classes="pp-card-buttons"):
            label = t("start_race" if preset.is_race else "start_run", language)
            run = gr.Button(label, variant="primary", min_width=150, elem_id=f"pp-run-{preset.name}")
            fill = gr.Button(
                t("start_fill", language), min_width=150, elem_id=f"pp-fill-{preset.name}", visible=not preset.is_race
            )
    return Card(preset, run, fill)


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


def wire(
    tab: StartTab, playground: Playground, language: Language, shell: Shell, train: TrainTab, race: RaceTab
) -> None:
    outputs = [shell.watched, shell.tabs, train.views, train.filled_from, *train.form.components()]
    for card in tab.cards:
        if card.preset.is_race:
            start = _start_race(card.preset, playground, language)
            opened = card.run.click(
                start, None, [race.current, shell.tabs], trigger_mode="once", api_visibility="private"
            )
            race_events.show_on(opened.success, race, playground, language)
            continue
        started = card.run.click(
            _run(card.preset, playground, language, shell, train),
            train.form.dataset,
            outputs,
            trigger_mode="once",
            api_visibility="private",
        )
        started.success(None, js=SHOW_LIVE, api_visibility="private")
        card.fill.click(_fill(card.preset, shell, train), train.form.dataset, outputs, api_visibility="private")


def _run(
    preset: Preset, playground: Playground, language: Language, shell: Shell, train: TrainTab
) -> Callable[[str], dict[Any, Any]]:
    @shows_errors(language)
    def run(dataset: str) -> dict[Any, Any]:
        run_id = playground.start_run(playground.check(preset.values))
        return {
            **_filled(preset, train, dataset),
            shell.watched: run_id,
            shell.tabs: gr.Tabs(selected="train"),
            train.views: gr.Tabs(selected="live"),
        }

    return run


def _start_race(preset: Preset, playground: Playground, language: Language) -> Callable[[], tuple[Any, Any]]:
    @shows_errors(language)
    def start() -> tuple[Any, Any]:
        return playground.start_race(preset.values), gr.Tabs(selected="race")

    return start


def _fill(preset: Preset, shell: Shell, train: TrainTab) -> Callable[[str], dict[Any, Any]]:
    def fill(dataset: str) -> dict[Any, Any]:
        return {**_filled(preset, train, dataset), shell.tabs: gr.Tabs(selected="train")}

    return fill


def _filled(preset: Preset, train: TrainTab, dataset: str) -> dict[Any, Any]:
    return {**fields.fill_form(train.form, preset.values, dataset), train.filled_from: gr.HTML(visible=False)}

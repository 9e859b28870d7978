"""The Start tab: one card a preset; a click trains it, or starts it if it is a race."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from playground.catalog.presets import Preset, list_presets
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.parts.job import Shown
from playground.ui.race.tab import RaceTab
from playground.ui.shell import Shell
from playground.ui.start.html import intro, lesson
from playground.ui.texts import t
from playground.ui.train.live.view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

CARDS_IN_A_ROW = 2


class Card:
    """A preset. `fill` is hidden for a race, which has no place in the form of one run."""

    def __init__(self, preset: Preset, playground: Playground, language: Language) -> None:
        self.preset, self.playground, self.language = preset, playground, language
        with gr.Column(min_width=320, elem_classes="pp-card"):
            gr.HTML(lesson(preset, language), padding=False)
            with gr.Row(elem_classes="pp-card-buttons"):
                label = t("start_race" if preset.is_race else "start_run", language)
                self.run = gr.Button(label, variant="primary", min_width=150, elem_id=f"pp-run-{preset.name}")
                self.fill = gr.Button(
                    t("start_fill", language), min_width=150, elem_id=f"pp-fill-{preset.name}",
                    visible=not preset.is_race,
                )  # fmt: skip

    def lead(self, shell: Shell) -> None:
        self.shell, self.train, self.race = shell, shell.room(TrainTab), shell.room(RaceTab)
        errors, train, race = shows_errors(self.language), self.train, self.race
        private: dict[str, Any] = {"api_visibility": "private"}
        if self.preset.is_race:
            opened = self.run.click(
                errors(self.start_race), None, [race.current, shell.tabs], trigger_mode="once", **private
            )
            race.show_on(opened.success)
            return
        filled = [shell.tabs, train.form.filled_from, *train.form.filling]
        started = self.run.click(
            errors(self.train_now), train.form.dataset, [*filled, shell.watched, train.views],
            trigger_mode="once", **private,
        )  # fmt: skip
        started.success(None, js=SHOW_LIVE, **private)
        self.fill.click(self.fill_form, train.form.dataset, filled, **private)

    def start_race(self) -> Shown:
        return {
            self.race.current: self.playground.start_race(self.preset.values),
            self.shell.tabs: gr.Tabs(selected="race"),
        }

    def train_now(self, dataset: str) -> Shown:
        run_id = self.playground.start_run(self.playground.check(self.preset.values))
        return self.fill_form(dataset) | self.shell.watch(run_id) | {self.train.views: gr.Tabs(selected="live")}

    def fill_form(self, dataset: str) -> Shown:
        return {
            **self.train.form.fill(self.preset.values, dataset),
            self.train.form.filled_from: gr.HTML(visible=False),
            self.shell.tabs: gr.Tabs(selected="train"),
        }


class StartTab:
    def __init__(self, playground: Playground, language: Language) -> None:
        presets = list_presets()
        heading, words = escape(t("start_heading", language)), escape(intro(presets, language))
        gr.HTML(f'<div class="pp-intro"><h2>{heading}</h2><p>{words}</p></div>', padding=False)
        self.cards: list[Card] = []
        for first in range(0, len(presets), CARDS_IN_A_ROW):
            with gr.Row(equal_height=True):
                row = presets[first : first + CARDS_IN_A_ROW]
                self.cards += [Card(preset, playground, language) for preset in row]

    def connect(self, _: gr.Blocks, __: gr.Tab) -> None:
        """Nothing happens here but what leads to other tabs."""

    def lead(self, shell: Shell) -> None:
        for card in self.cards:
            card.lead(shell)

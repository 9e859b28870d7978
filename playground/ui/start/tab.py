"""The Start tab: one card a lesson, which asks for a guess; a click trains it, or starts it if it is a race."""

from __future__ import annotations

from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import gradio as gr

from playground.catalog.lessons.lesson import GROUPS
from playground.catalog.presets import Preset, list_presets
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.parts.job import Shown
from playground.ui.race.tab import RaceTab
from playground.ui.shell import Shell
from playground.ui.start.html import group_heading, intro, lesson
from playground.ui.texts import t
from playground.ui.train.live.view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

CARDS_IN_A_ROW = 2
CARD_JS = (Path(__file__).parents[1] / "lessons" / "card.js").read_text(encoding="utf-8")


class Card:
    """A preset. `guess` is a choice's number; `fill` is hidden for a race, which no form of one run could hold."""

    def __init__(self, preset: Preset, before: list[str], playground: Playground, language: Language) -> None:
        self.preset, self.playground, self.language = preset, playground, language
        question = preset.lesson.question
        with gr.Column(min_width=320, elem_classes="pp-card"):
            gr.HTML(lesson(preset, language, before), padding=False, js_on_load=CARD_JS)
            self.guess = gr.Radio(
                [(choice.text.to(language), place) for place, choice in enumerate(question.choices)],
                label=question.text.to(language), info=t("start_guess", language),
                elem_id=f"pp-guess-{preset.name}", elem_classes="pp-guess",
            )  # fmt: skip
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
        # gradio's page renews the progress of all that an event ever filled at each event that follows: with a whole
        # form's inputs every later keystroke would wait for that.
        private: dict[str, Any] = {"api_visibility": "private", "show_progress_on": []}
        if self.preset.is_race:
            opened = self.run.click(
                errors(self.start_race), self.guess, [race.current, shell.tabs], trigger_mode="once", **private
            )
            race.show_on(opened.success)
            return
        filled = [shell.tabs, train.form.filled_from, *train.form.filling]
        started = self.run.click(
            errors(self.train_now), [train.form.dataset, self.guess], [*filled, shell.watched, train.views],
            trigger_mode="once", **private,
        )  # fmt: skip
        started.success(None, js=SHOW_LIVE, **private)
        self.fill.click(self.fill_form, train.form.dataset, filled, **private)

    def start_race(self, guess: int | None) -> Shown:
        return {
            self.race.current: self.playground.take_lesson(self.preset.name, guess),
            self.shell.tabs: gr.Tabs(selected="race"),
        }

    def train_now(self, dataset: str, guess: int | None) -> Shown:
        run_id = self.playground.take_lesson(self.preset.name, guess)
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
        for group, lessons in groupby(presets, key=lambda preset: preset.lesson.group):
            gr.HTML(group_heading(GROUPS[group].to(language)), padding=False)
            self._lay_out(list(lessons), playground, language)

    def _lay_out(self, presets: list[Preset], playground: Playground, language: Language) -> None:
        for first in range(0, len(presets), CARDS_IN_A_ROW):
            with gr.Row(equal_height=True):
                for preset in presets[first : first + CARDS_IN_A_ROW]:
                    before = [card.preset.name for card in self.cards]
                    self.cards.append(Card(preset, before, playground, language))

    def connect(self, _: gr.Blocks, __: gr.Tab) -> None:
        """Nothing happens here but what leads to other tabs."""

    def lead(self, shell: Shell) -> None:
        for card in self.cards:
            card.lead(shell)

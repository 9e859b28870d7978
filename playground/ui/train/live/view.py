"""A run as it trains: curves, numbers and sample answers. live.js asks for what is new and shows it (news.py).

The page is only a reader: closing it changes nothing for the run, opening it again shows all of it.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.events import Dependency

from playground.errors import RunError
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import PAST_QUEUE, shows_errors
from playground.ui.lessons.measuring import LessonMeasuring
from playground.ui.lessons.panel import LessonPanel
from playground.ui.parts.job import Shown, stop_button, wire_stop
from playground.ui.parts.progress_bar import MOVE_BAR, bar_html
from playground.ui.runs.next_steps import NextSteps, possible
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.live.news import MAX_EVENTS, server_function

JS_FILE = Path(__file__).with_name("live.js")
PLOTLY = '<script src="../plotly.js"></script>'  # served by app.py; loaded once there is a run to show
FALLING_CURVE = (
    '<svg viewBox="0 0 180 90" fill="none" aria-hidden="true">'
    '<path d="M8 6V80H174" stroke="currentColor" opacity=".4"/>'
    '<path d="M14 12C34 58 52 66 84 70S150 73 172 74" stroke="#0d9488" stroke-width="3" stroke-linecap="round"/></svg>'
)
# On a phone the right side lies below the form: bring it into view, and keep it there while the form grows and shrinks
# with what was filled in, until the visitor does something.
SHOW_LIVE = """() => {
    if (window.innerWidth >= 900) return;
    const views = document.getElementById("pp-views");
    const form = new ResizeObserver(() => views.scrollIntoView());
    form.observe(document.querySelector(".pp-form"));
    const leave = () => form.disconnect();
    ["pointerdown", "wheel", "keydown"].forEach((name) => window.addEventListener(name, leave, { once: true }));
    setTimeout(leave, 30000);
}"""


# Where live.js writes, around what only gradio can draw. Nothing of a run is in here: the page never draws it again.
TEMPLATE = """
<div class="pp-live-news prose">
  <div data-part="status" class="pp-status">
    <div class="pp-status-line"><strong></strong><span></span></div>{bar}<div class="pp-status-text"></div>
  </div>
  <div data-part="result"></div>
</div>
@children
<div data-chart="loss"></div>
<div data-chart="change"></div>
<p class="pp-caption">{change_caption}</p>
<div data-chart="scores"></div>
<div class="prose">
  <h3 class="pp-heading">{samples_heading}</h3>
  <div data-part="samples" data-empty="{samples_empty}"></div>
  <div data-part="facts"></div>
</div>
<div class="pp-live-charts">
  <div data-chart="learning_rate"></div><div data-chart="speed"></div>
  <div data-chart="memory"></div><div data-chart="kl"></div>
  <div data-chart="rank"></div><div data-chart="ranks"></div>
</div>"""


class LiveView:
    """`run` shows the run whose id is its value, and asks for news of it as long as it can be seen."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.empty = gr.HTML(
            f'<div class="pp-empty pp-empty-big">{FALLING_CURVE}<p>{t("live_empty", language)}</p></div>'
        )
        texts = {key: html.escape(t(key, language)) for key in ("samples_heading", "samples_empty", "change_caption")}
        self.run = gr.HTML(
            "", html_template=TEMPLATE.format(bar=bar_html("", 0), **texts),
            js_on_load=MOVE_BAR + JS_FILE.read_text(encoding="utf-8"), head=PLOTLY,
            server_functions=[server_function(playground, language)],
            apply_default_css=False, visible=False, elem_classes="pp-live",
        )  # fmt: skip
        with self.run:
            self.stop = gr.Button(
                t("stop", language), variant="stop", scale=0, min_width=110, elem_classes="pp-stop"
            )  # fmt: skip
            with gr.Row():
                self.next = NextSteps(language, "live", visible=False)
            self.lesson = LessonPanel(language, "live")
            self.measuring = LessonMeasuring(playground, language, "live")
            gr.Radio(
                [(t("axis_step", language), "step"), (t("axis_time", language), "time")],
                value="step", label=t("runs_axis", language), show_label=False, container=False,
                interactive=True,  # live.js reads it: to gradio, no event does
                elem_classes="pp-axis",
            )  # fmt: skip
        self.shown: list[Block] = [
            self.empty, self.run, self.stop, *self.next.buttons, *self.lesson.shown, *self.measuring.shown
        ]  # fmt: skip

    def connect(self, page: gr.Blocks, shell: Shell) -> None:
        self.watched = shell.watched
        self.show_on(shell.watched.change)
        self.show_on(self.run.turned)  # live.js: it goes on, or no longer
        wire_stop(self.stop, self.playground.stop_run, shell.watched, t("stopping", self.language), self.language)
        self.next.connect(shell.watched, shell, self.playground)
        self.show_on(self.measuring.connect(page, shell.watched).success)
        again = self.lesson.again.click(
            shows_errors(self.language)(self.take_changed), shell.watched, shell.watched,
            trigger_mode="once", api_visibility="private",
        )  # fmt: skip
        again.success(None, js=SHOW_LIVE, api_visibility="private")

    def show_on(self, event: Callable[..., Dependency]) -> None:
        """Show the watched run whenever `event` happens."""
        event(self.show, self.watched, self.shown, trigger_mode="always_last", **PAST_QUEUE)

    def show(self, run_id: str | None) -> Shown:
        """A run, or that there is none."""
        try:
            progress = self.playground.progress(run_id, MAX_EVENTS) if run_id else None
            has_ended = progress is not None and progress.may_change and not progress.is_live
            infos = [self.playground.run_info(run_id)] if run_id and has_ended else []
            steps = possible(self.playground, infos)
            lesson = self.playground.lesson_of_run(run_id) if run_id else None
        except RunError:  # deleted, or an address from elsewhere: the page goes back to its empty state
            progress, steps, lesson = None, frozenset(), None
        goes_on = progress is not None and progress.is_live and progress.may_change
        return {
            self.empty: gr.HTML(visible=progress is None),
            self.run: gr.HTML(run_id if progress else "", visible=progress is not None),
            self.stop: stop_button(t("stop", self.language), visible=goes_on),
            **self.next.offered(steps),
            **self.lesson.show(lesson),
            **self.measuring.show(lesson),
        }

    def take_changed(self, run_id: str | None) -> Any:
        """The lesson's run once more, with the setting changed that it offers to change."""
        lesson = self.playground.lesson_of_run(run_id) if run_id else None
        return (self.playground.take_changed(lesson.preset) if lesson else None) or gr.skip()
